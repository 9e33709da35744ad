"""Prints the approvals of the pull requests merged since a commit: `approvals.py BASE BRANCH`.

One line `<rule>: approved` per rule, as `mesh review --pull-request` reads it. Each text is parsed
separately, so that an open code block in one text does not affect the next one.
"""

from __future__ import annotations

import subprocess
import sys

from github import every

from mesh.review.approval import approvals

MAX_COMMITS = 100  # newest first


def approved(base: str, branch: str) -> list[str]:
    """The approved rules.

    Args:
        base: the last deployed commit.
        branch: the target branch of the pull requests.
    """
    log = ["git", "rev-list", "--first-parent", f"--max-count={MAX_COMMITS}", f"{base}..HEAD"]
    commits = subprocess.run(log, capture_output=True, text=True, check=True).stdout.split()
    texts = {
        one["number"]: one["body"] or ""
        for commit in commits
        for one in every(f"commits/{commit}/pulls")
        if one["merged_at"] and one["base"]["ref"] == branch
    }
    return sorted({rule for text in texts.values() for rule in approvals((), text)})


if __name__ == "__main__":
    for rule in approved(sys.argv[1], sys.argv[2]):
        print(f"{rule}: approved")
