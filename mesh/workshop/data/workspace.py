"""The workspace that the data goes to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mesh.workshop.course.databricks import connect
from mesh.workshop.data.tables import Engine
from mesh.workshop.data.volume_files import DatabricksVolume, VolumeFiles, asked
from mesh.workshop.data.warehouse import Warehouse
from mesh.workshop.workshop import Workshop

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

_PATIENCE = {"http_timeout_seconds": 120}  # for one answer: what is sent before it may be large


@dataclass(frozen=True)
class WorkspacePlace:
    """A workspace.

    Args:
        client: reaches it.
        engine: what makes tables there.
    """

    client: WorkspaceClient
    engine: Engine

    def lacks(self, volumes: Mapping[str, object], schemas: frozenset[str]) -> list[str]:
        """Which of these are not there, in words."""
        named = {path: path.removeprefix("/Volumes/").replace("/", ".") for path in volumes}
        return [
            *(f"schema {name}" for name in sorted(schemas) if not self._schema(name)),
            *(f"volume {name}" for name in named.values() if not self._volume(name)),
        ]

    def volume(self, path: str) -> VolumeFiles:
        """The files of a volume."""
        return DatabricksVolume(self.client, path)

    def table(self, name: str) -> bool:
        """Whether there is a table of this full name."""
        return bool(asked(lambda: self.client.tables.exists(name).table_exists, missing=False))

    def _schema(self, name: str) -> bool:
        return asked(lambda: self.client.schemas.get(name), missing=None) is not None

    def _volume(self, name: str) -> bool:
        return asked(lambda: self.client.volumes.read(name), missing=None) is not None


@contextmanager
def place(workshop: Workshop, root: Path) -> Iterator[WorkspacePlace]:
    """Connect to the workspace that a workshop is in.

    Args:
        workshop: the workshop.
        root: the mesh's root, whose workspace on this machine it may be.

    Raises:
        OutsideError: nothing says how to log in, or the workspace on this machine is not up.
    """
    if not workshop.embedded:
        client = connect(**_PATIENCE, **({"host": workshop.workspace} if workshop.workspace else {}))
        yield WorkspacePlace(client, Warehouse(client, workshop.warehouse_name))
        return
    from local.home import Home, running
    from mesh.workshop.data.spark import SparkEngine

    home = Home(root)
    status = running(home)
    # the embedded workspace takes files of any size in one piece
    one_piece = {"disable_experimental_files_api_client": True}
    client = connect(host=status.url, token=status.token, auth_type="pat", **_PATIENCE, **one_piece)
    spark = SparkEngine(home, status, lambda name: asked(lambda: client.volumes.read(name)).as_dict())
    try:
        yield WorkspacePlace(client, spark)
    finally:
        spark.stop()
