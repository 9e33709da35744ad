"""Updates of a pipeline: as the workspace runs them, or in the process of a test, which takes less time."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pyspark import pipelines
from pyspark.pipelines import block_session_mutations
from pyspark.pipelines.graph_element_registry import graph_element_registration_context
from pyspark.sql.connect.client.core import SparkConnectClient
from pyspark.sql.connect.readwriter import DataFrameReader
from pyspark.sql.connect.session import SparkSession as ConnectSession
from pyspark.sql.connect.streaming.readwriter import DataStreamReader

from local.pipeline import databricks
from local.pipeline.definitions import Definitions
from local.pipeline.materialization import Materialization

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from tests.local.spark.conftest import Local

Define = Callable[[Any], None]
# What a pipeline replaces in Spark's client, in a process of its own.
PATCHED: list[tuple[Any, str]] = [
    *((reader, "table") for reader in (DataFrameReader, ConnectSession, DataStreamReader)),
    (ConnectSession, "sql"),
    (DataStreamReader, "load"),
    *((SparkConnectClient, name) for name in ("_analyze", "_execute", "_execute_and_fetch")),
    (SparkConnectClient, "_execute_and_fetch_as_iterator"),
    *((each["class"], each["method"]) for each in block_session_mutations.BLOCKED_METHODS),
]


@dataclass
class Update:
    """What an update wrote and reported."""

    tables: list[dict[str, Any]] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    details: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def report(self, text: str, level: str = "INFO", details: dict[str, Any] | None = None) -> None:
        """Receive an event."""
        self.messages.append(text)
        if details:
            self.details.append((text, details))


@contextmanager
def updates(spark: "SparkSession", catalog: str, storage: Path) -> Iterator[Callable[..., Update]]:
    """A function that runs an update with the datasets that functions and SQL define.

    With names of datasets, it refreshes only these, from the beginning.
    """

    def update(sources: Sequence[Define | str], full_refresh: Sequence[str] = ()) -> Update:
        with pytest.MonkeyPatch.context() as patched:
            for owner, name in PATCHED:
                patched.setattr(owner, name, getattr(owner, name))
            for name, value in vars(pipelines).items():
                patched.setattr(pipelines, name, value)
            return _update(spark, catalog, storage, sources, list(full_refresh))

    yield update


def _update(
    spark: "SparkSession",
    catalog: str,
    storage: Path,
    sources: Sequence[Define | str],
    refreshed: list[str],
) -> Update:
    definitions, update = Definitions(spark), Update()
    materialization = Materialization(
        spark, definitions, catalog, "s", storage, refreshed, refreshed, update.report, update.tables
    )
    databricks.install(spark, materialization)
    with graph_element_registration_context(definitions):
        for source in sources:
            if isinstance(source, str):
                definitions.register_sql(source, Path("/Shared/q.sql"))
            else:
                source(pipelines)
    materialization.all()
    return update


def run_process(local: "Local", folder: Path, **spec: Any) -> dict[str, Any]:
    """Run an update in a process of its own, as the workspace does; return its result.

    Args:
        local: the workspace with Spark.
        folder: the folder of the update's files, and the root of the workspace.
        spec: `catalog`, `configuration` and `sources`, and what differs from the defaults.
    """
    whole = {
        "schema": "s",
        "import_paths": [],
        "storage": str(folder / "storage"),
        "full_refresh": False,
        "refresh": [],
        "workspace_files": str(folder),
        "events": str(folder / "events"),
        "result": str(folder / "result.json"),
        **spec,
    }
    (folder / "events").write_text("")
    (folder / "spec.json").write_text(json.dumps(whole))
    assert local.run("local.pipeline", folder / "spec.json", folder) is not None
    result: dict[str, Any] = json.loads((folder / "result.json").read_text())
    return result
