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

DRIFT = "Compare with what is there, and say so in an issue"
BOT = {"login": "github-actions[bot]"}


def mark(number: int) -> str:
    """The first line of a part, as `mesh drift` writes it."""
    return "<!-- mesh drift prod -->" if number == 1 else f"<!-- mesh drift prod {number} -->"


def drift(runner: Runner, *parts: str, code: int = 5) -> int:
    """One night: what `mesh drift` finds, and its exit code."""
    for number, part in enumerate(parts, 1):
        (runner.folder / f"comment-{number}.md").write_text(f"{mark(number)}{part}")
    copy = f"mkdir -p {runner.temp}/drift; rm -f {runner.temp}/drift/*; cp {runner.folder}/comment-*.md {runner.temp}/drift"
    runner.fake_mesh(f"{copy if parts else ':'}; exit {code}")
    done = runner.step("drift", "drift", DRIFT, MESH_ENV="prod", GH_TOKEN="t")
    for file in runner.folder.glob("comment-*.md"):
        file.unlink()
    return done.returncode


def test_what_was_changed_by_hand_is_one_issue_for_as_long_as_it_lasts(runner: Runner) -> None:
    """Opened once, updated, closed, and opened again: never a second one."""
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
    assert runner.noted()[0] == f"drift --format markdown --output {runner.temp}/drift"


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
PREVIEW = "Deploy what the branch changes, and say where"


@pytest.fixture
def on_branch(tmp_path: Path) -> Runner:
    """A machine with the head of a pull request checked out; `main` has moved on meanwhile."""
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
    """A push to the branch; all of `mesh` is real but the deployment."""
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


def test_a_preview_is_what_the_branch_changes_and_a_comment_says_where(on_branch: Runner) -> None:
    assert preview(on_branch, "true") == 0

    deployed = [line for line in on_branch.noted() if line.startswith("deploy")]
    assert deployed == ["deploy --auto-approve -- acme/transport/taxinyc"]
    [one] = on_branch.hub["comments"]["7"]
    assert one["body"] == (
        "<!-- mesh preview 1 -->\n"
        "### Preview of `feature/x`\n\n"
        "Deployed; every push deploys it again, and closing the pull request removes it with its tables.\n\n"
        "**`acme/transport/taxinyc`**\n\n"
        "- `acme/transport/taxinyc/prep/one`: job `taxinyc_preview_one_featurex`, schema `acme.taxinyc_preview_one_featurex`\n"
    )


def test_a_preview_that_is_refused_is_told_where_its_comment_was(on_branch: Runner) -> None:
    """As where another branch has its names already."""
    comment = {"id": 3, "user": BOT, "body": "<!-- mesh preview 1 --> as it was"}
    on_branch.hub = {**on_branch.hub, "comments": {"7": [comment]}}

    assert preview(on_branch, "exit 3") == 3

    [one] = on_branch.hub["comments"]["7"]
    assert one["id"] == 3
    assert one["body"].endswith("\nNot deployed: [the run](https://run) says why.\n")


def test_what_is_shared_is_told_and_not_deployed(runner: Runner) -> None:
    shared = {"project": None, "stack": "acme-foundation-main"}
    found = {"matrix": {"include": [shared, {"project": "acme/transport/taxinyc", "stack": "x"}]}}
    (runner.checkout / "affected.json").write_text(json.dumps(found))
    (runner.checkout / "flows.json").write_text(json.dumps(LIST))

    projects = runner.bash("python .github/scripts/preview.py projects < affected.json", {})
    said = runner.bash("python .github/scripts/preview.py comment 'a`b' affected.json flows.json", {})

    assert projects.stdout == "acme/transport/taxinyc\n"
    assert "bikes" not in said.stdout
    assert "### Preview of `ab`\n" in said.stdout
    assert said.stdout.endswith(
        "What projects share is not previewed: `acme-foundation-main` would change once this is merged.\n"
    )


def test_a_closed_pull_request_takes_its_branchs_deployments_with_it(runner: Runner) -> None:
    """Its name is an argument, whatever is in it."""
    runner.fake_mesh()
    branch = "feature/$(touch${IFS}owned);x"
    comment = {"id": 3, "user": BOT, "body": "<!-- mesh preview 1 -->"}
    runner.hub = {**runner.hub, "comments": {"7": [comment]}, "open": {"shared": ["8"]}}
    given = {"MESH_GIT_BRANCH": "main", "GH_TOKEN": "t", "GH_REPO": "acme/mesh", "NUMBER": "7"}
    name = "Destroy what the branch has deployed"

    kept = runner.step("preview", "remove", name, **given, HEAD_REF="shared")
    assert (kept.returncode, runner.noted()) == (0, [])
    done = runner.step("preview", "remove", name, **given, HEAD_REF=branch)

    assert done.returncode == 0, done.stderr
    assert runner.noted() == [f"reap --branch {branch} --older-than 0h --auto-approve"]
    assert "MESH_ENV=preview" in runner.noted(".env")
    assert runner.hub["comments"]["7"] == []
    assert not (runner.checkout / "owned").exists()


def test_what_is_stale_is_listed_then_destroyed(runner: Runner) -> None:
    runner.fake_mesh("echo stale: acme/x/dev/kari")
    given = {"OLDER_THAN": "14d", "MESH_ENV": "dev"}

    listed = runner.step("reap", "list", "List", **given, OF_USER="")
    course = runner.step(
        "reap", "destroy", "Destroy", **{**given, "OLDER_THAN": "0h"}, OF_USER="ada@acme.example"
    )

    assert [listed.returncode, course.returncode] == [0, 0]
    assert runner.noted() == [
        "reap --older-than 14d --dry-run",
        "reap --older-than 0h --user ada@acme.example --auto-approve",
    ]
    assert runner.summary() == "dev:\n~~~~~~\nstale: acme/x/dev/kari\n~~~~~~\n"


def test_a_list_that_fails_is_no_list(runner: Runner) -> None:
    runner.fake_mesh("exit 3")
    assert runner.step("reap", "list", "List", OLDER_THAN="14d", MESH_ENV="dev", OF_USER="").returncode == 3


def action(runner: Runner, name: str, **variables: str) -> tuple[int, str]:
    """One step of the action; its exit code, and what it said."""
    steps = yaml.safe_load(ACTION.read_text())["runs"]["steps"]
    [one] = [step for step in steps if step.get("name") == name]
    done = runner.bash(one["run"], {"VARIABLES": json.dumps(variables)} if "env" in one else {})
    return done.returncode, done.stderr


def test_the_action_installs_for_deploying_and_puts_mesh_on_the_path(runner: Runner) -> None:
    runner.program("make", '#!/bin/sh\necho "make $*" >> "$RUNNER_TEMP/made"\n')

    assert action(runner, "Install")[0] == 0
    assert (runner.temp / "made").read_text() == "make deployer\n"
    assert (runner.folder / "path").read_text() == f"{runner.checkout}/.venv/bin\n"


def test_nobody_logs_in_with_a_secret(runner: Runner) -> None:
    name = "Say who logs in"
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
    code, said = action(runner, name, DATABRICKS_HOST="https://prod.example")
    assert (code, "no variable DATABRICKS_CLIENT_ID: docs/ci.md" in said) == (1, True)
    code, said = action(runner, name, **{**databricks, "DATABRICKS_HOST": "https://x\nPATH=/tmp"})
    assert (code, said) == (1, "variable DATABRICKS_HOST has more than one line\n")
