"""The hash of the program, for keys of kept results: another program may have another result."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

PROGRAM_FOLDER = Path(__file__).resolve().parents[2]
"""Contains cdktf.json, main.py and all packages of the program."""


def program_hash(program: Path, names: Sequence[str], facts: Sequence[str]) -> str:
    """The hash of facts, and of names and contents of files of the program.

    Args:
        program: the folder that contains the names.
        names: files, and folders without compiled files.
        facts: versions and variables that results depend on.
    """
    hashed = sha256("\0".join(facts).encode())
    for name in sorted(file for one in names for file in _files(program / one, one)):
        content = (program / name).read_bytes()
        hashed.update(f"\0{name}\0{len(content)}\0".encode())
        hashed.update(content)
    return hashed.hexdigest()


def installed(paths: Sequence[str]) -> Iterator[str]:
    """The installed packages with their versions, as the names of their folders with metadata.

    Source: Python packaging user guide, "Recording installed projects"; reading these folders' names is
    much faster than `importlib.metadata`.

    Args:
        paths: the folders of `sys.path`.
    """
    for path in dict.fromkeys(paths):
        try:  # `Path.iterdir` would build a path for each name
            names = os.listdir(path or ".")  # noqa: PTH208
        except OSError:  # missing, or an archive
            continue
        yield from sorted(name for name in names if name.endswith((".dist-info", ".egg-info")))


def _files(folder: Path, name: str) -> Iterator[str]:
    if folder.is_file():
        yield name
    for place, folders, files in os.walk(folder):
        folders[:] = [one for one in folders if one != "__pycache__"]
        below = name + place[len(str(folder)) :].replace(os.sep, "/")
        yield from (f"{below}/{file}" for file in files if not file.endswith(".pyc"))
