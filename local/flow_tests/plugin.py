"""The fixtures of the tests of flows, as a plugin of pytest."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from local.flow_tests import comparison, specification, table_file
from local.flow_tests.own_schema import OwnSchema, Workspace
from local.flow_tests.tasks import TaskRunner
from local.notebook import imports
from local.notebook.session import connect

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# A few rows: one partition and no code that is compiled for each query take the least time. The statistics of
# files and the checksums of commits take more time than they save.
_FEW_ROWS = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.databricks.delta.stats.collect": "false",
    "spark.databricks.delta.stats.skipping": "false",
    "spark.databricks.delta.writeChecksumFile.enabled": "false",
}
Expected = Any  # a data frame, a list of rows, or the name of a file beside the test


@pytest.fixture(scope="session")
def flow_tests() -> specification.Specification:
    """The flows with tests, and their tasks."""
    return specification.read(Path(os.environ[specification.VARIABLE]))


@pytest.fixture(scope="session")
def spark(flow_tests: specification.Specification) -> Iterator["SparkSession"]:
    """A session on the Spark of the local workspace, shared by all tests of this run."""
    session = connect()
    for name, value in _FEW_ROWS.items():
        session.conf.set(name, value)
    imports.install(flow_tests.root, imports.to_workers(session))
    yield session
    session.stop()


@pytest.fixture(scope="session")
def mesh_workspace() -> Workspace:
    """The local workspace, without what earlier runs left that were killed."""
    found = Workspace(os.environ["DATABRICKS_HOST"], os.environ["DATABRICKS_TOKEN"])
    found.drop_abandoned()
    return found


@pytest.fixture
def schema(
    request: pytest.FixtureRequest, flow_tests: specification.Specification, mesh_workspace: Workspace
) -> Iterator[OwnSchema]:
    """A schema of the test, dropped after it: `schema.table("x")` is the full name of a table in it."""
    own = mesh_workspace.create(flow_tests.flow_of(request.path).path.rpartition("/")[2])
    try:
        yield own
    finally:
        mesh_workspace.drop(own)


@pytest.fixture
def views() -> dict[str, str]:
    """The views that stand in for tables of the test's schema, by the tables' full names."""
    return {}


@pytest.fixture
def tables(
    request: pytest.FixtureRequest, schema: OwnSchema, spark: "SparkSession", views: dict[str, str]
) -> Callable[..., str]:
    """Makes a table of a CSV or YAML file beside the test, and returns its name.

    Tasks read it as a table of their schema. It is a view of the rows, which takes no time to write;
    with `stored=True` it is a table, which a task may change and which other sessions find.
    """

    def load(file: str, name: str = "", *, stored: bool = False) -> str:
        path = request.path.parent / file
        full_name = schema.table(name or path.stem)
        frame = table_file.data_frame(table_file.read(path), spark)
        if stored:
            frame.write.saveAsTable(full_name)
            return full_name
        view = f"{schema.name}_{len(views)}"
        frame.createOrReplaceTempView(view)
        views[full_name] = view
        return view

    return load


@pytest.fixture
def run_task(
    request: pytest.FixtureRequest,
    flow_tests: specification.Specification,
    schema: OwnSchema,
    spark: "SparkSession",
    views: dict[str, str],
) -> TaskRunner:
    """Runs a task of the flow with the test's schema as its own: `run_task("revenue", day="2026-01-01")`."""
    return TaskRunner(flow_tests.flow_of(request.path), flow_tests.root, schema, spark, views)


@pytest.fixture
def assert_table(
    request: pytest.FixtureRequest, schema: OwnSchema, spark: "SparkSession", views: dict[str, str]
) -> Callable[..., None]:
    """Compares a table with rows, with a data frame, or with a CSV or YAML file beside the test."""

    def check(
        actual: "str | DataFrame", expected: Expected, *, key: str | Sequence[str] = (), ordered: bool = False
    ) -> None:
        __tracebackhide__ = True
        if isinstance(actual, str):
            is_full = "." in actual or actual in views.values()
            actual_frame = spark.table(actual if is_full else schema.table(actual))
        else:
            actual_frame = actual
        rows = _rows(expected, request.path.parent, spark)
        names = [key] if isinstance(key, str) else key
        told = comparison.difference(_collected(actual_frame), rows, key=names, ordered=ordered)
        if told:
            what = actual if isinstance(actual, str) else "the data frame"
            pytest.fail(f"{what} differs from what is expected: {told}", pytrace=False)

    return check


def _rows(expected: Expected, folder: Path, spark: "SparkSession") -> comparison.Rows:
    if isinstance(expected, str | Path):
        return _collected(table_file.data_frame(table_file.read(folder / expected), spark))
    if isinstance(expected, Sequence):
        if not expected:
            raise ValueError("an empty list has no columns (compare the number of rows, or give a file)")
        if all(isinstance(row, Mapping) for row in expected):
            names = list(dict.fromkeys(name for row in expected for name in row))
            return comparison.Rows(names, [[row.get(name) for name in names] for row in expected])
    return _collected(expected)


def _collected(frame: "DataFrame") -> comparison.Rows:
    return comparison.Rows(frame.columns, [tuple(row) for row in frame.collect()])
