"""What the pull requests that were merged since a commit approve: `approvals.py BASE BRANCH`.

One line `<rule>: approved` for each rule, as `mesh review --pull-request` reads it. Each text is read by
itself: a code block that one leaves open says nothing of the next one.
"""

from __future__ import annotations

import subprocess
import sys

from github import every

from mesh.review.policy import approvals

MOST = 100  # commits that are asked about, the newest first


def approved(base: str, branch: str) -> list[str]:
    """The rules that are approved.

    Args:
        base: the commit that was deployed last.
        branch: the branch that pull requests were merged into.
    """
    log = ["git", "rev-list", "--first-parent", f"--max-count={MOST}", f"{base}..HEAD"]
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
