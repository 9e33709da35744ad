"""A deployment is pinned to a commit whose inputs equal those at HEAD."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from mesh.errors import MeshError
from mesh.git.checkout import read_git
from mesh.load import load
from mesh.model.code import GitCode
from tests.support.git_repository import Repository

TRANSPORT = "orgs/acme/domains/transport"
FINANCE = "orgs/acme/domains/finance"
NOTEBOOK = "# Databricks notebook source\n"
TASKS = "tasks: [{task_key: a, serverless: true}]\n"
ENVIRON = {"MESH_GIT_URL": "https://github.com/acme/mesh", "MESH_USER": "ola@acme.example"}


def project(path: str) -> dict[str, str]:
    """The files of a project with one flow."""
    flow = f"{path}/flows/prep/{path.rpartition('/')[2]}_prepared"
    return {f"{flow}/deployment.yml": TASKS, f"{flow}/a.py": NOTEBOOK}


FILES = {
    **project(f"{TRANSPORT}/projects/taxinyc"),
    **project(f"{TRANSPORT}/projects/bikes"),
    **project(f"{FINANCE}/projects/ledger"),
}
ALL = {"acme/transport/taxinyc", "acme/transport/bikes", "acme/finance/ledger"}


def pinned(root: Path) -> Mapping[str, str]:
    """The commit that the jobs of each project check out."""
    deployed = load(root).in_environment("dev", read_git(root, ENVIRON))
    commits = {}
    for one in deployed.deployments:
        assert isinstance(one.code, GitCode)
        [job] = [flow.job for flow in one.flows]
        assert job is not None
        assert job.settings["git_source"]["git_commit"] == one.code.commit
        commits[one.path] = one.code.commit
    return commits


def moved(repository: Repository, files: Mapping[str, str]) -> set[str]:
    """The projects whose source commit changes with a commit of these files."""
    before = pinned(repository.path)
    commit = repository.commit(files)
    after = pinned(repository.path)
    anew = {path for path in after if after[path] == commit}
    assert {path: after[path] for path in after.keys() - anew} == {
        path: before[path] for path in after.keys() - anew
    }
    return anew


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Three projects in two domains."""
    return Repository.new(tmp_path / "mesh", FILES)


def test_a_commit_outside_the_inputs_changes_no_source_commit(repository: Repository) -> None:
    """README, tests, another project, and folders of code that no file declares."""
    assert moved(repository, {"README.md": "2", "tests/test_x.py": "2"}) == set()
    assert moved(repository, {"orgs/acme/libs/x.py": "2", f"{TRANSPORT}/README.md": "2"}) == set()
    one = f"{TRANSPORT}/projects/taxinyc/flows/prep/taxinyc_prepared/a.py"
    assert moved(repository, {one: NOTEBOOK + "print(2)\n"}) == {"acme/transport/taxinyc"}


@pytest.mark.parametrize(
    ("file", "below"),
    [
        ("orgs/acme/org.yml", ALL),
        ("orgs/acme/compute.yml", ALL),
        ("orgs/acme/defaults.yml", ALL),
        (f"{FINANCE}/domain.yml", {"acme/finance/ledger"}),
        (f"{FINANCE}/defaults.yml", {"acme/finance/ledger"}),
    ],
)
def test_files_of_a_level_are_inputs_of_the_levels_below(
    repository: Repository, file: str, below: set[str]
) -> None:
    """They are part of the deployment."""
    assert moved(repository, {file: "{}\n"}) == below


@pytest.mark.parametrize(
    ("file", "shared", "below"),
    [
        ("orgs/acme/org.yml", "orgs/acme/libs", ALL),
        (f"{TRANSPORT}/domain.yml", f"{TRANSPORT}/libs", ALL - {"acme/finance/ledger"}),
        (
            f"{TRANSPORT}/projects/bikes/project.yml",
            f"{TRANSPORT}/projects/bikes/libs",
            {"acme/transport/bikes"},
        ),
    ],
)
def test_declared_code_is_an_input_of_the_levels_below(
    repository: Repository, file: str, shared: str, below: set[str]
) -> None:
    """A file or folder in it, and its declaration; not its neighbours."""
    assert moved(repository, {file: "code: [libs/]\n", f"{shared}/fares.py": "1"}) == below
    assert moved(repository, {f"{shared}/fares.py": "2"}) == below
    assert moved(repository, {f"{shared}/zones/__init__.py": ""}) == below
    assert moved(repository, {f"{shared}2/fares.py": "2"}) <= {"acme/transport/bikes"} & below


def test_a_notebook_outside_the_project_counts_as_an_input(repository: Repository) -> None:
    """A change of the notebook is a change of the project that runs it; a change of a file next to it is not."""
    task = "{task_key: a, serverless: true, notebook_task: {notebook_path: shared/clean, source: GIT}}"
    flow = f"{FINANCE}/projects/ledger/flows/prep/ledger_prepared/deployment.yml"
    repository.commit({flow: f"tasks: [{task}]\n", "shared/clean.py": NOTEBOOK, "shared/other.py": NOTEBOOK})
    assert moved(repository, {"shared/other.py": NOTEBOOK + "print(2)\n"}) == set()
    assert moved(repository, {"shared/clean.py": NOTEBOOK + "print(2)\n"}) == {"acme/finance/ledger"}


def test_a_project_that_is_renamed_is_pinned_to_its_renaming(repository: Repository) -> None:
    """Later commits do not contain the old path."""
    for old, new in (("bikes", "cycles"), ("cycles", "bikes")):
        repository.git("mv", f"{TRANSPORT}/projects/{old}", f"{TRANSPORT}/projects/{new}")
        renamed = repository.commit()
        assert [path for path, commit in pinned(repository.path).items() if commit == renamed] == [
            f"acme/transport/{new}"
        ]


def test_code_in_a_submodule_is_refused_if_jobs_run_from_git(repository: Repository, tmp_path: Path) -> None:
    """Jobs would find an empty folder; an upload contains the code."""
    library = Repository.new(tmp_path / "library", {"fares.py": "1"})
    repository.submodule("orgs/acme/libs/fares", library)
    repository.commit({"orgs/acme/org.yml": "code: [libs]\n"})
    with pytest.raises(MeshError) as wrong:
        pinned(repository.path)
    assert {finding.code for finding in wrong.value.findings} == {"in-submodule"}
    assert [str(finding) for finding in wrong.value.findings if "taxinyc" in finding.file] == [
        f"{TRANSPORT}/projects/taxinyc/project.yml:1:1: `orgs/acme/libs/fares` is a separate git repository, "
        "which jobs do not check out (move its files here, or deploy with `code: workspace`)"
    ]
    local = load(repository.path).in_environment("local", read_git(repository.path, ENVIRON))
    paths = {file.path for one in local.deployments for file in one.code.files}  # type: ignore[union-attr]
    assert {path.partition("/orgs/")[2] for path in paths if path.endswith("fares.py")} == {
        "acme/libs/fares/fares.py"
    }


def test_a_moved_submodule_changes_the_projects_that_use_it(repository: Repository, tmp_path: Path) -> None:
    """Also in `local`."""
    library = Repository.new(tmp_path / "library", {"fares.py": "1"})
    repository.submodule(f"{TRANSPORT}/libs", library)
    repository.commit({f"{TRANSPORT}/domain.yml": "code: [libs]\n"})
    newer = library.commit({"fares.py": "2"})
    repository.git("-C", f"{TRANSPORT}/libs", "fetch", "-q")
    repository.git("-C", f"{TRANSPORT}/libs", "checkout", "-q", newer)
    commit = repository.commit()
    repository.commit({"README.md": "2"})
    local = load(repository.path).in_environment("local", read_git(repository.path, ENVIRON))
    at = {one.path for one in local.deployments if one.identity.commit == commit}
    assert at == ALL - {"acme/finance/ledger"}
