"""Terraform states of stacks: reads them, and restores truncated local states from their backups."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from mesh.errors import OutsideError
from mesh.terraform.policies import policy_id
from mesh.terraform.tags import tag_id


class TruncatedStateError(OutsideError):
    """A local state that is truncated, because Terraform was killed while it wrote the state.

    Args:
        path: the state's file.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"the state {path} is truncated: "
            "run `mesh adopt` to restore its backup and to adopt the missing objects"
        )
        self.path = path


@dataclass(frozen=True)
class State:
    """A Terraform state.

    Args:
        held: the attributes of its resources, by address.
        serial: the number of times it was written; 0 before the first time.
        lineage: its unique id; "" before the first time.
    """

    held: Mapping[str, Mapping[str, Any]]
    serial: int = 0
    lineage: str = ""

    @cached_property
    def ids(self) -> set[tuple[str, str]]:
        """The type and id of each resource."""
        return {(address.partition(".")[0], _id(one)) for address, one in self.held.items()}

    def of_type(self, type: str) -> dict[str, Mapping[str, Any]]:
        """The attributes of the resources of one type, by address."""
        return {address: one for address, one in self.held.items() if address.partition(".")[0] == type}


def _id(attributes: Mapping[str, Any]) -> str:
    """The id of a resource; the provider imports tags, policies and domains by their names."""
    if "domain_id" in attributes:
        return str(attributes.get("name"))
    if "tag_key" in attributes and "entity_type" not in attributes:
        return str(attributes["tag_key"])  # a governed tag, whose `id` is another one
    if "policy_type" in attributes:
        return policy_id(attributes)
    if "id" not in attributes and "tag_key" in attributes:
        return tag_id(*(str(attributes.get(name)) for name in ("entity_type", "entity_name", "tag_key")))
    return str(attributes.get("id"))


def parse_state(text: str) -> State:
    """Parses a state as Terraform writes it; an empty text is the state before the first deployment.

    Raises:
        ValueError: the text is not a state, for example because it is truncated.
    """
    if not text:
        return State({})
    content = json.loads(text)
    held = {
        f"{one['type']}.{one['name']}": instance.get("attributes") or {}
        for one in content["resources"]
        if one["mode"] == "managed"
        for instance in one["instances"]
    }
    return State(held, int(content.get("serial") or 0), str(content.get("lineage") or ""))


def read_state(path: Path) -> State:
    """Reads the state file of a local backend.

    Raises:
        TruncatedStateError: the file is truncated.
    """
    if not path.exists():
        return State({})
    text = path.read_text(encoding="utf-8")
    # Terraform locks an empty file before it writes the first state; an empty file with a backup is truncated
    if not text and not _backup(path).exists():
        return State({})
    try:
        return parse_state(text or "{}")
    except (ValueError, KeyError, TypeError) as error:
        raise TruncatedStateError(path) from error


def restore_backup(path: Path) -> str:
    """Replaces a truncated local state by its backup; the truncated file is kept beside it.

    Returns:
        A message about the replaced files.

    Raises:
        OutsideError: the state is locked, because another process writes it.
    """
    with path.open("r+b") as stream:
        try:
            # the lock of Terraform's local backend
            fcntl.lockf(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise OutsideError(
                f"the state {path} is locked by a running deployment (wait for it to end)"
            ) from error
        return _replace(path)


def _replace(path: Path) -> str:
    backup = _backup(path)
    aside = _unused(path.with_name(f"{path.name}.cut-off"))
    if not _is_intact(backup):
        path.rename(aside)
        kept = f"it is kept as {aside.name}, and a new state begins"
        return f"{path} was truncated and has no intact backup: {kept}"
    # complete the copy before the rename, so that a kill between them loses nothing
    copy = path.with_name(f"{path.name}.put-back")
    copy.write_bytes(backup.read_bytes())
    path.rename(aside)
    copy.rename(path)
    return f"{path} was truncated: its backup is restored, and it is kept as {aside.name}"


def _backup(path: Path) -> Path:
    """Terraform's backup of the state before the last command."""
    return path.with_name(f"{path.name}.backup")


def _is_intact(path: Path) -> bool:
    try:
        return path.exists() and read_state(path) is not None
    except TruncatedStateError:
        return False


def _unused(path: Path) -> Path:
    candidates = (path.with_name(f"{path.name}-{number}") for number in range(1, 10_000))
    return path if not path.exists() else next(one for one in candidates if not one.exists())


def set_truncated_aside(path: Path) -> Path | None:
    """Renames a state that Terraform could not write as a whole, so that it is not read again.

    Returns:
        The new path; None if the state is whole.
    """
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return path.replace(path.with_name(f"{path.name}.truncated"))
    return None
