"""The backend and the provider of a stack."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from datamesh.bindings import cdktf
from mesh.model.backend import Backend
from stacks.state import deployable


def synthesize(backend: Backend, host: str | None = None, *, root: Path) -> dict[str, Any]:
    """The Terraform JSON of an empty stack in an app that writes to `root`/out."""
    stack = cdktf.TerraformStack(cdktf.App(outdir=str(root / "out")), "acme-prod")
    deployable(stack, root, backend, host)
    synthesized: dict[str, Any] = json.loads(cdktf.Testing.synth(stack))
    return synthesized


def test_the_path_of_a_local_state_is_relative_to_the_folder_of_the_stack(tmp_path: Path) -> None:
    """So the JSON is the same on each machine."""
    backend = Backend("local", {"path": ".mesh/state/acme/mesh.tfstate"})
    stack = synthesize(backend, root=tmp_path)

    folder = tmp_path / "out" / "stacks" / "acme-prod"
    path = stack["terraform"]["backend"]["local"]["path"]
    assert path == "../../../.mesh/state/acme/mesh.tfstate"
    assert (folder / path).resolve() == tmp_path / ".mesh/state/acme/mesh.tfstate"


def test_a_secret_of_the_environment_is_not_in_the_json(tmp_path: Path) -> None:
    """Terraform reads it from PG_CONN_STR; the bindings require an argument."""
    stack = synthesize(Backend("pg", {"schema_name": "acme"}), root=tmp_path)

    assert stack["terraform"]["backend"] == {"pg": {"schema_name": "acme"}}


def test_an_argument_that_the_bindings_do_not_have_is_passed_through(tmp_path: Path) -> None:
    stack = synthesize(Backend("s3", {"bucket": "b", "key": "k", "use_lockfile": True}), root=tmp_path)

    assert stack["terraform"]["backend"] == {"s3": {"bucket": "b", "key": "k", "use_lockfile": True}}


def test_hcp_terraform_gets_one_workspace_by_name(tmp_path: Path) -> None:
    workspaces = {"name": "acme-prod", "project": "mesh"}
    stack = synthesize(Backend("cloud", {"organization": "acme", "workspaces": workspaces}), root=tmp_path)

    assert stack["terraform"]["cloud"] == {"organization": "acme", "workspaces": workspaces}


def test_text_of_the_mesh_is_escaped_in_backend_and_provider(tmp_path: Path) -> None:
    backend = Backend("s3", {"bucket": "${b}", "key": "k"})
    stack = synthesize(backend, host="https://${h}.example", root=tmp_path)

    assert stack["terraform"]["backend"]["s3"]["bucket"] == "$${b}"
    assert stack["provider"] == {"databricks": [{"host": "https://$${h}.example"}]}


def test_without_a_host_the_provider_reads_the_login_from_the_environment(tmp_path: Path) -> None:
    stack = synthesize(Backend("s3", {"bucket": "b", "key": "k"}), root=tmp_path)

    assert stack["provider"] == {"databricks": [{}]}
