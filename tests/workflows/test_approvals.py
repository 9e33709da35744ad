"""The scripts of the pages about GitLab and Azure DevOps that read the approvals of what was merged."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.support.git_repository import Repository
from tests.support.inherited_environment import inherited_environment
from tests.workflows.conftest import ROOT

APPROVED = "Removes tips.\n\ndata-loss: approved\n"
QUOTED = "```\nrun-as: approved\n```\n"


@contextmanager
def serving(answers: Mapping[str, Any], calls: list[tuple[str, str, Any]]) -> Iterator[str]:
    """A server with these answers by path; yields its address."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            sent = json.loads(self.rfile.read(length)) if length else None
            token = self.headers.get("PRIVATE-TOKEN") or self.headers.get("Authorization") or ""
            calls.append((token, self.path, sent))
            body = json.dumps(answers[self.path.partition("?")[0]]).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer

        def log_message(self, *arguments: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def merged(tmp_path: Path) -> tuple[Repository, list[str]]:
    """A repository whose first commit is deployed, and its commits."""
    one = Repository.new(tmp_path / "checkout", {"a": "1"})
    commits = [one.git("rev-parse", "HEAD").strip()]
    for text in "23":
        one.commit({"a": text})
        commits.append(one.git("rev-parse", "HEAD").strip())
    return one, commits


def run(page: str, repository: Repository, *arguments: str, **environ: str) -> str:
    """Runs the page's script; returns what it prints."""
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    [script] = [one for one in re.findall(r"(?ms)^```python\n(.*?)^```", text) if "import approvals" in one]
    command = [sys.executable, "-c", script, *arguments]
    environment = {**inherited_environment(), "PYTHONPATH": str(ROOT), **environ}
    done = subprocess.run(
        command, cwd=repository.path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def gitlab(description: str | None, **facts: str) -> dict[str, Any]:
    """A merge request."""
    return {"iid": 1, "state": "merged", "target_branch": "main", "description": description, **facts}


def test_gitlab_reads_the_merge_requests_since_the_last_deployment(
    merged: tuple[Repository, list[str]],
) -> None:
    repository, (deployed, second, third) = merged
    commit = "/projects/7/repository/commits/"
    answers = {
        "/projects/7/deployments": [{"sha": deployed}],
        f"{commit}{second}/merge_requests": [gitlab(APPROVED)],
        f"{commit}{third}/merge_requests": [
            gitlab("everybody: approved", iid="2", state="opened"),
            gitlab("everybody: approved", iid="3", target_branch="other"),
            gitlab(QUOTED, iid="4"),
            gitlab(None, iid="5"),
        ],
    }
    calls: list[tuple[str, str, Any]] = []
    with serving(answers, calls) as address:
        given = {"CI_API_V4_URL": address, "CI_PROJECT_ID": "7", "CI_DEFAULT_BRANCH": "main"}
        printed = run("ci-gitlab", repository, "prod", **given, REVIEW_TOKEN="secret")
        count = len(calls)
        without = run("ci-gitlab", repository, "prod", **given, REVIEW_TOKEN="")

    assert printed == "data-loss: approved\n"
    assert calls[0][1].startswith("/projects/7/deployments?environment=prod&status=success&")
    assert {token for token, *_ in calls} == {"secret"}
    assert (without, len(calls)) == ("", count)


def test_azure_devops_reads_the_pull_requests_since_the_last_run(
    merged: tuple[Repository, list[str]],
) -> None:
    """A nightly run deploys nothing, so it does not count; texts in lists are shortened."""
    repository, (deployed, second, third) = merged
    base = "/acme/p1/_apis"
    pull = {
        "pullRequestId": 8,
        "status": "completed",
        "targetRefName": "refs/heads/main",
        "description": "Rem",
    }
    other = {**pull, "pullRequestId": 9, "targetRefName": "refs/heads/other"}
    answers = {
        f"{base}/build/builds": {
            "value": [
                {"reason": "schedule", "sourceVersion": third},
                {"reason": "individualCI", "sourceVersion": deployed},
            ]
        },
        f"{base}/git/repositories/r1/pullrequestquery": {
            "results": [{third: [pull, other]}, {second: [pull]}]
        },
        f"{base}/git/repositories/r1/pullRequests/8": {"description": APPROVED},
    }
    calls: list[tuple[str, str, Any]] = []
    with serving(answers, calls) as address:
        printed = run(
            "ci-azure-devops",
            repository,
            SYSTEM_COLLECTIONURI=f"{address}/acme/",
            SYSTEM_TEAMPROJECTID="p1",
            BUILD_REPOSITORY_ID="r1",
            BUILD_SOURCEBRANCH="refs/heads/main",
            SYSTEM_DEFINITIONID="4",
            SYSTEM_ACCESSTOKEN="secret",
        )

    assert printed == "data-loss: approved\n"
    assert calls[1][2]["queries"][0] == {"type": "lastMergeCommit", "items": [third, second]}
    assert {token for token, *_ in calls} == {"Bearer secret"}


@pytest.mark.parametrize("page", ["ci-gitlab", "ci-azure-devops"])
def test_every_command_that_the_policy_may_refuse_gets_the_approvals(page: str) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8").replace("\\\n", " ")
    calls = re.findall(
        r"(?m)^.*?\bmesh (?:deploy --|apply \S*plans|review \S*plans\S* --format markdown).*$", text
    )
    calls += re.findall(r"(?m)^\s+(?:- )?\S*mesh review \S*plans\S*(?: --pull.*)?$", text)

    assert len(calls) == 4
    assert [one for one in calls if "--pull-request" not in one] == []
