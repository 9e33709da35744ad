"""The commit that was deployed last: `deployed.py WORKFLOW BRANCH JOB`; nothing where there was none.

It is that of the newest run whose last job succeeded. A run that failed or was not approved leaves its
changes to the next one, which is compared with what was deployed before both.
"""

from __future__ import annotations

import subprocess
import sys

from github import api

MOST = 50  # runs that are asked about


def deployed(workflow: str, branch: str, job: str) -> str:
    """The commit, or nothing.

    Args:
        workflow: the file of the workflow that deploys.
        branch: the branch that it runs on.
        job: its last job.
    """
    listed = f"actions/workflows/{workflow}/runs?branch={branch}&status=success&per_page={MOST}"
    for run in api(listed)["workflow_runs"]:
        commit = run["head_sha"]
        known = ["git", "merge-base", "--is-ancestor", commit, "HEAD"]
        if subprocess.run(known, stderr=subprocess.DEVNULL, check=False).returncode:
            continue  # the branch was written anew since
        jobs = api(f"actions/runs/{run['id']}/jobs?filter=latest&per_page=100")["jobs"]
        if any(one["name"] == job and one["conclusion"] == "success" for one in jobs):
            return str(commit)
    return ""


if __name__ == "__main__":
    print(deployed(*sys.argv[1:4]))
