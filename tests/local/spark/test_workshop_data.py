"""The workshop's data in the local workspace, with real volumes and real Spark."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from local.training_data import TABLE, load_trips
from mesh.datasets import crimes_sample, taxi_sample
from mesh.workshop.course.databricks import connect
from mesh.workshop.data.course_data import build_course_data
from mesh.workshop.data.load import DataLoader
from mesh.workshop.data.progress_output import LineOutput
from mesh.workshop.data.public_files import read_folder
from mesh.workshop.data.spark import SparkEngine
from mesh.workshop.data.workspace import WorkspaceTarget

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tests.local.spark.conftest import Local

API = "/api/2.1/unity-catalog"


@pytest.fixture
def place(local: "Local") -> Iterator[WorkspaceTarget]:
    """The workspace with the objects of a deployed class; another test may have created the catalog."""
    client = connect(host=local.status.url, token=local.status.token, auth_type="pat")
    if "training" not in {entry.name for entry in client.catalogs.list()}:
        local.call("POST", f"{API}/catalogs", {"name": "training"})
    existing = {entry.name for entry in client.schemas.list("training")}
    for schema in {"data", "taxinyc_trips"} - existing:
        local.call("POST", f"{API}/schemas", {"name": schema, "catalog_name": "training"})
    for volume in ("nyctaxi", "crimes"):
        names = {"catalog_name": "training", "schema_name": "data", "name": volume}
        local.call("POST", f"{API}/volumes", {**names, "volume_type": "MANAGED"})
    engine = SparkEngine(local.home, local.status, lambda name: client.volumes.read(name).as_dict())
    yield WorkspaceTarget(client, engine)
    engine.stop()


def test_published_files_become_tables_once(
    place: WorkspaceTarget, local: "Local", spark: "SparkSession", tmp_path: Path
) -> None:
    """The trips have the rows and columns of `mesh local data load`."""
    folder, lines = tmp_path / "published", list[str]()
    folder.mkdir()
    trips = folder / "trips 1.csv"
    taxi_sample.write_sample(trips, trips=200)
    named = folder / "named.csv"
    named.write_text("pickup,total,pickup_borough,payment\n2019-03-01 10:00:00,12.50,Queens,cash\n")
    (folder / "crimes.csv").write_bytes(crimes_sample.year_file(2019, reports=100))
    course_data = build_course_data(public_files=read_folder(folder))

    for _ in range(2):
        DataLoader(place, LineOutput(lines.append)).load(course_data)

    assert [line for line in lines[:9] if "up to date" in line] == []
    assert [line for line in lines[9:] if not line.endswith(": up to date")] == []
    assert len(lines) == 18
    [queens] = [entry.asDict() for entry in spark.table(TABLE).where("vendor_id IS NULL").collect()]
    assert (
        queens["pickup_borough"],
        queens["total_amount"],
        queens["payment_type"],
        queens["trip_month"],
    ) == (
        "Queens",
        Decimal("12.50"),
        2,
        "03",
    )
    curated = spark.table(TABLE).where("vendor_id IS NOT NULL")
    schema, rows = curated.schema, sorted(map(str, curated.collect()))
    load_trips(local.status, trips, print)
    assert spark.table(TABLE).schema == schema
    assert sorted(map(str, spark.table(TABLE).collect())) == rows
    first = spark.table("training.data.crimes").where("id = 11000000").collect()[0].asDict()
    assert _typed(first) == {
        "date": datetime,
        "district": str,
        "arrest": bool,
        "latitude": float,
        "ward": int,
        "x_coordinate": int,
    }
    assert spark.table("training.data.taxi_zones").count() == 265
    # A table that another command has written since is not up to date.
    assert [place.engine.source(entry.name) == entry.source for entry in course_data.tables] == [
        True,
        True,
        False,
        True,
    ]


def _typed(row: dict[str, Any]) -> dict[str, type]:
    columns = ("date", "district", "arrest", "latitude", "ward", "x_coordinate")
    return {name: type(row[name]) for name in columns}
