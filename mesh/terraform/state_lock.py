"""The lock of a state: who holds it, and how long to wait for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

_LOCKED = re.compile(r"Error acquiring the state lock|Error locking state|state lock", re.IGNORECASE)
# Errors of backends that do not describe the lock which somebody else holds. Those of S3, Google and Azure
# come without a description if the lock is released, or damaged, when Terraform reads who holds it
_HELD = re.compile(
    r"already\s+locked|resource\s+temporarily\s+unavailable|PreconditionFailed|conditionNotMet|LeaseAlreadyPresent",
    re.IGNORECASE,
)
_FIELD = re.compile(r"^[\s│|]*(ID|Path|Operation|Who|Version|Created|Info):[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_TIMEOUT = re.compile(r"-lock-timeout=(\d+)(s|m|h)")
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_CREATED = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)\S* \+0000")


@dataclass(frozen=True)
class StateLock:
    """The lock of a state, as Terraform describes it; fields that the backend does not know are "".

    Args:
        id: the lock's id.
        who: user and machine of the holder.
        operation: what the holder does, such as `OperationTypeApply`.
        created: the time when the holder took the lock, in UTC; None if it is unknown.
    """

    id: str = ""
    who: str = ""
    operation: str = ""
    created: datetime | None = None

    def describe(self, now: datetime) -> str:
        """The holder and the age of the lock: `locked by ola@laptop for 12 minutes (apply)`.

        Args:
            now: the time, in UTC.
        """
        who = f" by {self.who}" if self.who else ""
        age = f" for {_age((now - self.created).total_seconds())}" if self.created else ""
        operation = self.operation.removeprefix("OperationType").lower()
        return f"locked{who}{age}" + (f" ({operation})" if operation else "")


def read_lock(output: str) -> StateLock | None:
    """Reads the lock from Terraform's output; None if Terraform failed for another reason.

    A lock that cannot be taken although nobody holds it is another reason: a full disk, or missing rights.
    """
    start = _LOCKED.search(output)
    if not start:
        return None
    text = output[start.start() :]
    fields = {name: value for name, value in _FIELD.findall(text) if value}
    if not fields.keys() & {"ID", "Who"} and not _HELD.search(text):
        return None
    return StateLock(
        fields.get("ID", ""), fields.get("Who", ""), fields.get("Operation", ""), _created(fields)
    )


def lock_fails(output: str) -> bool:
    """True if Terraform could not take the lock, whether somebody holds it or not."""
    return _LOCKED.search(output) is not None


def lock_timeout(environ: Mapping[str, str], verb: str) -> int | None:
    """The seconds to wait for a lock, from TF_CLI_ARGS_<verb> or TF_CLI_ARGS; None if neither sets them."""
    for name in (f"TF_CLI_ARGS_{verb}", "TF_CLI_ARGS"):
        if match := _TIMEOUT.search(environ.get(name, "")):
            return int(match[1]) * _SECONDS[match[2]]
    return None


def _created(fields: Mapping[str, str]) -> datetime | None:
    match = _CREATED.match(fields.get("Created", ""))
    return datetime.fromisoformat(f"{match[1]}T{match[2]}").replace(tzinfo=UTC) if match else None


def _age(seconds: float) -> str:
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {unit}{'s' if count > 1 else ''}"
    return f"{max(0, int(seconds))} seconds"
