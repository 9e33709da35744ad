"""The steps of plan.yml and apply.yml, on a repository with a pull request that changes a project."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.support.git_repository import Repository
from tests.workflows.conftest import ROOT, Runner

ORG = """\
environments:
  test: {run_as: {service_principal_name: 3f9a1c52-7d42-4b87-a1a5-0a83a6d0b6f1}}
  prod: {run_as: {service_principal_name: 3f9a1c52-7d42-4b87-a1a5-0a83a6d0b6f1}}
"""
NAMES = {"job": "{project}_{env}_{flow}", "pipeline": "{project}_{env}", "db": "{project}_{env}_{db}"}
NAMING = 'naming:\n  catalog: {other: "{org}"}\n' + "".join(
    f'  {kind}: {{other: "{name}", preview: "{name}_{{gitbranch}}"}}\n' for kind, name in NAMES.items()
)
PROJECTS = "orgs/acme/domains/transport/projects"
TAXI, BIKES = (f"{PROJECTS}/{name}/flows/prep/one" for name in ("taxinyc", "bikes"))
FILES = {
    ".brickopscfg/config.yml": NAMING,
    "orgs/acme/org.yml": ORG,
    **{f"{flow}/deployment.yml": "tasks: [{task_key: a, serverless: true}]\n" for flow in (TAXI, BIKES)},
    **{f"{flow}/a.py": "# Databricks notebook source\n" for flow in (TAXI, BIKES)},
}
CASES = ROOT / "tests" / "golden" / "review" / "cases"
LOSES_DATA = "removed_flow"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """The merge commit of a pull request that changes taxinyc and removes bikes."""
    one = Repository.new(tmp_path / "checkout", FILES)
    one.git("remote", "add", "origin", "https://github.com/acme/mesh")
    (one.path / ".git" / "info" / "exclude").write_text(".github\n")
    one.git("checkout", "-qb", "feature/x")
    one.git("rm", "-qr", BIKES)
    one.commit({f"{TAXI}/a.py": "# Databricks notebook source\nprint(2)\n"})
    one.git("checkout", "-q", "--detach", "main")
    one.git("merge", "-q", "--no-ff", "feature/x")
    return one


@pytest.fixture
def on_merge(repository: Repository, tmp_path: Path) -> Runner:
    """A runner with the merge commit checked out."""
    return Runner(repository.path, tmp_path / "machine")


def test_files_are_validated_in_every_environment_after_a_failure(on_merge: Runner) -> None:
    values = {"MESH_GIT_BRANCH": "main", "ENVIRONMENTS": "tset prod"}

    done = on_merge.step("plan", "validate", "Check all files in each environment", **values)

    assert (done.stdout, done.returncode) == ("1 project, 1 flow: no errors in prod\n", 2)
    assert "`tset`" in done.stderr


def test_affected_and_removed_stacks_have_a_plan_job_each(
    on_merge: Runner,
) -> None:
    values = {"MESH_GIT_BRANCH": "main", "ENVIRONMENTS": "test prod"}

    done = on_merge.step("plan", "affected", "Find the affected stacks", **values)

    assert done.returncode == 0, done.stderr
    entries = json.loads(on_merge.outputs()["matrix"])["include"]
    assert [(one["env"], one["name"], one["stacks"], one["artifact"]) for one in entries] == [
        ("test", "acme-transport-taxinyc-test", "acme/transport/taxinyc", "test-1"),
        ("prod", "acme-transport-taxinyc-prod", "acme/transport/taxinyc", "prod-2"),
        ("test", "acme-transport-bikes-test", "acme/transport/bikes", "test-3"),
        ("prod", "acme-transport-bikes-prod", "acme/transport/bikes", "prod-4"),
    ]
    assert "acme-transport-bikes-test was removed from the mesh and still exists in test" in done.stderr


def test_a_plan_job_passes_its_stacks_and_the_base_commit(runner: Runner) -> None:
    runner.fake_mesh()
    values = {"MESH_GIT_BRANCH": "main", "MESH_ENV": "prod", "STACKS": "acme/x\nacme-foundation-main"}

    done = runner.step("plan", "plan", "Plan", **values)

    assert done.returncode == 0
    plans = runner.temp / "plans"
    assert runner.calls() == [f"plan --out {plans} --base HEAD^1 -- acme/x acme-foundation-main"]
    assert "MESH_ENV=prod" in runner.calls(".env")


@pytest.mark.parametrize(("code", "fails"), [(0, False), (3, False), (1, True), (2, True)])
def test_a_failed_plan_is_left_to_the_review(runner: Runner, code: int, fails: bool) -> None:
    runner.fake_mesh(f"exit {code}")
    plan = runner.step("plan", "plan", "Plan", MESH_GIT_BRANCH="main", MESH_ENV="prod", STACKS="x")
    stage = runner.step("apply", "plan", "Plan", MESH_ENV="prod", STACKS="x", BASE="")

    assert [plan.returncode > 0, stage.returncode > 0] == [fails, fails]


def plans(runner: Runner, case: str) -> None:
    """Copies plans of a golden review, as earlier jobs upload them."""
    shutil.copytree(CASES / case / "plans", runner.temp / "plans")


REVIEW = "Review and comment on the pull request"
GIVEN = {"MESH_GIT_BRANCH": "main", "GH_TOKEN": "t", "GH_REPO": "acme/mesh", "NUMBER": "7", "MATRIX": "{}"}


def test_a_pull_request_gets_one_comment_that_later_reviews_replace(
    on_merge: Runner, repository: Repository
) -> None:
    """Its text has no effect in the shell, and its own review.yml is ignored."""
    plans(on_merge, LOSES_DATA)
    hostile = "$(touch owned) `touch owned` \"; touch owned; ' data-loss: approved"
    on_merge.hub = {**on_merge.hub, "texts": {"7": hostile}}
    repository.write({"review.yml": "rules: {data-loss: ignore}\n"})

    refused = on_merge.step("plan", "review", REVIEW, **GIVEN, PLANNED="success")

    assert refused.returncode == 4, refused.stderr
    [first] = on_merge.hub["comments"]["7"]
    assert first["body"].startswith("<!-- mesh review 1 -->")
    assert "destroyed" in first["body"]
    assert not list(on_merge.checkout.glob("**/owned"))
    on_merge.hub = {**on_merge.hub, "texts": {"7": "Removes tips.\n\ndata-loss: approved"}}

    approved = on_merge.step("plan", "review", REVIEW, **GIVEN, PLANNED="success")

    assert approved.returncode == 0, approved.stderr
    [second] = on_merge.hub["comments"]["7"]
    assert second["id"] == first["id"]
    assert second["body"] != first["body"]


def test_the_policy_of_the_target_branch_applies(on_merge: Runner, repository: Repository) -> None:
    """The target branch is the first parent of the merge commit."""
    plans(on_merge, LOSES_DATA)
    on_merge.hub = {**on_merge.hub, "texts": {"7": ""}}
    repository.commit({"review.yml": "rules: {data-loss: ignore}\n"})
    repository.commit({"review.yml": "rules: {data-loss: refuse}\n"})

    done = on_merge.step("plan", "review", REVIEW, **GIVEN, PLANNED="success")

    assert done.returncode == 0, done.stderr


def test_without_changes_the_comments_are_deleted(on_merge: Runner) -> None:
    person = {"id": 1, "user": {"login": "kari"}, "body": "<!-- mesh review 1 --> looks good"}
    bot = {"login": "github-actions[bot]"}
    own = [{"id": number, "user": bot, "body": f"<!-- mesh review {number} -->"} for number in (2, 3)]
    other = {"id": 4, "user": bot, "body": "<!-- mesh preview 1 -->"}
    on_merge.hub = {**on_merge.hub, "comments": {"7": [person, *own, other]}}

    done = on_merge.step("plan", "review", REVIEW, **{**GIVEN, "MATRIX": ""}, PLANNED="skipped")

    assert done.returncode == 0, done.stderr
    assert on_merge.hub["comments"]["7"] == [person, other]


def test_an_incomplete_review_fails_and_a_failed_review_keeps_the_comments(
    on_merge: Runner,
) -> None:
    plans(on_merge, LOSES_DATA)
    out = on_merge.temp / "review"
    on_merge.hub = {**on_merge.hub, "texts": {"7": ""}}
    on_merge.fake_mesh(f'mkdir {out}; echo "<!-- mesh review 1 -->" > {out}/comment-1.md', reads_input=True)
    partly = on_merge.step("plan", "review", REVIEW, **GIVEN, PLANNED="failure")
    on_merge.fake_mesh(f"rm -r {out}; exit 2", reads_input=True)
    failed = on_merge.step("plan", "review", REVIEW, **GIVEN, PLANNED="success")

    assert [partly.returncode, failed.returncode] == [1, 2]
    assert "some stacks could not be planned" in partly.stdout
    assert len(on_merge.hub["comments"]["7"]) == 1


def test_a_stage_is_reviewed_in_the_summary_with_the_merged_approvals(on_merge: Runner) -> None:
    plans(on_merge, LOSES_DATA)
    approved = on_merge.step("apply", "review", "Review", APPROVALS="data-loss: approved\n")
    on_merge.fake_mesh("exit 4", reads_input=True)
    refused = on_merge.step("apply", "review", "Review", APPROVALS="")

    assert [approved.returncode, refused.returncode] == [0, 4], approved.stderr
    assert on_merge.summary().count("<!-- mesh review 1 -->") == 2


def test_the_reviewed_plans_are_applied(runner: Runner) -> None:
    runner.fake_mesh("exit 3", reads_input=True)
    name = "Apply the reviewed plans"

    done = runner.step("apply", "apply", name, MESH_ENV="prod", APPROVALS="data-loss: approved\n")

    assert done.returncode == 3
    assert runner.calls() == [f"apply {runner.temp}/plans --auto-approve --pull-request -"]
    assert runner.calls(".input")[0] == "data-loss: approved"
    runner.step("apply", "plan", "Plan", MESH_ENV="prod", STACKS="x", BASE="5bd01c2f")
    runner.step("apply", "plan", "Plan", MESH_ENV="prod", STACKS="x", BASE="")
    assert runner.calls()[1:] == [
        f"plan --out {runner.temp}/plans --base 5bd01c2f -- x",
        f"plan --out {runner.temp}/plans -- x",
    ]
