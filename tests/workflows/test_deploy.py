"""The steps of deploy.yml: from the last deployed commit to the stages of a deployment."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.git_repository import Repository
from tests.workflows.conftest import Runner
from tests.workflows.test_plan import BIKES, FILES, TAXI

GIVEN = {"GH_TOKEN": "t", "BRANCH": "main", "ENVIRONMENTS": "test prod"}
NAME = "Compare with the last deployed commit"


def run(
    number: int, commit: str, *jobs: str, branch: str = "main", conclusion: str = "success"
) -> dict[str, Any]:
    """A run of deploy.yml whose jobs succeeded."""
    done = [{"name": name, "conclusion": "success"} for name in jobs]
    fields = {"workflow": "deploy.yml", "branch": branch, "conclusion": conclusion}
    return {
        "id": number,
        "head_sha": commit,
        **fields,
        "jobs": [*done, {"name": "later", "conclusion": "skipped"}],
    }


def merged_pull_request(
    number: int, body: str | None, base: str = "main", at: str | None = "2026-11-22"
) -> dict[str, Any]:
    return {"number": number, "body": body, "merged_at": at, "base": {"ref": base}}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """The branch `main` after two merges: one changes taxinyc, one removes bikes."""
    one = Repository.new(tmp_path / "checkout", FILES)
    one.git("remote", "add", "origin", "https://github.com/acme/mesh")
    (one.path / ".git" / "info" / "exclude").write_text(".github\n")
    one.commit({f"{TAXI}/a.py": "# Databricks notebook source\nprint(2)\n"})
    one.git("rm", "-qr", BIKES)
    one.commit({"orgs/acme/org.yml": FILES["orgs/acme/org.yml"] + "catalog: {comment: All of acme}\n"})
    return one


@pytest.fixture
def on_main(repository: Repository, tmp_path: Path) -> Runner:
    """A runner with that branch checked out."""
    return Runner(repository.path, tmp_path / "machine")


def entries(outputs: dict[str, str]) -> dict[str, list[tuple[str, list[str]]]]:
    """The entries of each stage: environment and stacks."""
    stages = ("common", "earlier", "shared", "projects")
    read = {stage: json.loads(outputs[stage] or '{"include": []}')["include"] for stage in stages}
    return {
        stage: [(one["env"], one["stacks"].split("\n")) for one in entries] for stage, entries in read.items()
    }


def test_stages_contain_the_changes_since_the_last_deployed_commit(
    on_main: Runner, repository: Repository
) -> None:
    """Runs that failed, were not approved or only ran tests do not count as deployments."""
    first, second, third = repository.git("rev-list", "--reverse", "HEAD").split()
    runs = [
        run(5, third, "deployed", branch="other"),
        run(4, third, "deployed", conclusion="failure"),
        run(3, second, "test"),
        run(2, "0" * 40, "deployed"),
        run(1, first, "deployed"),
    ]
    pulls = {
        second: [
            merged_pull_request(1, "```\nan example\n"),
            merged_pull_request(9, "run-as: approved", base="other"),
        ],
        third: [
            merged_pull_request(2, "data-loss: approved\n"),
            merged_pull_request(3, "everybody: approved", at=None),
            merged_pull_request(4, None),
        ],
        first: [merged_pull_request(5, "all-privileges: approved")],
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
    assert "acme-transport-bikes-test was removed from the mesh and still exists in test" in done.stderr


def test_the_first_run_deploys_everything(on_main: Runner) -> None:
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


def test_without_changes_there_is_no_stage(runner: Runner) -> None:
    (runner.checkout / "affected.json").write_text('{"matrix": {"include": []}, "removed": []}')

    done = runner.bash("python .github/scripts/matrices.py test prod < affected.json", {})

    assert done.stdout == "matrix=\ncommon=\nearlier=\nshared=\nprojects=\n"


def test_an_earlier_environment_deploys_its_own_stacks(runner: Runner) -> None:
    runner.fake_mesh()

    variables = {"STACKS": "acme-workspace-test\nacme/x y", "APPROVALS": "data-loss: approved"}
    done = runner.step("deploy", "earlier", "Deploy", MESH_ENV="test", **variables)

    assert done.returncode == 0
    assert runner.calls() == ["deploy --auto-approve --pull-request - -- acme-workspace-test acme/x y"]
    assert runner.step("deploy", "deployed").returncode == 0
    assert runner.summary() == "5bd01c2f is deployed\n"


def test_too_many_stacks_for_a_matrix_become_one_job_per_environment(runner: Runner) -> None:
    def stack(env: str, number: int) -> dict[str, object]:
        name, project = f"acme-x-{number}-{env}", f"acme/x/{number}"
        return {"env": env, "stack": name, "project": project, "state_key": f"{project}/{env}"}

    affected = {
        "matrix": {"include": [stack(env, number) for env in ("test", "prod") for number in range(129)]}
    }
    (runner.checkout / "affected.json").write_text(json.dumps({**affected, "removed": []}))

    done = runner.bash("python .github/scripts/matrices.py test prod < affected.json", {})

    assert "258 stacks, more than 256 jobs: one job per environment" in done.stderr
    outputs = dict(line.split("=", 1) for line in done.stdout.splitlines())
    matrix = json.loads(outputs["matrix"])["include"]
    assert [(one["name"], one["stacks"].count("\n") + 1) for one in matrix] == [
        ("test, all", 129),
        ("prod, all", 129),
    ]
    assert len(json.loads(outputs["projects"])["include"]) == 129
