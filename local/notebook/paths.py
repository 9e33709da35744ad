"""Paths of the workspace in Python: `/Workspace/…` and `/Volumes/…`, as code on Databricks opens them."""

import builtins
import errno
import functools
import io
import json
import os
import re
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

_WORKSPACE = re.compile(r"/Workspace(/.*|$)", re.DOTALL)
_VOLUME = re.compile(r"/Volumes/([^/]+)/([^/]+)/([^/]+)(/.*|$)", re.DOTALL)
# Functions of `os` whose first argument is a path, and those whose first two are.
_ONE_PATH = (
    "access", "chdir", "chmod", "listdir", "lstat", "mkdir", "open", "readlink", "remove", "rmdir", "scandir",
    "stat", "truncate", "unlink", "utime",
)  # fmt: skip
_TWO_PATHS = ("link", "rename", "replace", "symlink")


class Paths:
    """The files on disk that hold a workspace's files and volumes.

    Args:
        files: the folder on disk that is the workspace's `/`.
        volumes: returns the folder of each volume, by its full name in lower case; called when a volume is
            used for the first time.
    """

    def __init__(self, files: Path, volumes: Callable[[], dict[str, str]]) -> None:
        self._files = files
        self._ask = volumes
        self._volumes: dict[str, str] = {}

    def disk(self, path: str) -> str:
        """Return the path on disk; paths outside of `/Workspace` and `/Volumes` are returned unchanged.

        Raises:
            FileNotFoundError: there is no such volume, or the path leaves it.
        """
        if not path.startswith(("/Workspace", "/Volumes/")):
            return path
        if match := _WORKSPACE.fullmatch(path):
            return self._inside(str(self._files), match[1], path)
        if match := _VOLUME.fullmatch(path):
            name = ".".join(match.group(1, 2, 3)).lower()
            if name not in self._volumes:
                self._volumes = self._ask()
            if name not in self._volumes:
                raise FileNotFoundError(errno.ENOENT, f"there is no volume {name}", path)
            return self._inside(self._volumes[name], match[4], path)
        return path

    def _inside(self, folder: str, below: str, path: str) -> str:
        if ".." in below.split("/"):
            raise FileNotFoundError(errno.ENOENT, "a path of the workspace may not contain ..", path)
        return folder + below


def of_workspace(files: Path) -> Paths:
    """Returns the paths of the workspace of DATABRICKS_HOST and DATABRICKS_TOKEN.

    Args:
        files: the folder on disk that is the workspace's `/`.
    """
    return Paths(files, _volumes_of_workspace)


def install(paths: Paths) -> None:
    """Lets `open`, `os`, `pathlib`, `shutil` and what builds on them use paths of the workspace.

    Libraries that open files in C or C++ get no such path.
    """
    builtins.open = io.open = _mapped(io.open, paths, 1)
    for names, count in ((_ONE_PATH, 1), (_TWO_PATHS, 2)):
        for name in names:
            setattr(os, name, _mapped(getattr(os, name), paths, count))


def _mapped(function: Callable[..., Any], paths: Paths, count: int) -> Callable[..., Any]:
    original = getattr(function, "__wrapped__", function)

    @functools.wraps(original)
    def call(*arguments: Any, **named: Any) -> Any:
        mapped = [_disk(paths, each) for each in arguments[:count]]
        try:
            return original(*mapped, *arguments[count:], **named)
        except OSError as error:
            if arguments and error.filename == mapped[0] != arguments[0]:
                error.filename = os.fspath(arguments[0])
            raise

    return call


def _disk(paths: Paths, value: Any) -> Any:
    if not isinstance(value, str | os.PathLike):
        return value
    text = os.fspath(value)
    if not isinstance(text, str):
        return value
    disk = paths.disk(text)
    return value if disk is text else disk


def _volumes_of_workspace() -> dict[str, str]:
    host, token = os.environ.get("DATABRICKS_HOST", ""), os.environ.get("DATABRICKS_TOKEN", "")
    request = urllib.request.Request(  # noqa: S310 - the workspace's own address
        f"{host.rstrip('/')}/local/volumes", headers={"Authorization": f"Bearer {token}"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        folders: dict[str, str] = json.load(answer)["folders"]
    return folders
