"""Prints the last deployed commit: `deployed.py WORKFLOW BRANCH JOB`; an empty line before the first one.

It is the commit of the newest run whose last job succeeded. After a run that failed or was not approved, the
next run deploys the changes of both.
"""

from __future__ import annotations

import subprocess
import sys

from github import api

MAX_RUNS = 50


def last_deployed_commit(workflow: str, branch: str, job: str) -> str:
    """The last deployed commit; "" where there is none.

    Args:
        workflow: the file of the deploying workflow.
        branch: the branch of its runs.
        job: its last job.
    """
    runs = f"actions/workflows/{workflow}/runs?branch={branch}&status=success&per_page={MAX_RUNS}"
    for run in api(runs)["workflow_runs"]:
        commit = run["head_sha"]
        is_ancestor = ["git", "merge-base", "--is-ancestor", commit, "HEAD"]
        if subprocess.run(is_ancestor, stderr=subprocess.DEVNULL, check=False).returncode:
            continue  # the history of the branch was rewritten
        jobs = api(f"actions/runs/{run['id']}/jobs?filter=latest&per_page=100")["jobs"]
        if any(one["name"] == job and one["conclusion"] == "success" for one in jobs):
            return str(commit)
    return ""


if __name__ == "__main__":
    print(last_deployed_commit(*sys.argv[1:4]))
