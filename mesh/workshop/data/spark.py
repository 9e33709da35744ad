"""Runs SQL on the Spark server of the local workspace."""

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
    """A Spark session, opened for the first statement.

    Args:
        home: the folder of the local workspace, with the volumes' files.
        status: the status of the local workspace, with Spark's address.
        volume: returns the workspace's description of a volume, by full name.

    Raises:
        OutsideError: on use, if Spark is not running or a statement fails.
    """

    def __init__(self, home: Home, status: Status, volume: Callable[[str], Json]) -> None:
        self._home = home
        self._volume = volume
        self._status = status
        self._session: SparkSession | None = None
        self._views = 0

    def source(self, table: str) -> str | None:
        """The SOURCE_PROPERTY of a table; None if there is no table, or if it was written to later."""
        if not self._spark().catalog.tableExists(table):
            return None
        last = self._spark().sql(f"DESCRIBE HISTORY {table} LIMIT 1").first()
        properties = json.loads(last["operationParameters"].get("properties", "{}")) if last else {}
        source = properties.get(SOURCE_PROPERTY)
        return str(source) if source else None

    def relation(self, path: str, *, parquet: bool) -> str:
        """A temporary view of a file in a volume."""
        spark, file = self._spark(), f"file://{self._disk_path(path)}"
        frame = spark.read.parquet(file) if parquet else spark.read.csv(file, header=True, escape='"')
        self._views += 1
        frame.createOrReplaceTempView(f"part_{self._views}")
        return f"part_{self._views}"

    def run(self, statement: str) -> list[tuple[object, ...]]:
        """Runs one statement and returns its rows."""
        from pyspark.errors import PySparkException

        try:
            return [tuple(row) for row in self._spark().sql(statement).collect()]
        except PySparkException as error:
            raise OutsideError(f"Spark failed: {str(error).strip()}\nin {statement[:200]}") from error

    def stop(self) -> None:
        """Closes the session, if one is open."""
        if self._session is not None:
            self._session.stop()
            self._session = None

    def _disk_path(self, path: str) -> Path:
        from local.workspace.unity_catalog import (
            volumes,  # slow to import, so only where it is needed
        )

        catalog, schema, name, *below = path.removeprefix("/Volumes/").split("/")
        info = self._volume(f"{catalog}.{schema}.{name}")
        return volumes.folder(self._home, info).joinpath(*below)

    def _spark(self) -> "SparkSession":
        if self._session is None:
            if self._status.spark_remote is None:
                raise OutsideError("Spark is not up: start it with `mesh local up`")
            self._session = connect(self._status.spark_remote)
        return self._session
