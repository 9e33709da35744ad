"""The four notebooks of the revenue flow on the sample, against figures computed without Spark."""

import csv
import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from local.training_data import TABLE, load_trips
from mesh.datasets import taxi_sample
from mesh.deployment.table_verifier import Violated, verify
from mesh.documents.document import Document
from mesh.files.files import Files
from mesh.model.contract import contract
from mesh.model.contract_rules import contract_rules
from mesh.model.quality import flow_quality
from tests.support.reference_revenue import FLOW, REPOSITORY, ZONES, expected

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tests.local.spark.conftest import Local

NOTEBOOKS = ("revenue_by_borough", "revenue_by_tripmonth", "borough_population", "revenue_per_inhabitant")


def run(
    local: "Local", notebook: str, catalog: str, folder: Path, flow: Path = FLOW, **parameters: str
) -> dict[str, Any]:
    """Run a notebook of a flow as the workspace does, and return its result."""
    shutil.copytree(FLOW.parents[2] / "libs", folder / "libs", dirs_exist_ok=True)
    spec = folder / f"{notebook}.json"
    spec.write_text(
        json.dumps(
            {
                "notebook": str(flow / f"{notebook}.py"),
                "workspace_path": f"/Shared/{notebook}",
                "workspace_files": str(folder),
                "parameters": {"catalog": catalog, "schema": "s", "libs": "/Workspace/libs", **parameters},
                "result": str(folder / f"{notebook}.result.json"),
            }
        )
    )
    assert local.run("local.notebook", spec, flow) == 0
    result: dict[str, Any] = json.loads((folder / f"{notebook}.result.json").read_text())
    return result


def without_trips_of(borough: str, file: Path) -> None:
    """Writes the sample without the trips that begin in a borough."""
    taxi_sample.write_sample(file)
    with ZONES.open(encoding="utf-8", newline="") as zones:
        idle = {one["location_id"] for one in csv.DictReader(zones) if one["borough"] == borough}
    with file.open(encoding="utf-8", newline="") as sample:
        first, *trips = csv.reader(sample)
    with file.open("w", encoding="utf-8", newline="") as less:
        zone = first.index("PULocationID")
        csv.writer(less).writerows([first, *(trip for trip in trips if trip[zone] not in idle)])


def test_the_notebooks_and_plain_python_compute_equal_results(
    local: "Local", spark: "SparkSession", tmp_path: Path
) -> None:
    """One borough has no trips, as in real trips, which are computed end to end (tests/system)."""
    file = tmp_path / "sample.csv"
    without_trips_of("Staten Island", file)
    catalog = local.catalog("revenue")
    load_trips(local.status, file, print)
    expected_rows = expected(file)
    for notebook in NOTEBOOKS:
        result = run(local, notebook, catalog, tmp_path)
        assert result["tables"] == [{"name": f"{catalog}.s.{notebook}", "rows": len(expected_rows[notebook])}]
    for table, rows in expected_rows.items():
        actual = [row.asDict() for row in spark.table(f"{catalog}.s.{table}").collect()]
        assert sorted(actual, key=str) == sorted(rows, key=str)
    schemas, lines = {"": f"`{catalog}`.`s`"}, list[str]()
    verify(spark, promised(), schemas, lines.append)
    assert lines[-1] == "rules: 9 tested, 0 violated, 0 warned of"
    verify(spark, good(), schemas, lines.append)
    idle = [row for row in expected_rows["revenue_per_inhabitant"] if not row["amount"] > 0]
    assert len(idle) == 1
    assert lines[-1] == "rules: 5 tested, 0 violated, 1 warned of"
    assert spark.table(f"{catalog}.s.revenue_per_inhabitant_quarantine").count() == 1
    planted = "revenue_by_borough: amount: type is decimal(18,2) instead of double"
    with pytest.raises(Violated, match=re.escape(planted)):
        verify(spark, promised({"decimal(18,2)": "double"}), schemas, lines.append)


def good() -> dict[str, Any]:
    """The rules of the flow's quality.yml."""
    found, _ = flow_quality(FLOW.relative_to(REPOSITORY).as_posix(), ("revenue",), Files(REPOSITORY))
    assert found
    return {"title": "quality", "tables": [one.settings for one in found.table_rules]}


def promised(mistakes: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The rules of the flow's contract, with a mistake where one is planted."""
    text = (FLOW / "contracts/revenue.yaml").read_text(encoding="utf-8")
    for right, wrong in (mistakes or {}).items():
        text = text.replace(right, wrong)
    found, _ = contract(Document("revenue.yaml", yaml.safe_load(text)))
    assert found
    return {"title": f"contract {found.title}", "tables": [one.settings for one in contract_rules(found)]}


def test_trips_are_loaded_once_until_they_are_changed_by_hand(
    local: "Local", spark: "SparkSession", tmp_path: Path
) -> None:
    file, lines = tmp_path / "sample.csv", list[str]()
    taxi_sample.write_sample(file, trips=20)
    for _ in range(2):
        load_trips(local.status, file, lines.append)
    assert lines[0] == lines[2] == f"loading {file}"
    assert lines[1].startswith(f"{TABLE}: 20 trips from {file} (")
    assert lines[3] == f"{TABLE}: already has the 20 trips from {file}"
    spark.sql(f"delete from {TABLE}").collect()
    load_trips(local.status, file, lines.append)
    assert "already has" not in lines[-1]
    assert spark.table(TABLE).count() == 20


def test_files_of_the_tlc_are_read_as_parquet(local: "Local", spark: "SparkSession", tmp_path: Path) -> None:
    text = tmp_path / "sample.csv"
    taxi_sample.write_sample(text, trips=50)
    folder = tmp_path / "parquet"
    spark.read.csv(f"file://{text}", header=True, inferSchema=True).coalesce(1).write.format("parquet").save(
        f"{folder}"
    )
    (parquet,) = folder.glob("*.parquet")
    load_trips(local.status, text, print)
    by_text = sorted(map(str, spark.table(TABLE).collect()))
    load_trips(local.status, parquet, print)
    assert sorted(map(str, spark.table(TABLE).collect())) == by_text


def test_a_file_without_trips_is_refused_with_its_missing_columns(local: "Local", tmp_path: Path) -> None:
    from mesh.errors import OutsideError

    file = tmp_path / "other.csv"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(
        OutsideError,
        match=r"is not a supported file of taxi trips: .* no total_amount or total.* \(its columns: a, b\)",
    ):
        load_trips(local.status, file, print)
