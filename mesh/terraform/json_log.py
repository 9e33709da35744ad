"""The messages of `terraform apply -json`, one JSON object a line.

Source: Terraform documentation, "Machine-Readable UI".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

_RESOURCE = {
    "apply_start": "start",
    "apply_complete": "complete",
    "apply_errored": "error",
}


@dataclass(frozen=True)
class ApplyMessage:
    """A message of Terraform while it applies a plan.

    Args:
        text: Terraform's own line.
        address: the address of the resource that the message is about; "" if there is none.
        step: "start", "complete" or "error" of a change to the resource; "" for other messages.
        error: the summary and the details of an error; "" for other messages.
    """

    text: str
    address: str = ""
    step: str = ""
    error: str = ""


def read_message(line: str) -> ApplyMessage | None:
    """Reads one line of output; None if the line is not a message, such as a warning of a wrapper script."""
    try:
        message = json.loads(line)
    except ValueError:
        return None
    if not isinstance(message, dict) or not isinstance(message.get("@message"), str):
        return None
    text: str = message["@message"]
    kind = message.get("type")
    if kind == "diagnostic" and isinstance(diagnostic := message.get("diagnostic"), dict):
        return _diagnostic(text, diagnostic)
    resource = (message.get("hook") or {}).get("resource") or {}
    return ApplyMessage(text, str(resource.get("addr") or ""), _RESOURCE.get(str(kind), ""))


def _diagnostic(text: str, diagnostic: dict[str, Any]) -> ApplyMessage:
    address = str(diagnostic.get("address") or "")
    if diagnostic.get("severity") != "error":
        return ApplyMessage(text, address)
    detail = str(diagnostic.get("detail") or "").strip()
    parts = [f"Error: {diagnostic.get('summary')}", f"  with {address}" if address else "", detail]
    return ApplyMessage(text, address, error="\n\n".join(filter(None, parts)))


def errors(messages: Iterable[ApplyMessage]) -> Iterator[ApplyMessage]:
    """The errors among messages, without duplicates."""
    yield from dict.fromkeys(message for message in messages if message.error)


def other_lines(output: str) -> list[str]:
    """The lines of an output that are no messages; a killed Terraform may have cut off the last message."""
    return [line for line in output.strip().splitlines() if not line.startswith("{")]
