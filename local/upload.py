"""Puts files of the checkout into the workspace, without a deployment."""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from local.client import Client
from local.home import Home

_API = "/api/2.0/workspace"


@dataclass(frozen=True)
class Upload:
    """A file as a deployment puts it into the workspace.

    Args:
        path: its path in the workspace, without `/Workspace`.
        content: its content.
        language: a notebook's language, in the Workspace API's spelling; None for other files.
        format: a notebook's format; None for source format and other files.
    """

    path: str
    content: bytes
    language: str | None = None
    format: str | None = None


def different(home: Home, uploads: Iterable[Upload]) -> list[Upload]:
    """Return the files that are missing in the workspace, or have another content there."""
    return [each for each in uploads if _held(home, each.path) != each.content]


def put(client: Client, uploads: Sequence[Upload], removed: Iterable[str] = ()) -> None:
    """Write files into the workspace, and delete others.

    Args:
        client: the client of the workspace.
        uploads: the files to write; existing ones are overwritten, as a deployment does.
        removed: paths of files to delete; missing ones are no error.

    Raises:
        OutsideError: the workspace refuses a file, for example because a folder has its path.
    """
    for path in removed:
        if client.exists(f"{_API}/get-status", path=path):
            client.post(f"{_API}/delete", {"path": path})
    for each in uploads:
        body = {"path": each.path, "content": base64.b64encode(each.content).decode(), "overwrite": True}
        notebook = {"format": each.format or "SOURCE", "language": each.language}
        client.post(f"{_API}/import", body | (notebook if each.language else {"format": "RAW"}))


def _held(home: Home, path: str) -> bytes | None:
    file = home.files / path.lstrip("/")
    return file.read_bytes() if file.is_file() else None
