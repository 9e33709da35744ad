"""Packages of other hosts that `dbt deps` installed, kept for when these hosts do not answer."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from local.dbt.project_copy import PACKAGES

# Source: dbt documentation, "Packages" and "dependencies.yml"
_DECLARED = ("packages.yml", "dependencies.yml")
_LOCK = "package-lock.yml"
_ELSEWHERE = ("package", "git", "private", "tarball")


class KeptPackages:
    """The packages of a project, below a folder under a hash of what it declares.

    Args:
        project: the copy of the project in which dbt runs, before its first command.
        folder: the folder of all kept packages.
    """

    def __init__(self, project: Path, folder: Path) -> None:
        self._project = project
        key = hashlib.sha256()
        for name in (*_DECLARED, _LOCK):
            file = project / name
            key.update(f"\0{name}\0".encode() + (file.read_bytes() if file.is_file() else b""))
        self._kept = folder / key.hexdigest()[:16]
        self.elsewhere = list(_elsewhere(project))
        """What the project declares of other hosts: packages of the hub, repositories and archives."""

    def keep(self) -> None:
        """Keep what `dbt deps` installed, if some of it is of other hosts."""
        installed = self._project / PACKAGES
        if not self.elsewhere or not installed.is_dir():
            return
        new = self._kept.with_name(f"{self._kept.name}.{os.getpid()}")
        shutil.rmtree(new, ignore_errors=True)
        shutil.copytree(installed, new / PACKAGES, symlinks=True)
        for each in (new / PACKAGES).iterdir():
            if each.is_symlink():  # a package of the mesh, at the same place from each copy of the project
                target = os.path.relpath(each.readlink(), installed)
                each.unlink()
                each.symlink_to(target)
        if (self._project / _LOCK).is_file():
            shutil.copy(self._project / _LOCK, new)
        self._replace(new)

    def _replace(self, new: Path) -> None:
        """Keep a folder instead of that of an earlier run; tasks of the same project may do it at once."""
        former = new.with_name(f"{new.name}.former")
        with suppress(FileNotFoundError):
            self._kept.rename(former)
        try:
            new.rename(self._kept)
        except OSError:  # another task has just kept the same packages
            shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(former, ignore_errors=True)

    def restore(self) -> bool:
        """Install what an earlier run kept; False if none did."""
        if not self._kept.is_dir():
            return False
        shutil.rmtree(self._project / PACKAGES, ignore_errors=True)
        shutil.copytree(self._kept, self._project, symlinks=True, dirs_exist_ok=True)
        return True


def _elsewhere(project: Path) -> Iterator[str]:
    for name in _DECLARED:
        file = project / name
        try:
            content = yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else None
        except (yaml.YAMLError, ValueError):
            continue  # dbt tells what is wrong
        for each in _packages(content):
            yield from (str(each[kind]) for kind in _ELSEWHERE if each.get(kind))


def _packages(content: Any) -> Iterator[dict[str, Any]]:
    declared = content.get("packages") if isinstance(content, dict) else None
    yield from (each for each in declared if isinstance(each, dict)) if isinstance(declared, list) else ()
