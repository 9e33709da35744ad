"""Deployments of the working tree are taken for those at a commit only where all of their inputs are equal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest

from mesh.commands.former_mesh import every_stack, former_in, former_mesh
from mesh.deployment.committed_files import CommittedFiles
from mesh.deployment.data_objects import data_names
from mesh.deployment.deployments import Asked, MadeDeployments, Names, make_deployments
from mesh.deployment.fingerprint import fingerprint
from mesh.deployment.flow_references import runnables
from mesh.files.files import Files
from mesh.git.checkout import read_git
from mesh.load import load
from mesh.mesh import Mesh, MeshDeployment
from mesh.model.path import by_ending
from tests.support.contracts import text
from tests.support.git_repository import Repository

ROOT = Path(__file__).resolve().parents[3]
DOMAINS = "orgs/acme/domains"
REVENUE = f"{DOMAINS}/transport/projects/taxinyc/flows/prep/revenue"
RIDES = f"{DOMAINS}/transport/projects/bikes/flows/prep/rides"
COSTS = f"{DOMAINS}/finance/projects/costs/flows/prep/monthly"
PRICES = "orgs/nordlys/domains/energy/projects/prices/flows/prep/spot"
TASKS = "tasks: [{task_key: a, serverless: true}]\n"
READS = 'reads: {taxi: {flow: transport/taxinyc/prep/revenue, contract: revenue, version: "1"}}\n'
NOTEBOOK = "# Databricks notebook source\n"
ORG = "environments:\n  dev: {code: workspace, workspace: https://a.example}\n"
FILES = {
    ".gitignore": "*.tmp\n/.mesh/\n",
    "orgs/acme/org.yml": ORG,
    "orgs/nordlys/org.yml": ORG,
    f"{DOMAINS}/transport/domain.yml": "code: [libs/]\n",
    f"{DOMAINS}/transport/libs/fares.py": "1",
    f"{COSTS}/deployment.yml": f"owner: controllers\n{READS}{TASKS}",
    f"{REVENUE}/deployment.yml": f"consumers: [finance]\n{TASKS}",
    f"{REVENUE}/contracts/revenue.yaml": text(),
    **{f"{flow}/deployment.yml": TASKS for flow in (RIDES, PRICES)},
    **{f"{flow}/a.py": NOTEBOOK for flow in (REVENUE, RIDES, COSTS, PRICES)},
}
TAXINYC, BIKES, COST, PRICE = (
    "acme/transport/taxinyc",
    "acme/transport/bikes",
    "acme/finance/costs",
    "nordlys/energy/prices",
)
ALL = {TAXINYC, BIKES, COST, PRICE}


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A mesh of two orgs with three domains."""
    one = Repository.new(tmp_path_factory.mktemp("committed") / "mesh", FILES)
    one.git("remote", "add", "origin", "https://github.com/acme/mesh")
    return one


@pytest.fixture
def repository(committed: Repository, tmp_path: Path) -> Repository:
    copytree(committed.path, tmp_path / "mesh")
    return Repository(tmp_path / "mesh")


def wrote(file: str, text: str) -> Callable[[Repository], object]:
    return lambda repository: repository.write({file: text})


def commit(file: str, text: str) -> Callable[[Repository], object]:
    return lambda repository: repository.commit({file: text})


@pytest.mark.parametrize(
    ("edit", "same"),
    [
        (lambda repository: None, ALL),
        (wrote("README.md", "other"), ALL),
        (wrote(f"{RIDES}/a.py", NOTEBOOK + "1"), ALL - {BIKES}),
        (wrote(f"{RIDES}/ignored.tmp", "1"), ALL - {BIKES}),
        (wrote(f"{RIDES}/.hidden", "1"), ALL),
        (wrote(f"{RIDES}/deployment.yml", f"description: Rides\n{TASKS}"), ALL - {BIKES}),
        # a reader of a contract gets grants on the tables of the project that provides it
        (wrote(f"{COSTS}/deployment.yml", f"owner: auditors\n{READS}{TASKS}"), ALL - {COST, TAXINYC}),
        (wrote(f"{COSTS}/deployment.yml", TASKS), ALL - {COST, TAXINYC}),
        (wrote(f"{DOMAINS}/finance/domain.yml", "owner: auditors\n"), ALL - {COST}),
        (wrote(f"{DOMAINS}/transport/libs/fares.py", "2"), ALL - {BIKES, TAXINYC}),
        (wrote(f"{DOMAINS}/transport/defaults.yml", "tags: {cost: a}"), ALL - {BIKES, TAXINYC}),
        (wrote("orgs/acme/org.yml", f"description: Acme\n{ORG}"), {PRICE}),
        (wrote(".brickopscfg/config.yml", "naming:\n  job: {other: 'a_{project}_{flow}'}\n"), set()),
        # its readers get names that contain its commit
        (commit(f"{REVENUE}/a.py", NOTEBOOK + "1"), ALL - {TAXINYC, COST}),
        (commit(f"{REVENUE}/.hidden", "1"), ALL - {TAXINYC, COST}),
        (
            commit(f"{DOMAINS}/sea/projects/ferry/flows/prep/trips/deployment.yml", "schemas: {trips: {}}"),
            ALL,
        ),
    ],
)
def test_what_is_taken_is_what_would_be_made(
    repository: Repository, edit: Callable[[Repository], object], same: set[str]
) -> None:
    base = repository.head
    edit(repository)
    now = load(repository.path).in_environment("dev", looking=True)

    with former_mesh(now.git, base, ["dev"]) as former:
        taken, _ = former_in(former, "dev", now.git, now)
        made, _ = former_in(former, "dev", now.git)
        assert taken and made
        assert [*map(fingerprint, every_stack(taken))] == [*map(fingerprint, every_stack(made))]
        assert [one.state_key for one in every_stack(taken)] == [one.state_key for one in every_stack(made)]

    those = {id(one) for one in now.deployments}
    assert {one.path for one in taken.deployments if id(one) in those} == same


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Mesh:
    """A mesh that uses every field."""
    repository = Repository.new(tmp_path_factory.mktemp("everything") / "mesh")
    copytree(ROOT / "tests/everything", repository.path, dirs_exist_ok=True)
    repository.commit()
    return load(repository.path)


@pytest.mark.parametrize("env", ["local", "dev", "prod"])
def test_a_deployment_depends_on_its_own_levels_and_inputs_only(everything: Mesh, env: str) -> None:
    """So other projects and files need not be compared."""
    git = replace(read_git(everything.root, {}), url="https://github.com/acme/mesh")
    deployed = everything.in_environment(env, git)
    names = _names(deployed)
    for scope, one in zip(deployed.scopes, deployed.deployments, strict=True):
        domain = replace(scope.domain, projects=(scope.project,))
        alone = replace(scope, org=replace(scope.org, domains=(domain,)))
        files = Files(everything.root)
        with CommittedFiles(deployed.git) as committed, files.recording() as answers:
            foundations = {scope.org.name: one.foundations}
            made = make_deployments([alone], foundations, names, committed, files, MadeDeployments())

        assert fingerprint(made.made[one.path].deployment) == fingerprint(one)
        asked = {path for kind in vars(answers).values() for path in kind}
        assert sorted(path for path in asked if not _is_beside(path, one.inputs)) == []


def _names(deployed: MeshDeployment) -> Names:
    data = {
        flow.path: data_names(flow, scope.project.naming, scope.context)
        for scope in deployed.scopes
        for flow in scope.project.flows
    }
    runnable = runnables(deployed.scopes)
    return Names(data, by_ending(data), runnable.by_path, runnable.by_ending)


def _is_beside(path: str, inputs: Sequence[str]) -> bool:
    """True for an input, what is in it, the folders above it, and git's folder in those."""
    folder = path.removesuffix("/.git")
    return any(f"{path}/".startswith(f"{one}/") or f"{one}/".startswith(f"{folder}/") for one in inputs)


def test_names_are_known_as_far_as_they_were_asked_for() -> None:
    asked = Asked({"a": 1, "b": 2})

    assert asked.get("a") == 1
    assert "c" not in asked
    assert asked.is_answered_by({"a": 1, "b": 3})
    assert not asked.is_answered_by({"a": 2, "b": 2})
    assert not asked.is_answered_by({"a": 1, "b": 2, "c": 3})
    assert sorted(asked) == ["a", "b"]
    assert not asked.is_answered_by({"a": 1, "b": 2})  # all names were asked for
