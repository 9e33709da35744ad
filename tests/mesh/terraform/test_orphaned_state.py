"""Terraform with a state and without declared resources."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from local import toolchain
from mesh.errors import OutsideError
from mesh.model.backend import Backend
from mesh.terraform.orphaned_state import destroy_resources, orphaned_state, remove_folder
from mesh.terraform.terraform import Terraform
from tests.mesh.terraform.conftest import declare

CONFIG = {"terraform": {"required_providers": {"databricks": {"version": "1.0"}}}}


def orphan(root: Path) -> Terraform:
    """The state of the stack `one`, whose resources are no longer declared."""
    declare(root, "one")
    return Terraform(root / "stacks" / "one", toolchain.environment())


def deploy(root: Path) -> None:
    terraform = declare(root, "one", a={"input": "1"}, b={"input": "2"})
    terraform.plan()
    terraform.apply()


def test_the_folder_configures_only_backend_and_provider(tmp_path: Path) -> None:
    backend = Backend("local", {"path": "states/mesh.tfstate"})

    terraform = orphaned_state(tmp_path / "gone" / "one", backend, "https://${x}", CONFIG, tmp_path, {})

    code = json.loads((terraform.folder / "cdk.tf.json").read_text())
    assert code == {
        "terraform": {
            "required_providers": {"databricks": {"version": "1.0"}},
            "backend": {"local": {"path": "../../states/mesh.tfstate"}},
        },
        "provider": {"databricks": [{"host": "https://$${x}"}]},
    }


def test_all_resources_of_the_state_are_destroyed(tmp_path: Path) -> None:
    deploy(tmp_path)
    terraform = orphan(tmp_path)

    destroy_resources(terraform)

    assert terraform.state().held == {}


def test_only_the_targets_are_destroyed(tmp_path: Path) -> None:
    deploy(tmp_path)
    terraform = orphan(tmp_path)

    destroy_resources(terraform, ["terraform_data.a"])

    assert set(terraform.state().held) == {"terraform_data.b"}


def test_a_plan_that_creates_resources_is_refused(tmp_path: Path) -> None:
    terraform = declare(tmp_path, "one", a={"input": "1"})

    with pytest.raises(OutsideError, match="would not only destroy"):
        destroy_resources(terraform)


def test_a_folder_with_an_unsaved_state_stays(tmp_path: Path) -> None:
    terraform = orphan(tmp_path)
    unsaved = terraform.folder / "errored.tfstate"
    unsaved.write_text("{}")
    remove_folder(terraform)
    assert terraform.folder.exists()

    unsaved.unlink()
    remove_folder(terraform)
    assert not terraform.folder.exists()
