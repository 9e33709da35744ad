"""The error of Terraform as a report shows it: without colours and secrets, and not too long."""

from __future__ import annotations

import re
import unicodedata

from mesh.documents.secret_text import text_masked

_MAX_LINES = 40  # of a Terraform error
_MAX_LINE_LENGTH = 300
# Source: ECMA-48, control sequences (colours, cursor), control strings (titles, links), other escapes
_ESCAPES = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b[PX\\]^_][^\x07\x1b]*(?:\x07|\x1b\\\\)?|\x1b[ -/]*[0-~]"
)


def error_excerpt(output: str) -> str:
    """Terraform's output from the first error on, without the warnings before it; long output is cut."""
    text = text_masked(plain_text(output))
    _, error, rest = text.partition("Error: ")
    lines = (error + rest if error and rest else text).splitlines()
    more = [f"… and {len(lines) - _MAX_LINES} more lines"] if len(lines) > _MAX_LINES else []
    excerpt = [
        line if len(line) <= _MAX_LINE_LENGTH else f"{line[:_MAX_LINE_LENGTH]}…"
        for line in lines[:_MAX_LINES]
    ]
    return "\n".join([*excerpt, *more])


def plain_text(output: str) -> str:
    """The output of a program without colours, control characters and changes of the direction of writing."""
    text = _ESCAPES.sub("", output.replace("\r\n", "\n"))
    return "".join(map(_plain, text))


def _plain(character: str) -> str:
    if character.isprintable() or character in "\n\t":
        return character
    return " " if unicodedata.category(character) == "Zs" else ""
