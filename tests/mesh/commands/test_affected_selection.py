"""`--affected` selects what `mesh affected` lists."""

from __future__ import annotations

import os
from pathlib import Path
from shutil import rmtree

import pytest

from mesh.commands.affected_selection import (
    AffectedSelection,
    require_base,
    select_affected,
    without_affected,
)
from mesh.errors import UsageError
from mesh.load import load
from tests.support.command_line import run_mesh
from tests.support.git_repository import Repository

FLOW = "orgs/acme/domains/transport/projects/{0}/flows/prep/{0}"
PROD = "prod: {{metastore: {}, run_as: {{service_principal_name: 3f9a1c52-7d42-4b87-a1a5-0a83a6d0b6f1}}}}"
TASKS = "tasks: [{task_key: a, serverless: true}]\n"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """A checkout with two projects."""
    files = {"orgs/acme/org.yml": f"environments: {{{PROD.format('eu')}, dev: {{metastore: eu}}}}"}
    for name in ("taxinyc", "bikes"):
        files |= {f"{FLOW.format(name)}/deployment.yml": TASKS, f"{FLOW.format(name)}/a.py": ""}
    made = Repository.new(tmp_path / "mesh", files)
    made.git("remote", "add", "origin", "https://github.com/acme/mesh")
    return made


def selected(repository: Repository, rev: str) -> AffectedSelection:
    mesh = load(repository.path)
    return select_affected(mesh, mesh.in_environment("prod"), rev)


def test_changed_and_new_stacks_are_selected(repository: Repository) -> None:
    base = repository.head
    repository.commit({f"{FLOW.format('taxinyc')}/deployment.yml": f"description: x\n{TASKS}"})
    repository.commit({f"{FLOW.format('new')}/deployment.yml": TASKS, f"{FLOW.format('new')}/a.py": ""})

    found = selected(repository, base)

    assert found.declared == ("acme-transport-new-prod", "acme-transport-taxinyc-prod")
    assert found.removed == ()
    assert found.base == base


def test_removed_projects_are_apart(repository: Repository) -> None:
    rmtree(repository.path / FLOW.format("bikes"))
    repository.commit({"README.md": "1"})

    found = selected(repository, "HEAD~1")

    assert found.declared == ()
    assert found.removed == ("acme-transport-bikes-prod",)


def test_a_foundation_that_another_environment_needs_is_not_removed(repository: Repository) -> None:
    org = f"environments: {{{PROD.format('us')}, dev: {{metastore: eu}}}}"
    repository.commit({"orgs/acme/org.yml": org})

    found = selected(repository, "HEAD~1")

    assert "acme-foundation-us" in found.declared
    assert found.removed == ()


def test_nothing_is_selected_without_a_change(repository: Repository) -> None:
    found = selected(repository, "HEAD")

    assert (found.declared, found.removed) == ((), ())
    assert found.nothing == f"No stack is affected since {repository.head[:8]}."


def test_names_and_affected_exclude_each_other() -> None:
    with pytest.raises(UsageError, match="`taxinyc` and --affected both select stacks"):
        require_base(["taxinyc"], "main")


def test_affected_needs_a_base() -> None:
    with pytest.raises(UsageError, match=r"--affected needs the commit to compare with \(add --base"):
        require_base([], None)
    assert require_base([], "main") == "main"


def test_a_deployment_takes_no_base_without_affected() -> None:
    with pytest.raises(UsageError, match="--base selects stacks only with --affected"):
        without_affected("main")
    without_affected(None)


@pytest.mark.parametrize("command", [["plan", "--out", "plans"], ["deploy", "--auto-approve"]])
def test_without_an_affected_stack_nothing_is_done(
    repository: Repository, command: list[str], tmp_path: Path
) -> None:
    environ = {"MESH_USER": "ola@acme.example", "HOME": str(tmp_path), "PATH": os.environ["PATH"]}

    done = run_mesh([*command, "--env", "prod", "--affected", "--base", "HEAD"], repository.path, environ)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"No stack is affected since {repository.head[:8]}.\n"
    assert not (repository.path / "plans").exists()


def test_a_wrong_command_line_is_refused_before_anything_is_read(repository: Repository) -> None:
    done = run_mesh(["plan", "taxinyc", "--affected", "--base", "HEAD", "--out", "x"], repository.path, {})

    assert done.returncode == 2
    assert "both select stacks" in done.stderr
