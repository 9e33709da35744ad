"""Lists, reads and writes the files of a volume."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, TypeVar

from mesh.errors import OutsideError
from mesh.terraform.workspace_call import call_workspace

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

A = TypeVar("A")


@dataclass(frozen=True)
class FileInfo:
    """A file in the listing of a volume.

    Args:
        size: in bytes.
        modified: the time of modification, in milliseconds since 1970.
    """

    size: int
    modified: int


class VolumeFiles(Protocol):
    """The files of one volume; names are paths relative to the volume."""

    @property
    def path(self) -> str:
        """The path of the volume: `/Volumes/<catalog>/<schema>/<volume>`."""

    def list_files(self, folder: str) -> Mapping[str, FileInfo]:
        """The files directly in a folder, by name; empty if there is no such folder.

        Args:
            folder: path relative to the volume; "" is the volume itself.
        """

    def read(self, name: str) -> BinaryIO:
        """Opens an existing file."""

    def write(self, name: str, content: BinaryIO) -> None:
        """Creates or replaces a file atomically."""

    def delete(self, name: str) -> None:
        """Removes a file; does nothing if it does not exist."""


class DatabricksVolume:
    """A volume of a workspace, through the Files API.

    Args:
        client: the workspace client.
        path: the path of the volume.

    Raises:
        OutsideError: on use, if the workspace does not answer or refuses.
    """

    def __init__(self, client: WorkspaceClient, path: str) -> None:
        self._files = client.files
        self._path = path

    @property
    def path(self) -> str:
        """The path of the volume."""
        return self._path

    def list_files(self, folder: str) -> Mapping[str, FileInfo]:
        """The files directly in a folder, by name."""
        path = f"{self._path}/{folder}".rstrip("/")
        entries = call_while_loading(lambda: list(self._files.list_directory_contents(path)), missing=[])
        return {
            str(PurePosixPath(folder, str(entry.name))): FileInfo(
                entry.file_size or 0, entry.last_modified or 0
            )
            for entry in entries
            if not entry.is_directory
        }

    def read(self, name: str) -> BinaryIO:
        """Opens an existing file."""
        contents = call_while_loading(lambda: self._files.download(f"{self._path}/{name}").contents)
        if contents is None:
            raise OutsideError(f"the workspace has no content for {self._path}/{name}")
        return contents

    def write(self, name: str, content: BinaryIO) -> None:
        """Creates or replaces a file."""
        target = PurePosixPath(self._path, name)
        if str(target.parent) != self._path:
            call_while_loading(lambda: self._files.create_directory(str(target.parent)))
        call_while_loading(lambda: self._files.upload(str(target), content, overwrite=True))

    def delete(self, name: str) -> None:
        """Removes a file."""
        call_while_loading(lambda: self._files.delete(f"{self._path}/{name}"), missing=None)


# After a failure, finished files and tables stay.
_LOADING: Any = {"afterwards": "; loaded data stays: run it again to load the rest"}


def call_while_loading(call: Callable[[], A], **missing: Any) -> A:
    """Returns the result of a call of the Databricks SDK while data is loaded.

    Args:
        call: calls the Databricks SDK.
        missing: may set `missing`, the result if the requested object does not exist; else that is an
            error.

    Raises:
        OutsideError: the workspace does not answer, or refuses.
    """
    return call_workspace(call, **missing, **_LOADING)
