"""A mesh in one environment, with Terraform of each stack."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from local.home import Home, Status
from mesh.deployment.foundation import Foundation
from mesh.errors import UsageError
from mesh.mesh import Mesh
from mesh.terraform.target import Target, target
from tests.mesh.conftest import Deployed

ORG = {"orgs/acme/org.yml": "environments: {dev: {}}"}


@pytest.fixture
def dev(deployed: Deployed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Target:
    monkeypatch.setattr(Target, "environ", {})
    return Target(deployed(ORG, "dev"), tmp_path)


def test_foundations_come_first(dev: Target) -> None:
    assert [isinstance(stack, Foundation) for stack in dev.stacks] == [True, False]


def test_terraform_runs_below_the_mesh(dev: Target, tmp_path: Path) -> None:
    assert dev.output == tmp_path / ".mesh" / "cdktf.out"


def test_a_removed_stack_can_be_selected(dev: Target) -> None:
    project = dev.stacks[-1]
    removed = type("Removed", (), {"stack": "acme-transport-bikes-dev"})()

    assert dev.select(["acme-transport-bikes-dev"], [removed]) == [removed]
    assert dev.select(["transport/taxinyc"], [removed]) == [project]


def test_an_unknown_environment_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="environment `prod` is not defined"):
        target(Mesh(tmp_path, ()), "prod")


def test_the_folder_of_a_removed_stack_belongs_to_one_command(dev: Target, tmp_path: Path) -> None:
    """Its depth is always the same, because the path of a local state is relative to it."""
    for one in dev.terraforms.values():
        one.folder.mkdir(parents=True)
        (one.folder / "cdk.tf.json").write_text('{"terraform": {"required_providers": {}}}')

    folder = dev.orphaned(dev.stacks[-1]).folder

    assert folder.relative_to(tmp_path).parts == (".mesh", f"gone.{os.getpid()}", dev.stacks[-1].stack)


def test_the_user_of_git_is_logged_in_at_the_local_workspace_unless_a_variable_names_one(
    dev: Target, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A first commit requires an e-mail, which `mesh local up` did not know yet."""
    users = ["root"]

    def log_in(status: Status, user: str) -> str:
        users.append(user)
        return users[-2]

    monkeypatch.setattr("local.current_user.log_in", log_in)
    Status("http://127.0.0.1:1", "secret", 1, 1.0).write(Home(tmp_path))
    monkeypatch.setenv("MESH_USER", "kari@acme.example")
    dev.log_in()
    assert users == ["root"]

    monkeypatch.delenv("MESH_USER")
    dev.log_in()
    dev.log_in()
    assert users == ["root", "ola@acme.example", "ola@acme.example"]
    assert capsys.readouterr().out == "the user of the workspace is now ola@acme.example (was root)\n"
