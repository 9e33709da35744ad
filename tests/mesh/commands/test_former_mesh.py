"""The stacks that the mesh declared at a commit and no longer declares."""

from __future__ import annotations

from pathlib import Path
from shutil import rmtree

import pytest

from mesh.commands.former_mesh import removed_stacks
from mesh.errors import OutsideError
from mesh.load import load
from tests.support.git_repository import Repository

FLOW = "orgs/acme/domains/transport/projects/{0}/flows/prep/{0}"
ENVIRONMENTS = """\
environments:
  prod: {workspace: https://a.example, metastore: eu, run_as: {service_principal_name: sp-acme}}
  test: {workspace: https://a.example, metastore: %s}
"""
URL = "https://github.com/acme/mesh"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Two projects, and an org that a later commit removes."""
    files = {"orgs/acme/org.yml": ENVIRONMENTS % "eu"}
    flows = [FLOW.format("taxinyc"), FLOW.format("old"), "orgs/other/domains/d/projects/p/flows/prep/f"]
    for flow in flows:
        files |= {f"{flow}/deployment.yml": "tasks: [{task_key: a, serverless: true}]", f"{flow}/a.py": ""}
    made = Repository.new(tmp_path / "mesh", files)
    made.git("remote", "add", "origin", URL)
    return made


def left(repository: Repository, env: str, rev: str) -> list[str]:
    """The state keys of the removed stacks."""
    mesh = load(repository.path)
    commit, found = removed_stacks(mesh, mesh.in_environment(env), rev)
    assert len(commit) == 40
    return [one.state_key for one in found]


def test_removed_stacks_are_identified_by_their_state_keys(repository: Repository) -> None:
    """A project, an org, a metastore; but not a stack that another environment still declares."""
    before = repository.head
    rmtree(repository.path / FLOW.format("old"))
    rmtree(repository.path / "orgs/other")
    repository.commit({"orgs/acme/org.yml": ENVIRONMENTS % "us"})
    assert left(repository, "test", before) == [
        "other/foundation/main",
        f"acme/transport/old/test/ola.nordmann@acme.example/main/{before}",
        f"other/d/p/test/ola.nordmann@acme.example/main/{before}",
    ]
    repository.commit({"orgs/acme/org.yml": ENVIRONMENTS % "eu"})
    assert left(repository, "test", "HEAD~1") == ["acme/foundation/us"]
    assert left(repository, "test", "HEAD") == []


def test_a_project_with_renamed_from_is_not_removed(repository: Repository) -> None:
    projects = repository.path / "orgs/acme/domains/transport/projects"
    (projects / "old").rename(projects / "new")
    repository.commit({"orgs/acme/domains/transport/projects/new/project.yml": "renamed_from: old"})
    assert left(repository, "prod", "HEAD~1") == []


def test_removed_stacks_of_a_mesh_with_errors_are_unknown(repository: Repository) -> None:
    repository.commit({f"{FLOW.format('old')}/deployment.yml": "taks: []"})
    repository.commit({f"{FLOW.format('old')}/deployment.yml": "tasks: [{task_key: a, serverless: true}]"})
    with pytest.raises(
        OutsideError, match=r"the stacks that were removed since .* are unknown: the mesh had errors at"
    ):
        left(repository, "prod", "HEAD~1")
