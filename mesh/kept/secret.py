"""A secret of the user on this machine, which authenticates kept results.

Kept models are pickles, and reading a pickle runs code. The secret is outside of every checkout, so nobody
who can only change files of a checkout, such as the author of a pull request, can write one that is read.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

_FILE = Path("datamesh/key")
_BYTES = 32
_FOR_OTHERS = 0o077


def user_secret(root: Path, environ: Mapping[str, str] = os.environ, *, create: bool = False) -> bytes | None:
    """The user's secret; None if there is none, or if it is not safe.

    Args:
        root: the mesh's root; a secret in it counts as none.
        environ: XDG_STATE_HOME or HOME name the folder.
        create: True to create it.
    """
    file = _file(environ)
    if file is None or _real(file).is_relative_to(_real(root)):
        return None
    if create and not file.exists():
        _create(file)
    try:
        with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as opened:
            status = os.fstat(opened.fileno())
            safe = status.st_uid == os.geteuid() and not status.st_mode & _FOR_OTHERS
            held = opened.read(_BYTES + 1) if safe else b""
    except OSError:
        return None
    return held if len(held) == _BYTES else None


def _file(environ: Mapping[str, str]) -> Path | None:
    """The secret's file. Source: XDG Base Directory Specification, which ignores relative paths."""
    state, home = Path(environ.get("XDG_STATE_HOME", "")), Path(environ.get("HOME", ""))
    if state.is_absolute():
        return state / _FILE
    return home / ".local/state" / _FILE if home.is_absolute() else None


def _create(file: Path) -> None:
    """Writes a new secret; if another process is faster, its secret stays."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    with contextlib.suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)
        temporary.touch(0o600, exist_ok=False)
        temporary.write_bytes(secrets.token_bytes(_BYTES))
        with contextlib.suppress(FileExistsError):
            file.hardlink_to(temporary)
    with contextlib.suppress(OSError):
        temporary.unlink()


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
