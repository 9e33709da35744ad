"""The steps of deploy.yml: from what was deployed last to stages of what is different since."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.git_repository import Repository
from tests.workflows.conftest import Runner
from tests.workflows.test_plan import BIKES, FILES, TAXI

GIVEN = {"GH_TOKEN": "t", "BRANCH": "main", "ENVIRONMENTS": "test prod"}
NAME = "Find what is different from what was deployed last"


def run(
    number: int, commit: str, *jobs: str, branch: str = "main", conclusion: str = "success"
) -> dict[str, Any]:
    """A run of deploy.yml whose jobs succeeded."""
    done = [{"name": name, "conclusion": "success"} for name in jobs]
    known = {"workflow": "deploy.yml", "branch": branch, "conclusion": conclusion}
    return {
        "id": number,
        "head_sha": commit,
        **known,
        "jobs": [*done, {"name": "later", "conclusion": "skipped"}],
    }


def merged(
    number: int, body: str | None, base: str = "main", at: str | None = "2026-11-22"
) -> dict[str, Any]:
    return {"number": number, "body": body, "merged_at": at, "base": {"ref": base}}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """The branch `main`, after the merge of a change to taxinyc and of one that removes bikes."""
    one = Repository.new(tmp_path / "checkout", FILES)
    one.git("remote", "add", "origin", "https://github.com/acme/mesh")
    (one.path / ".git" / "info" / "exclude").write_text(".github\n")
    one.commit({f"{TAXI}/a.py": "# Databricks notebook source\nprint(2)\n"})
    one.git("rm", "-qr", BIKES)
    one.commit({"orgs/acme/org.yml": FILES["orgs/acme/org.yml"] + "catalog: {comment: All of acme}\n"})
    return one


@pytest.fixture
def on_main(repository: Repository, tmp_path: Path) -> Runner:
    """A machine that has checked that out."""
    return Runner(repository.path, tmp_path / "machine")


def entries(outputs: dict[str, str]) -> dict[str, list[tuple[str, list[str]]]]:
    """The entries of each stage: environment and stacks."""
    stages = ("common", "earlier", "shared", "projects")
    read = {stage: json.loads(outputs[stage] or '{"include": []}')["include"] for stage in stages}
    return {
        stage: [(one["env"], one["stacks"].split("\n")) for one in found] for stage, found in read.items()
    }


def test_stages_hold_what_differs_from_the_commit_that_was_deployed_last(
    on_main: Runner, repository: Repository
) -> None:
    """A run that failed, was never approved, or only ran tests deployed nothing."""
    first, second, third = repository.git("rev-list", "--reverse", "HEAD").split()
    runs = [
        run(5, third, "deployed", branch="other"),
        run(4, third, "deployed", conclusion="failure"),
        run(3, second, "test"),
        run(2, "0" * 40, "deployed"),
        run(1, first, "deployed"),
    ]
    pulls = {
        second: [merged(1, "```\nan example\n"), merged(9, "run-as: approved", base="other")],
        third: [
            merged(2, "data-loss: approved\n"),
            merged(3, "everybody: approved", at=None),
            merged(4, None),
        ],
        first: [merged(5, "all-privileges: approved")],
    }
    on_main.hub = {**on_main.hub, "runs": runs, "pulls": pulls}

    done = on_main.step("deploy", "affected", NAME, **GIVEN)

    assert done.returncode == 0, done.stderr
    outputs = on_main.outputs()
    assert outputs["base"] == first
    assert outputs["approvals"] == "data-loss: approved\n"
    assert entries(outputs) == {
        "common": [("prod", ["acme-foundation-main"])],
        "earlier": [("test", ["acme/transport/taxinyc"])],
        "shared": [("prod", ["acme/transport/bikes"])],
        "projects": [("prod", ["acme/transport/taxinyc"])],
    }
    assert "acme-transport-bikes-test is gone from the mesh, and stays in test" in done.stderr


def test_the_first_time_everything_is_deployed(on_main: Runner) -> None:
    done = on_main.step("deploy", "affected", NAME, **GIVEN)

    assert done.returncode == 0, done.stderr
    assert on_main.outputs()["base"] == ""
    assert on_main.outputs()["approvals"] == ""
    assert entries(on_main.outputs()) == {
        "common": [("prod", ["acme-foundation-main"])],
        "earlier": [("test", ["acme/transport/taxinyc"])],
        "shared": [],
        "projects": [("prod", ["acme/transport/taxinyc"])],
    }


def test_where_nothing_is_different_there_is_no_stage(runner: Runner) -> None:
    (runner.checkout / "affected.json").write_text('{"matrix": {"include": []}, "removed": []}')

    done = runner.bash("python .github/scripts/matrices.py test prod < affected.json", {})

    assert done.stdout == "matrix=\ncommon=\nearlier=\nshared=\nprojects=\n"


def test_an_environment_before_the_last_gets_all_that_is_its_own(runner: Runner) -> None:
    runner.fake_mesh()

    done = runner.step("deploy", "earlier", "Deploy", MESH_ENV="test", STACKS="acme-workspace-test\nacme/x y")

    assert done.returncode == 0
    assert runner.noted() == ["deploy --auto-approve -- acme-workspace-test acme/x y"]
    assert runner.step("deploy", "deployed").returncode == 0
    assert runner.summary() == "5bd01c2f is deployed\n"


def test_more_stacks_than_a_matrix_takes_are_one_job_for_each_environment(runner: Runner) -> None:
    def stack(env: str, number: int) -> dict[str, object]:
        name, project = f"acme-x-{number}-{env}", f"acme/x/{number}"
        return {"env": env, "stack": name, "project": project, "state_key": f"{project}/{env}"}

    found = {"matrix": {"include": [stack(env, number) for env in ("test", "prod") for number in range(129)]}}
    (runner.checkout / "affected.json").write_text(json.dumps({**found, "removed": []}))

    done = runner.bash("python .github/scripts/matrices.py test prod < affected.json", {})

    assert "258 stacks are more than 256: one job for each environment" in done.stderr
    outputs = dict(line.split("=", 1) for line in done.stdout.splitlines())
    matrix = json.loads(outputs["matrix"])["include"]
    assert [(one["name"], one["stacks"].count("\n") + 1) for one in matrix] == [
        ("test, all", 129),
        ("prod, all", 129),
    ]
    assert len(json.loads(outputs["projects"])["include"]) == 129
