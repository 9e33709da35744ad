"""The files of a volume."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, TypeVar

from mesh.errors import OutsideError

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

A = TypeVar("A")


@dataclass(frozen=True)
class Listed:
    """A file as its volume lists it.

    Args:
        size: in bytes.
        modified: when it was written, in milliseconds since 1970.
    """

    size: int
    modified: int


class VolumeFiles(Protocol):
    """The files of one volume; names are paths in it."""

    @property
    def path(self) -> str:
        """Where the volume is: `/Volumes/<catalog>/<schema>/<volume>`."""

    def listed(self, folder: str) -> Mapping[str, Listed]:
        """The files directly in a folder, by name; none where it is not there. "" is the volume itself."""

    def read(self, name: str) -> BinaryIO:
        """Open a file that is there."""

    def write(self, name: str, content: BinaryIO) -> None:
        """Make a file or replace it, whole or not at all."""

    def delete(self, name: str) -> None:
        """Remove a file; one that is not there is fine."""


class DatabricksVolume:
    """A volume of a workspace, through its Files API.

    Args:
        client: reaches the workspace.
        path: the volume's.

    Raises:
        OutsideError: on use, when the workspace does not answer, or refuses.
    """

    def __init__(self, client: WorkspaceClient, path: str) -> None:
        self._files = client.files
        self._path = path

    @property
    def path(self) -> str:
        """Where the volume is."""
        return self._path

    def listed(self, folder: str) -> Mapping[str, Listed]:
        """The files directly in a folder, by name."""
        where = f"{self._path}/{folder}".rstrip("/")
        entries = asked(lambda: list(self._files.list_directory_contents(where)), missing=[])
        return {
            str(PurePosixPath(folder, str(one.name))): Listed(one.file_size or 0, one.last_modified or 0)
            for one in entries
            if not one.is_directory
        }

    def read(self, name: str) -> BinaryIO:
        """Open a file that is there."""
        contents = asked(lambda: self._files.download(f"{self._path}/{name}").contents)
        if contents is None:
            raise OutsideError(f"the workspace has no content for {self._path}/{name}")
        return contents

    def write(self, name: str, content: BinaryIO) -> None:
        """Make a file or replace it."""
        target = PurePosixPath(self._path, name)
        if str(target.parent) != self._path:
            asked(lambda: self._files.create_directory(str(target.parent)))
        asked(lambda: self._files.upload(str(target), content, overwrite=True))

    def delete(self, name: str) -> None:
        """Remove a file."""
        asked(lambda: self._files.delete(f"{self._path}/{name}"), missing=None)


_NOTHING: Any = object()


def asked(ask: Callable[[], A], *, missing: Any = _NOTHING) -> A:
    """What a workspace answers.

    Args:
        ask: asks it, through the Databricks SDK.
        missing: what to return where it says that something is not there.

    Raises:
        OutsideError: it does not answer, or refuses.
    """
    from databricks.sdk.errors import NotFound
    from databricks.sdk.errors.base import DatabricksError

    try:
        return ask()
    except (DatabricksError, ValueError, OSError) as error:
        if isinstance(error, NotFound) and missing is not _NOTHING:
            answer: A = missing
            return answer
        first_line = str(error).strip().split("\n")[0]
        raise OutsideError(
            f"the workspace does not answer as it should: {first_line} (check DATABRICKS_HOST and your "
            "login; what was loaded stays, and running it again does the rest)"
        ) from error
