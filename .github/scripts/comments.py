"""Keep one set of comments on a pull request or issue: `comments.py NUMBER KIND FOLDER`.

Each comment begins with `<!-- KIND N -->`. Those in the folder (`comment-N.md`) take the places of those that
are there; what is one too many is deleted. Only comments of this repository's workflows are touched.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from github import BOT, api, every


def replace(number: str, kind: str, folder: Path) -> None:
    """Have the comments of a kind be those in a folder.

    Args:
        number: of the pull request or issue.
        kind: what stands in their first lines.
        folder: holds comment-1.md, comment-2.md …; none, or no folder, removes what is there.
    """
    marked = re.compile(rf"<!-- {re.escape(kind)} [0-9]+ -->")
    there = [
        one["id"]
        for one in every(f"issues/{number}/comments")
        if one["user"]["login"] == BOT and marked.match(one["body"] or "")
    ]
    files = sorted(folder.glob("comment-*.md"), key=lambda file: int(file.stem.partition("-")[2]))
    for index, file in enumerate(files):
        text = {"body": file.read_text(encoding="utf-8")}
        if index < len(there):
            api(f"issues/comments/{there[index]}", "PATCH", text)
        else:
            api(f"issues/{number}/comments", "POST", text)
    for left in there[len(files) :]:
        api(f"issues/comments/{left}", "DELETE")


if __name__ == "__main__":
    replace(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
