"""prep/dltrevenue and ml/taximodel on real trips, some of them bad, against figures computed without Spark."""

import csv
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from local.training_data import load_trips
from mesh.datasets import taxi_sample
from tests.local.spark.pipeline_updates import run_process
from tests.local.spark.test_revenue_flow import run
from tests.support import reference_revenue, reference_taximodel

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tests.local.spark.conftest import Local

TAXIS = Path(__file__).parents[4] / "shared/data/taxis.csv"
FLOWS = reference_revenue.FLOW.parents[1]
MODEL = FLOWS / "ml/taximodel"
WITHOUT_AMOUNT, PAID_BACK = 3, 2


@pytest.fixture(scope="module")
def trips(local: "Local", tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The trips that are loaded, of which some are bad, and those of them that have an amount."""
    folder = tmp_path_factory.mktemp("trips")
    source = folder / "sample.csv"
    taxi_sample.write_sample(source)
    if TAXIS.exists():
        source = TAXIS
    with source.open(encoding="utf-8", newline="") as stream:
        good = list(csv.DictReader(stream))
    total, fare = ("total", "fare") if "total" in good[0] else ("total_amount", "fare_amount")
    paid_back = [{**good[0], total: "-7.5", fare: "-7"}] * PAID_BACK
    bad = [{**good[1], total: "", fare: "-1"}] * WITHOUT_AMOUNT
    files = folder / "trips.csv", folder / "with_amount.csv"
    for file, rows in zip(files, ([*good, *paid_back, *bad], [*good, *paid_back]), strict=True):
        with file.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(good[0]))
            writer.writeheader()
            writer.writerows(rows)
    load_trips(local.status, files[0], print)
    return files


def test_the_pipeline_drops_and_counts_bad_trips_and_sums_the_others(
    local: "Local", spark: "SparkSession", tmp_path: Path, trips: tuple[Path, Path]
) -> None:
    catalog = local.catalog("dltrevenue")
    shutil.copytree(FLOWS.parent / "libs", tmp_path / "libs")
    sources = [
        {"file": str(FLOWS / f"prep/dltrevenue/{name}.py"), "path": f"/Shared/{name}"}
        for name in ("checked_trips", "revenue")
    ]
    result = run_process(
        local, tmp_path, catalog=catalog, configuration={"libs": "/Workspace/libs"}, sources=sources
    )

    assert result["error"] is None, result["error_trace"]
    [checked] = [each for each in result["tables"] if each["name"].endswith("checked_trips")]
    assert {each["name"]: each["failed_records"] for each in checked["expectations"]} == {
        "has an amount": WITHOUT_AMOUNT,
        "was not paid back": WITHOUT_AMOUNT + PAID_BACK,
    }
    with trips[1].open(encoding="utf-8") as stream:
        assert checked["rows"] == sum(1 for _ in csv.DictReader(stream))
    expected = reference_revenue.expected(trips[1])
    for table in ("revenue_by_borough", "revenue_by_tripmonth"):
        actual = [row.asDict() for row in spark.table(f"{catalog}.s.{table}").collect()]
        assert sorted(actual, key=str) == sorted(expected[table], key=str), table


def test_the_fare_model_of_real_trips_equals_the_one_computed_without_spark(
    local: "Local", spark: "SparkSession", tmp_path: Path, trips: tuple[Path, Path]
) -> None:
    catalog = local.catalog("taximodel")
    for notebook in (
        MODEL / "training/trip_features",
        MODEL / "training/train",
        MODEL / "validation/validate",
    ):
        run(local, notebook.name, catalog, tmp_path, notebook.parent, experiment="/Shared/taxifare")

    wanted = reference_taximodel.expected(trips[0])
    rows = spark.table(f"{catalog}.s.model_coefficients").collect()
    assert {row.feature: row.coefficient for row in rows} == pytest.approx(wanted.coefficients, abs=1e-6)
    [validation] = spark.table(f"{catalog}.s.validation").collect()
    assert validation.asDict() == pytest.approx(wanted.validation, abs=1e-6)
