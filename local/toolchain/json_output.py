"""The JSON that Terraform or OpenTofu prints, without the warnings that they print around it."""

from __future__ import annotations

import json
import re
from typing import Any

# A document begins a line; escape sequences of a colored warning may stand before it.
_START = re.compile(r"^(?:\x1b\[[0-9;]*m)*(?=\{)", re.MULTILINE)


def json_text(output: str) -> str:
    """Returns the JSON document in a program's standard output, as the program prints it.

    Both programs also print warnings to standard output, before and after the document: about their own
    settings, an outdated version, a deprecated provider. The longest document is the requested document.

    Args:
        output: the whole standard output.

    Raises:
        ValueError: the output contains no complete document.
    """
    found, position = "", 0
    while start := _START.search(output, position):
        try:
            _, position = json.JSONDecoder().raw_decode(output, start.end())
        except json.JSONDecodeError:
            position = start.end() + 1
        else:
            found = max(found, output[start.end() : position], key=len)
    if not found:
        raise ValueError("the output contains no JSON document")
    return found


def json_object(output: str) -> dict[str, Any]:
    """Returns the JSON document in a program's standard output as an object.

    Args:
        output: the whole standard output.

    Raises:
        ValueError: the output contains no complete document.
    """
    document: dict[str, Any] = json.loads(json_text(output))
    return document
