"""What a run of the flows touches, by Spark's own plans, is the lineage that was read from their code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from local.training_data import load_trips
from mesh.datasets import taxi_sample
from mesh.lineage.code_reader import CodeReader, SourceFiles
from mesh.lineage.session import Session, Surroundings
from mesh.lineage.table import Table
from mesh.model.notebook import cells, python_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tests.local.spark.conftest import Local

ROOT = Path(__file__).resolve().parents[3]
TAXIS = "orgs/acme/domains/transport/projects/taxinyc"
PRICES = "orgs/nordlys/domains/energy/projects/prices/flows/prep/prices"
# In an order in which each finds what it reads
NOTEBOOKS = (
    f"{TAXIS}/flows/prep/revenue/revenue_by_borough.py",
    f"{TAXIS}/flows/prep/revenue/revenue_by_tripmonth.py",
    f"{TAXIS}/flows/prep/revenue/borough_population.py",
    f"{TAXIS}/flows/prep/revenue/revenue_per_inhabitant.py",
    f"{TAXIS}/flows/ml/taximodel/training/trip_features.py",
    f"{PRICES}/hourly_prices.py",
    f"{PRICES}/daily_prices.py",
)
_SCAN = re.compile(r"FileScan parquet ([\w.`-]+)\[([^\]]*)\]")

Touched = dict[str, list[str]]


def scanned(writer: Any) -> Touched:
    """The columns of each table that Spark's plan of written rows scans."""
    from pyspark.sql.connect.dataframe import DataFrame

    frame: Any = DataFrame(writer._df, writer._spark)
    plan = frame._explain_string()
    found: dict[str, set[str]] = {}
    for table, columns in _SCAN.findall(plan):
        names = (name.partition("#")[0] for name in columns.split(",") if name)
        found.setdefault(table.replace("`", "").removeprefix("spark_catalog."), set()).update(names)
    return {table: sorted(names) for table, names in found.items()}


def run(
    file: str, spark: SparkSession, parameters: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> dict[str, Touched]:
    """Runs a notebook; returns what was scanned for each table that it wrote."""
    from pyspark.sql.connect.readwriter import DataFrameWriter

    save, written = DataFrameWriter.saveAsTable, dict[str, Touched]()

    def save_and_note(writer: Any, name: str, *rest: Any, **more: Any) -> None:
        written[name.replace("`", "")] = scanned(writer)
        save(writer, name, *rest, **more)

    names = {
        "spark": spark,
        "dbutils": SimpleNamespace(widgets=SimpleNamespace(get=parameters.__getitem__)),
        "display": lambda _: None,
    }
    with monkeypatch.context() as patched:
        patched.setattr(DataFrameWriter, "saveAsTable", save_and_note)
        patched.chdir((ROOT / file).parent)
        for cell in cells((ROOT / file).read_text(encoding="utf-8"), ".py"):
            exec(compile(python_of(cell), file, "exec"), names)
    return written


def from_code(
    file: str, parameters: Mapping[str, str], known: dict[Table, tuple[str, ...]]
) -> dict[str, Touched]:
    """The columns of each table that the code needs for each table that it writes."""
    session = Session(Surroundings(parameters), known.get)
    CodeReader(session, SourceFiles(ROOT), [f"{TAXIS}/libs"]).read(file)
    assert list(session.gaps) == []
    found: dict[str, Touched] = {}
    for write in session.writes:
        known[write.table] = tuple(write.relation.columns)
        needed = found.setdefault(str(write.table), {})
        for column in sorted(write.relation.read):
            needed.setdefault(str(column.table), []).append(column.name)
    return found


def test_a_run_touches_the_tables_and_columns_of_the_lineage(
    local: Local, spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "sample.csv"
    taxi_sample.write_sample(file)
    load_trips(local.status, file, print)
    catalog = local.catalog("lineage")
    parameters = {"catalog": catalog, "schema": "s", "libs": str(ROOT / TAXIS / "libs")}
    known: dict[Table, tuple[str, ...]] = {}

    for notebook in NOTEBOOKS:
        assert from_code(notebook, parameters, known) == run(notebook, spark, parameters, monkeypatch), (
            notebook
        )
