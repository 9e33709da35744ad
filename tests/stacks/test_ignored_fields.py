"""The fields that only people, checks and the command line use are in no stack."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from mesh.deployment.fingerprint import IGNORED_FIELDS
from mesh.load import load
from mesh.model.code import CodeFile
from tests.support.affected_mesh import ENVIRONMENTS
from tests.support.git_repository import Repository
from tests.support.synthesis import synthesized

EVERYTHING = Path(__file__).resolve().parents[1] / "everything"


def _junk(value: Any) -> Any:
    """The same model with changed values in all fields that Terraform does not get."""
    if isinstance(value, Mapping):
        return {key: _junk(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_junk(item) for item in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    if isinstance(value, CodeFile):  # what it holds is compared
        return value
    left_out = {name for kind, names in IGNORED_FIELDS.items() if isinstance(value, kind) for name in names}
    return replace(
        value,
        **{
            one.name: None if one.name in left_out else _junk(getattr(value, one.name))
            for one in fields(value)
        },
    )


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_ignored_model_fields_do_not_affect_the_terraform_json(tmp_path: Path, env: str) -> None:
    """Uses the mesh that sets every field."""
    shutil.copytree(EVERYTHING, tmp_path / "mesh")
    root = tmp_path / "mesh"
    repository = Repository(root)
    repository.git("init", "-q", "-b", "main")
    repository.git("config", "user.email", "ola.nordmann@acme.example")
    repository.git("config", "user.name", "Ola Nordmann")
    repository.git("remote", "add", "origin", "https://github.com/acme/mesh")
    repository.commit()
    deployed = load(root).in_environment(env)
    made = synthesized(deployed, root)
    junk = replace(
        deployed,
        foundations=tuple(map(_junk, deployed.foundations)),
        deployments=tuple(map(_junk, deployed.deployments)),
    )
    assert synthesized(junk, root) == made
    assert made
