"""The workspace that data is loaded into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mesh.terraform.workspace_client import Limits
from mesh.workshop.course.databricks import connect
from mesh.workshop.data.tables import SqlEngine
from mesh.workshop.data.volume_files import DatabricksVolume, VolumeFiles, call_while_loading
from mesh.workshop.data.warehouse import WarehouseEngine
from mesh.workshop.workshop import Workshop

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

_LIMITS = Limits(response=120, retries=120)  # a response also follows a large upload


@dataclass(frozen=True)
class WorkspaceTarget:
    """A workspace with a SQL engine.

    Args:
        client: the workspace client.
        engine: creates the tables.
    """

    client: WorkspaceClient
    engine: SqlEngine

    def missing(self, volumes: Mapping[str, object], schemas: frozenset[str]) -> list[str]:
        """Names the missing volumes and schemas."""
        names = {path: path.removeprefix("/Volumes/").replace("/", ".") for path in volumes}
        return [
            *(f"schema {name}" for name in sorted(schemas) if not self._has_schema(name)),
            *(f"volume {name}" for name in names.values() if not self._has_volume(name)),
        ]

    def volume(self, path: str) -> VolumeFiles:
        """The files of a volume."""
        return DatabricksVolume(self.client, path)

    def table(self, name: str) -> bool:
        """True if there is a table with this full name."""
        return bool(call_while_loading(lambda: self.client.tables.exists(name).table_exists, missing=False))

    def _has_schema(self, name: str) -> bool:
        return call_while_loading(lambda: self.client.schemas.get(name), missing=None) is not None

    def _has_volume(self, name: str) -> bool:
        return call_while_loading(lambda: self.client.volumes.read(name), missing=None) is not None


@contextmanager
def connect_target(workshop: Workshop, root: Path) -> Iterator[WorkspaceTarget]:
    """Connects to the workspace of a workshop.

    Args:
        workshop: the workshop.
        root: the mesh's root, which may have a local workspace.

    Raises:
        OutsideError: the workspace does not answer, the login is not configured, or the local workspace is
            not running.
    """
    if not workshop.embedded:
        client = connect(_LIMITS, **({"host": workshop.workspace} if workshop.workspace else {}))
        yield WorkspaceTarget(client, WarehouseEngine(client, workshop.warehouse_name))
        return
    from local.home import Home, running_status
    from mesh.workshop.data.spark import SparkEngine

    home = Home(root)
    status = running_status(home)
    # the local workspace accepts files of any size in one request
    one_request = {"disable_experimental_files_api_client": True}
    client = connect(_LIMITS, host=status.url, token=status.token, auth_type="pat", **one_request)
    spark = SparkEngine(
        home, status, lambda name: call_while_loading(lambda: client.volumes.read(name)).as_dict()
    )
    try:
        yield WorkspaceTarget(client, spark)
    finally:
        spark.stop()
