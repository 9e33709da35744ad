"""Updates the issue with a title: `issue.py TITLE LABEL KIND FOLDER`.

The files `comment-N.md` in the folder become its text and its comments. Without files the issue is closed;
the next report opens it again, so that there is never a second one.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from comments import replace
from github import BOT, api, every


def update(title: str, label: str, kind: str, folder: Path) -> None:
    """Updates, creates, closes or opens the issue.

    Args:
        title: the title of the issue.
        label: the label of the issue; GitHub creates it if it does not exist.
        kind: the marker in the first lines of its comments.
        folder: its text and comments; without files the issue is closed.
    """
    first = folder / "comment-1.md"
    issues = _issues(title, label)
    if not first.exists():
        for one in issues:
            if one["state"] == "open":
                api(f"issues/{one['number']}", "PATCH", {"state": "closed", "state_reason": "completed"})
        return
    text = {"title": title, "body": first.read_text(encoding="utf-8")}
    if issues:
        number = issues[0]["number"]
        api(f"issues/{number}", "PATCH", {**text, "state": "open"})
    else:
        number = api("issues", "POST", {**text, "labels": [label]})["number"]
    with TemporaryDirectory() as rest:
        for file in folder.glob("comment-*.md"):
            if file != first:
                (Path(rest) / file.name).write_bytes(file.read_bytes())
        replace(str(number), kind, Path(rest))


def _issues(title: str, label: str) -> list[dict[str, Any]]:
    """The issues that workflows created with this title: open ones first, then the newest."""
    issues = [
        one
        for one in every(f"issues?state=all&labels={label}")
        if one["title"] == title and one["user"]["login"] == BOT and "pull_request" not in one
    ]
    return sorted(issues, key=lambda one: (one["state"] != "open", -one["number"]))


if __name__ == "__main__":
    update(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4]))
