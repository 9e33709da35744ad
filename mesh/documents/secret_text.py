"""Masks secrets in text that other programs print."""

from __future__ import annotations

from mesh.documents.named_secret import names_its_secret
from mesh.documents.secret import is_secret, lines_of_cut_off_secret

SECRET = "(looks like a secret)"  # noqa: S105
_TOKEN_LINES = 20  # over which a token is broken


def text_masked(text: str) -> str:
    """The text without lines that look like a secret.

    All lines of a private key are masked, and all lines of a token that is split over several lines.
    """
    lines: list[str] = []
    in_key, cut_off = False, 0
    split = text.split("\n")
    for number, line in enumerate(split):
        cut_off = max(cut_off - 1, lines_of_cut_off_secret(split[number : number + _TOKEN_LINES]))
        secret = in_key or cut_off > 0 or is_secret(line) or names_its_secret(line)
        in_key = (in_key or "PRIVATE KEY-----" in line) and "-----END" not in line
        if not (secret and lines and lines[-1] == SECRET):
            lines.append(SECRET if secret else line)
    return "\n".join(lines)
