"""GitHub's API through the command `gh`, which logs in with GH_TOKEN."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from typing import Any

BOT = "github-actions[bot]"  # the user of GITHUB_TOKEN


def api(path: str, method: str = "GET", fields: Mapping[str, object] | None = None) -> Any:
    """The answer of the API to one call on this repository.

    Args:
        path: the path below the repository.
        method: the HTTP method.
        fields: the request body; texts are sent unchanged.

    Raises:
        SystemExit: gh failed; its message is on stderr.
    """
    command = ["gh", "api", "--method", method, _address(path)]
    body = None if fields is None else json.dumps(fields)
    documents = _gh([*command, "--input", "-"] if body else command, body)
    return documents[0] if documents else None


def every(path: str) -> list[Any]:
    """All entries of a list, from all pages."""
    separator = "&" if "?" in path else "?"
    pages = _gh(["gh", "api", "--paginate", _address(f"{path}{separator}per_page=100")], None)
    return [one for page in pages for one in page]


def _address(path: str) -> str:
    return f"repos/{os.environ['GITHUB_REPOSITORY']}/{path}"


def _gh(command: list[str], body: str | None) -> list[Any]:
    """The JSON documents that gh prints, one per page."""
    done = subprocess.run(command, input=body, stdout=subprocess.PIPE, encoding="utf-8", check=False)
    if done.returncode:
        raise SystemExit(done.returncode)
    documents, rest = [], done.stdout.strip()
    while rest:
        document, end = json.JSONDecoder().raw_decode(rest)
        documents.append(document)
        rest = rest[end:].lstrip()
    return documents
