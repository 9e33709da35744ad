"""What Terraform's state of a stack holds, and how a local one that was cut off is put back."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from mesh.errors import OutsideError


class CutOffError(OutsideError):
    """A local state that a kill left half written.

    Args:
        path: the state.
    """

    def __init__(self, path: Path) -> None:
        # Terraform writes a local state in place, so being killed in the middle leaves half of it
        super().__init__(
            f"the state {path} was cut off while it was written: "
            "`mesh adopt` puts its backup in its place and takes what is missing in it"
        )
        self.path = path


@dataclass(frozen=True)
class State:
    """What a state holds.

    Args:
        held: the attributes of everything in it, by address.
        serial: how often it was written; 0 before the first time.
        lineage: what tells it from another state in the same place; "" where there is none yet.
    """

    held: Mapping[str, Mapping[str, Any]]
    serial: int = 0
    lineage: str = ""

    @cached_property
    def ids(self) -> set[tuple[str, str]]:
        """Type and id of everything in it."""
        return {(address.partition(".")[0], str(one.get("id"))) for address, one in self.held.items()}

    def of_type(self, type: str) -> dict[str, Mapping[str, Any]]:
        """The attributes of everything of a type, by address."""
        return {address: one for address, one in self.held.items() if address.partition(".")[0] == type}


def parse(text: str) -> State:
    """A state as Terraform writes it; nothing at all is the state before the first deployment.

    Raises:
        ValueError: it is no state, for example because it was cut off.
    """
    if not text:
        return State({})
    written = json.loads(text)
    held = {
        f"{one['type']}.{one['name']}": instance.get("attributes") or {}
        for one in written["resources"]
        if one["mode"] == "managed"
        for instance in one["instances"]
    }
    return State(held, int(written.get("serial") or 0), str(written.get("lineage") or ""))


def read(path: Path) -> State:
    """A local backend's state.

    Raises:
        CutOffError: it is only half there.
    """
    if not path.exists():
        return State({})
    text = path.read_text(encoding="utf-8")
    # Terraform locks an empty file before it has anything to write; later it is a state that was cut off
    if not text and not _backup(path).exists():
        return State({})
    try:
        return parse(text or "{}")
    except (ValueError, KeyError, TypeError) as error:
        raise CutOffError(path) from error


def put_back(path: Path) -> str:
    """Put a local state's backup in the place of one that was cut off, which is kept beside it.

    Returns:
        What was done, for people.

    Raises:
        OutsideError: it is not cut off, but being written.
    """
    with path.open("r+b") as stream:
        try:
            # as Terraform's local backend locks it
            fcntl.lockf(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise OutsideError(
                f"the state {path} is in use: somebody deploys it, so wait for that"
            ) from error
        return _put_back(path)


def _put_back(path: Path) -> str:
    backup = _backup(path)
    aside = _unused(path.with_name(f"{path.name}.cut-off"))
    if not _is_whole(backup):
        path.rename(aside)
        return (
            f"{path} was cut off, and had no whole backup: it is kept as {aside.name}, and a new state begins"
        )
    # the copy is whole before the name is taken, so that a kill here loses nothing either
    copy = path.with_name(f"{path.name}.put-back")
    copy.write_bytes(backup.read_bytes())
    path.rename(aside)
    copy.rename(path)
    return f"{path} was cut off: its backup is in its place, and it is kept as {aside.name}"


def _backup(path: Path) -> Path:
    """Where Terraform keeps the state as it was before the last command."""
    return path.with_name(f"{path.name}.backup")


def _is_whole(path: Path) -> bool:
    try:
        return path.exists() and read(path) is not None
    except CutOffError:
        return False


def _unused(path: Path) -> Path:
    candidates = (path.with_name(f"{path.name}-{number}") for number in range(1, 10_000))
    return path if not path.exists() else next(one for one in candidates if not one.exists())
