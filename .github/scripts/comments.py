"""Replaces one set of comments on a pull request or issue: `comments.py NUMBER KIND FOLDER`.

Each comment begins with `<!-- KIND N -->`. The files `comment-N.md` in the folder replace the existing
comments; surplus comments are deleted. Only comments of this repository's workflows are changed.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from github import BOT, api, every


def replace(number: str, kind: str, folder: Path) -> None:
    """Replaces the comments of a kind by the files in a folder.

    Args:
        number: the number of the pull request or issue.
        kind: the marker in their first lines.
        folder: contains comment-1.md, comment-2.md …; without files, existing comments are deleted.
    """
    marked = re.compile(rf"<!-- {re.escape(kind)} [0-9]+ -->")
    existing = [
        one["id"]
        for one in every(f"issues/{number}/comments")
        if one["user"]["login"] == BOT and marked.match(one["body"] or "")
    ]
    files = sorted(folder.glob("comment-*.md"), key=lambda file: int(file.stem.partition("-")[2]))
    for index, file in enumerate(files):
        text = {"body": file.read_text(encoding="utf-8")}
        if index < len(existing):
            api(f"issues/comments/{existing[index]}", "PATCH", text)
        else:
            api(f"issues/{number}/comments", "POST", text)
    for surplus in existing[len(files) :]:
        api(f"issues/comments/{surplus}", "DELETE")


if __name__ == "__main__":
    replace(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
