"""The steps of drift.yml, preview.yml, reap.yml and the action."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.git_repository import Repository
from tests.workflows.conftest import ACTION, Runner
from tests.workflows.test_plan import FILES, TAXI

DRIFT = "Report drift in an issue"
BOT = {"login": "github-actions[bot]"}


def mark(number: int) -> str:
    """The first line of a comment, as `mesh drift` writes it."""
    return "<!-- mesh drift prod -->" if number == 1 else f"<!-- mesh drift prod {number} -->"


def drift(runner: Runner, *parts: str, code: int = 5) -> int:
    """Runs the workflow once with this output and exit code of `mesh drift`."""
    for number, part in enumerate(parts, 1):
        (runner.folder / f"comment-{number}.md").write_text(f"{mark(number)}{part}")
    copy = f"mkdir -p {runner.temp}/drift; rm -f {runner.temp}/drift/*; cp {runner.folder}/comment-*.md {runner.temp}/drift"
    runner.fake_mesh(f"{copy if parts else ':'}; exit {code}")
    done = runner.step("drift", "drift", DRIFT, MESH_ENV="prod", GH_TOKEN="t")
    for file in runner.folder.glob("comment-*.md"):
        file.unlink()
    return done.returncode


def test_drift_is_reported_in_one_issue(runner: Runner) -> None:
    """The issue is created, updated, closed and opened again; there is never a second one."""
    person = {
        "number": 1,
        "title": "Drift in prod",
        "labels": ["drift"],
        "state": "open",
        "user": {"login": "kari"},
    }
    other = {**person, "number": 2, "title": "Drift in test", "user": BOT}
    pull = {**person, "number": 3, "user": BOT, "pull_request": {}}
    runner.hub = {**runner.hub, "issues": [person, other, pull]}

    def issues() -> list[Any]:
        return runner.hub["issues"][3:]

    assert drift(runner, code=0) == 0
    assert issues() == []
    assert drift(runner, "a table", "more", "and more") == 0
    [one] = issues()
    assert (one["title"], one["labels"], one["state"]) == ("Drift in prod", ["drift"], "open")
    number = str(one["number"])
    assert one["body"] == f"{mark(1)}a table"
    bodies = [comment["body"] for comment in runner.hub["comments"][number]]
    assert bodies == [f"{mark(2)}more", f"{mark(3)}and more"]

    assert drift(runner, "another table", "less") == 0
    assert [issue["body"] for issue in issues()] == [f"{mark(1)}another table"]
    assert [comment["body"] for comment in runner.hub["comments"][number]] == [f"{mark(2)}less"]

    assert drift(runner, code=3) == 3
    assert [issue["state"] for issue in issues()] == ["open"]

    assert drift(runner, code=0) == 0
    assert [issue["state"] for issue in issues()] == ["closed"]
    assert drift(runner, "again") == 0
    assert [(issue["state"], issue["body"]) for issue in issues()] == [("open", f"{mark(1)}again")]
    assert runner.hub["issues"][:3] == [person, other, pull]
    assert runner.calls()[0] == f"drift --format markdown --output {runner.temp}/drift"


LIST = [
    {
        "path": f"acme/transport/{project}/prep/one",
        "job": f"{project}_preview_one_featurex",
        "pipeline": None,
        "catalog": "acme",
        "schemas": ["preview_featurex_one"],
    }
    for project in ("bikes", "taxinyc")
]
PREVIEW = "Deploy the affected projects and comment"


@pytest.fixture
def on_branch(tmp_path: Path) -> Runner:
    """A runner with the head of a pull request checked out, behind `main`."""
    env = "  preview: {}\n  prod: {run_as: {service_principal_name: 3f9a1c52-7d42-4b87-a1a5-0a83a6d0b6f1}}\n"
    one = Repository.new(tmp_path / "checkout", {**FILES, "orgs/acme/org.yml": f"environments:\n{env}"})
    one.git("remote", "add", "origin", "https://github.com/acme/mesh")
    (one.path / ".git" / "info" / "exclude").write_text(".github\n")
    one.git("checkout", "-qb", "feature/x")
    one.commit({f"{TAXI}/a.py": "# Databricks notebook source\nprint(2)\n"})
    one.git("checkout", "-q", "main")
    one.commit({"orgs/acme/org.yml": f"description: Acme\nenvironments:\n{env}"})
    one.git("update-ref", "refs/remotes/origin/main", "main")
    one.git("checkout", "-q", "--detach", "feature/x")
    return Runner(one.path, tmp_path / "machine")


def preview(runner: Runner, deployment: str) -> int:
    """Runs the workflow for a push to the branch, with a fake deployment."""
    real = 'python -c "from mesh.cli.main import main; main()" "$@"'
    runner.fake_mesh(f"case $1 in deploy) {deployment} ;; *) {real} ;; esac")
    given = {
        "MESH_GIT_BRANCH": "feature/x",
        "GH_TOKEN": "t",
        "BASE_REF": "main",
        "NUMBER": "7",
        "RUN": "https://run",
    }
    done = runner.step("preview", "deploy", PREVIEW, **given)
    print(done.stdout, done.stderr)
    return done.returncode


def test_a_preview_deploys_the_affected_projects_and_comments(on_branch: Runner) -> None:
    assert preview(on_branch, "true") == 0

    deployed = [line for line in on_branch.calls() if line.startswith("deploy")]
    assert deployed == ["deploy --auto-approve -- acme/transport/taxinyc"]
    [one] = on_branch.hub["comments"]["7"]
    assert one["body"] == (
        "<!-- mesh preview 1 -->\n"
        "### Preview of `feature/x`\n\n"
        "Deployed; every push deploys it again, and closing the pull request removes it with its tables.\n\n"
        "**`acme/transport/taxinyc`**\n\n"
        "- `acme/transport/taxinyc/prep/one`: job `taxinyc_preview_one_featurex`, schema `acme.taxinyc_preview_one_featurex`\n"
    )


def test_a_failed_preview_updates_the_comment(on_branch: Runner) -> None:
    """For example, because another branch uses the same names."""
    comment = {"id": 3, "user": BOT, "body": "<!-- mesh preview 1 --> as it was"}
    on_branch.hub = {**on_branch.hub, "comments": {"7": [comment]}}

    assert preview(on_branch, "exit 3") == 3

    [one] = on_branch.hub["comments"]["7"]
    assert one["id"] == 3
    assert one["body"].endswith("\nNot deployed, see [the run](https://run).\n")


def test_shared_stacks_are_listed_and_not_deployed(runner: Runner) -> None:
    shared = {"project": None, "stack": "acme-foundation-main"}
    affected = {"matrix": {"include": [shared, {"project": "acme/transport/taxinyc", "stack": "x"}]}}
    (runner.checkout / "affected.json").write_text(json.dumps(affected))
    (runner.checkout / "flows.json").write_text(json.dumps(LIST))

    projects = runner.bash("python .github/scripts/preview.py projects < affected.json", {})
    comment = runner.bash("python .github/scripts/preview.py comment 'a`b' affected.json flows.json", {})

    assert projects.stdout == "acme/transport/taxinyc\n"
    assert "bikes" not in comment.stdout
    assert "### Preview of `ab`\n" in comment.stdout
    assert comment.stdout.endswith(
        "Shared resources are not previewed: `acme-foundation-main` will change when this is merged.\n"
    )


def test_closing_a_pull_request_destroys_the_deployments_of_its_branch(runner: Runner) -> None:
    """The branch name is passed as one argument, also with shell characters."""
    runner.fake_mesh()
    branch = "feature/$(touch${IFS}owned);x"
    comment = {"id": 3, "user": BOT, "body": "<!-- mesh preview 1 -->"}
    runner.hub = {**runner.hub, "comments": {"7": [comment]}, "open": {"shared": ["8"]}}
    given = {"MESH_GIT_BRANCH": "main", "GH_TOKEN": "t", "GH_REPO": "acme/mesh", "NUMBER": "7"}
    name = "Destroy the deployments of the branch"

    kept = runner.step("preview", "remove", name, **given, HEAD_REF="shared")
    assert (kept.returncode, runner.calls()) == (0, [])
    done = runner.step("preview", "remove", name, **given, HEAD_REF=branch)

    assert done.returncode == 0, done.stderr
    assert runner.calls() == [f"reap --branch {branch} --older-than 0h --auto-approve"]
    assert "MESH_ENV=preview" in runner.calls(".env")
    assert runner.hub["comments"]["7"] == []
    assert not (runner.checkout / "owned").exists()


def test_stale_deployments_are_listed_then_destroyed(runner: Runner) -> None:
    runner.fake_mesh("echo stale: acme/x/dev/kari")
    given = {"OLDER_THAN": "14d", "MESH_ENV": "dev"}

    listed = runner.step("reap", "list", "List", **given, OF_USER="")
    course = runner.step(
        "reap", "destroy", "Destroy", **{**given, "OLDER_THAN": "0h"}, OF_USER="ada@acme.example"
    )

    assert [listed.returncode, course.returncode] == [0, 0]
    assert runner.calls() == [
        "reap --older-than 14d --dry-run",
        "reap --older-than 0h --user ada@acme.example --auto-approve",
    ]
    assert runner.summary() == "dev:\n~~~~~~\nstale: acme/x/dev/kari\n~~~~~~\n"


def test_a_failed_list_fails_the_step(runner: Runner) -> None:
    runner.fake_mesh("exit 3")
    assert runner.step("reap", "list", "List", OLDER_THAN="14d", MESH_ENV="dev", OF_USER="").returncode == 3


def action(runner: Runner, name: str, **variables: str) -> tuple[int, str]:
    """Runs one step of the action; returns its exit code and stderr."""
    steps = yaml.safe_load(ACTION.read_text())["runs"]["steps"]
    [one] = [step for step in steps if step.get("name") == name]
    done = runner.bash(one["run"], {"VARIABLES": json.dumps(variables)} if "env" in one else {})
    return done.returncode, done.stderr


def test_the_action_installs_mesh_and_adds_it_to_the_path(runner: Runner) -> None:
    runner.program("make", '#!/bin/sh\necho "make $*" >> "$RUNNER_TEMP/made"\n')

    assert action(runner, "Install")[0] == 0
    assert (runner.temp / "made").read_text() == "make deployer\n"
    assert (runner.folder / "path").read_text() == f"{runner.checkout}/.venv/bin\n"


def test_the_login_uses_no_secret(runner: Runner) -> None:
    name = "Set the login"
    databricks = {"DATABRICKS_HOST": "https://prod.example", "DATABRICKS_CLIENT_ID": "7f1c0d6e"}
    azure = {"ARM_CLIENT_ID": "1", "ARM_TENANT_ID": "2", "ARM_SUBSCRIPTION_ID": "3"}

    assert action(runner, name, **databricks, **azure, DATABRICKS_TOKEN="dapi", PATH="/tmp")[0] == 0
    assert (runner.folder / "env").read_text().splitlines() == [
        "DATABRICKS_AUTH_TYPE=github-oidc",
        "MESH_USER=7f1c0d6e",
        "DATABRICKS_HOST=https://prod.example",
        "DATABRICKS_CLIENT_ID=7f1c0d6e",
        "ARM_USE_OIDC=true",
        "ARM_CLIENT_ID=1",
        "ARM_TENANT_ID=2",
        "ARM_SUBSCRIPTION_ID=3",
    ]
    code, error = action(runner, name, DATABRICKS_HOST="https://prod.example")
    assert (code, "no variable DATABRICKS_CLIENT_ID: docs/ci.md" in error) == (1, True)
    code, error = action(runner, name, **{**databricks, "DATABRICKS_HOST": "https://x\nPATH=/tmp"})
    assert (code, error) == (1, "variable DATABRICKS_HOST has more than one line\n")
