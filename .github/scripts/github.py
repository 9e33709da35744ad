"""GitHub's API, through the command `gh`, which logs in with GH_TOKEN."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from typing import Any

BOT = "github-actions[bot]"  # who GITHUB_TOKEN is


def api(path: str, method: str = "GET", fields: Mapping[str, object] | None = None) -> Any:
    """What the API answers to one call on this repository.

    Args:
        path: below the repository.
        method: the HTTP method.
        fields: what is sent; texts go as they are, whatever is in them.

    Raises:
        SystemExit: gh fails; what it said is on stderr.
    """
    command = ["gh", "api", "--method", method, _address(path)]
    sent = None if fields is None else json.dumps(fields)
    documents = _said([*command, "--input", "-"] if sent else command, sent)
    return documents[0] if documents else None


def every(path: str) -> list[Any]:
    """All of a list, from the first page to the last."""
    separator = "&" if "?" in path else "?"
    pages = _said(["gh", "api", "--paginate", _address(f"{path}{separator}per_page=100")], None)
    return [one for page in pages for one in page]


def _address(path: str) -> str:
    return f"repos/{os.environ['GITHUB_REPOSITORY']}/{path}"


def _said(command: list[str], sent: str | None) -> list[Any]:
    """The JSON documents that gh prints: one for each page."""
    done = subprocess.run(command, input=sent, stdout=subprocess.PIPE, encoding="utf-8", check=False)
    if done.returncode:
        raise SystemExit(done.returncode)
    documents, rest = [], done.stdout.strip()
    while rest:
        document, end = json.JSONDecoder().raw_decode(rest)
        documents.append(document)
        rest = rest[end:].lstrip()
    return documents
