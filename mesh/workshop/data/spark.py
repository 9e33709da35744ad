"""SQL on the local workspace's Spark, for tables that are made from files in volumes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local.home import Home, Status
from local.spark.client import connect
from mesh.errors import OutsideError
from mesh.workshop.data.tables import SOURCE_PROPERTY

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Json = dict[str, Any]


class SparkEngine:
    """Spark, asked when the first statement comes.

    Args:
        home: where the volumes' files are.
        status: where Spark is.
        volume: what the workspace says of a volume, by its full name.

    Raises:
        OutsideError: on use, when Spark is not up, or a statement fails.
    """

    def __init__(self, home: Home, status: Status, volume: Callable[[str], Json]) -> None:
        self._home = home
        self._volume = volume
        self._status = status
        self._session: SparkSession | None = None
        self._views = 0

    def source(self, table: str) -> str | None:
        """The source of a table; None where there is none, or somebody wrote to it since."""
        if not self._spark().catalog.tableExists(table):
            return None
        last = self._spark().sql(f"DESCRIBE HISTORY {table} LIMIT 1").first()
        properties = json.loads(last["operationParameters"].get("properties", "{}")) if last else {}
        found = properties.get(SOURCE_PROPERTY)
        return str(found) if found else None

    def relation(self, path: str, *, parquet: bool) -> str:
        """A view of a file of a volume."""
        spark, file = self._spark(), f"file://{self._on_disk(path)}"
        frame = spark.read.parquet(file) if parquet else spark.read.csv(file, header=True, escape='"')
        self._views += 1
        frame.createOrReplaceTempView(f"part_{self._views}")
        return f"part_{self._views}"

    def run(self, statement: str) -> list[tuple[object, ...]]:
        """Run one statement and return its rows."""
        from pyspark.errors import PySparkException

        try:
            return [tuple(row) for row in self._spark().sql(statement).collect()]
        except PySparkException as error:
            raise OutsideError(f"Spark refuses: {str(error).strip()}\nin {statement[:200]}") from error

    def stop(self) -> None:
        """Give the session back, if there is one."""
        if self._session is not None:
            self._session.stop()
            self._session = None

    def _on_disk(self, path: str) -> Path:
        from local.workspace.unity_catalog import (
            volumes,  # takes as long to load as all else of a second load together
        )

        catalog, schema, name, *below = path.removeprefix("/Volumes/").split("/")
        found = self._volume(f"{catalog}.{schema}.{name}")
        return volumes.folder(self._home, found).joinpath(*below)

    def _spark(self) -> "SparkSession":
        if self._session is None:
            if self._status.spark_remote is None:
                raise OutsideError("Spark is not up: start it with `mesh local up`")
            self._session = connect(self._status.spark_remote)
        return self._session
