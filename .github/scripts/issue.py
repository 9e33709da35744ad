"""Keep one issue of a title: `issue.py TITLE LABEL KIND FOLDER`.

What is in the folder (`comment-N.md`) is its text and, where that needs more than one, its comments. An empty
folder, or none, closes it; when there is something again it is opened again, so there is never a second one.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from comments import replace
from github import BOT, api, every


def keep(title: str, label: str, kind: str, folder: Path) -> None:
    """Have the issue say what is in a folder.

    Args:
        title: its title.
        label: its label; made where there is none.
        kind: what stands in the first lines of its comments.
        folder: its text and comments; none closes it.
    """
    first = folder / "comment-1.md"
    ours = _ours(title, label)
    if not first.exists():
        for one in ours:
            if one["state"] == "open":
                api(f"issues/{one['number']}", "PATCH", {"state": "closed", "state_reason": "completed"})
        return
    text = {"title": title, "body": first.read_text(encoding="utf-8")}
    if ours:
        number = ours[0]["number"]
        api(f"issues/{number}", "PATCH", {**text, "state": "open"})
    else:
        number = api("issues", "POST", {**text, "labels": [label]})["number"]
    with TemporaryDirectory() as rest:
        for file in folder.glob("comment-*.md"):
            if file != first:
                (Path(rest) / file.name).write_bytes(file.read_bytes())
        replace(str(number), kind, Path(rest))


def _ours(title: str, label: str) -> list[dict[str, Any]]:
    """The issues that workflows made under this title: the open ones first, then the newest."""
    found = [
        one
        for one in every(f"issues?state=all&labels={label}")
        if one["title"] == title and one["user"]["login"] == BOT and "pull_request" not in one
    ]
    return sorted(found, key=lambda one: (one["state"] != "open", -one["number"]))


if __name__ == "__main__":
    keep(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]))
