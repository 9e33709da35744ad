"""Backends in a stack's Terraform JSON, and Terraform's check of that JSON."""

from __future__ import annotations

import json
import os
import re
import subprocess
from inspect import signature
from pathlib import Path
from typing import Any

import pytest

from datamesh.bindings import cdktf
from local import toolchain
from mesh.documents.provider_fields import Shape, names, shape
from mesh.model.backend import FROM_ENVIRONMENT, Backend
from stacks.state import deployable

KEY = "acme/transport/taxinyc/prod"


def synthesized(tmp_path: Path, backend: Backend, host: str | None = None) -> dict[str, Any]:
    """The JSON of a stack that keeps its state there."""
    app = cdktf.App(outdir=str(tmp_path / "out"), skip_validation=True)
    stack = cdktf.TerraformStack(app, "acme-transport-taxinyc-prod")
    deployable(stack, tmp_path, backend.at(KEY), host)
    app.synth()
    made: dict[str, Any] = json.loads(next(tmp_path.glob("out/stacks/*/cdk.tf.json")).read_text())
    return made


def kept(tmp_path: Path, backend: Backend) -> dict[str, Any]:
    """The backend's block."""
    terraform = synthesized(tmp_path, backend)["terraform"]
    block: dict[str, Any] = (
        terraform["cloud"] if backend.kind == "cloud" else terraform["backend"][backend.kind]
    )
    return block


def everything(of: Shape) -> dict[str, Any]:
    """An argument for every field."""
    examples = {"string": "x", "number": 1, "bool": True}

    def one(kind: str | Shape, many: str) -> Any:
        inner = everything(kind) if isinstance(kind, Shape) else examples[kind]
        return {"": inner, "[]": [inner], "{}": {"a": inner}}[many]

    return {name: one(field.type, field.many) for name, field in of.fields.items()}


def test_a_local_state_is_a_path_from_where_terraform_runs(tmp_path: Path) -> None:
    block = kept(tmp_path, Backend("local", {"path": ".mesh/state"}))

    assert block == {"path": f"../../../.mesh/state/{KEY}/mesh.tfstate"}


@pytest.mark.parametrize(
    ("backend", "block"),
    [
        (Backend("pg", {}), {"schema_name": "acme_transport_taxinyc_prod_393723b09f8f17b6"}),
        (
            Backend("pg", {"conn_str": "postgres://db.example/state"}),
            {"conn_str": "postgres://db.example/state", "schema_name": "acme_transport_taxinyc_prod_393723b09f8f17b6"},
        ),
        (Backend("consul", {}), {"path": KEY}),
        (
            Backend("s3", {"bucket": "a", "use_lockfile": True, "assume_role": {"role_arn": "b"}}),
            {"bucket": "a", "key": f"{KEY}/mesh.tfstate", "use_lockfile": True, "assume_role": {"role_arn": "b"}},
        ),
        (
            Backend("cloud", {"workspaces": {"name": "mesh", "project": "a"}}),
            {"workspaces": {"name": "mesh-acme-transport-taxinyc-prod-393723b09f8f17b6", "project": "a"}},
        ),
        (
            Backend("remote", {"organization": "a"}),
            {"organization": "a", "workspaces": {"name": "acme-transport-taxinyc-prod-393723b09f8f17b6"}},
        ),
        (
            Backend("http", {"address": "https://a.example/{state}"}),
            {"address": "https://a.example/acme-transport-taxinyc-prod-393723b09f8f17b6"},
        ),
    ],
)  # fmt: skip
def test_only_declared_arguments_are_written(tmp_path: Path, backend: Backend, block: dict[str, Any]) -> None:
    """Values of the environment are not written, even if cdktf's class requires them."""
    assert kept(tmp_path, backend) == block


def test_text_in_arguments_is_never_evaluated(tmp_path: Path) -> None:
    made = synthesized(tmp_path, Backend("gcs", {"bucket": "${file(1)}"}), "https://a.example/%{if true}")

    assert made["terraform"]["backend"]["gcs"]["bucket"] == "$${file(1)}"
    assert made["provider"]["databricks"] == [{"host": "https://a.example/%%{if true}"}]


def test_without_an_address_the_provider_reads_it_from_the_environment(tmp_path: Path) -> None:
    assert synthesized(tmp_path, Backend("local", {}))["provider"]["databricks"] == [{}]


@pytest.mark.parametrize("kind", names("backends"))
def test_terraform_knows_every_argument_of_the_table(tmp_path: Path, kind: str) -> None:
    """Terraform reports unknown arguments before it connects to a backend."""
    arguments = everything(shape(kind, "backends"))
    if "workspaces" in arguments:
        arguments["workspaces"] = {"name": "x"}
    block = kept(tmp_path, Backend(kind, arguments)) | {"no_such_argument": "x"}
    terraform = {"cloud": block} if kind == "cloud" else {"backend": {kind: block}}
    (tmp_path / "init").mkdir()
    (tmp_path / "init" / "main.tf.json").write_text(json.dumps({"terraform": terraform}))

    environ = {**os.environ, **toolchain.environment()}

    done = subprocess.run(
        [environ["TERRAFORM_BINARY_NAME"], "init", "-input=false", "-no-color"],
        cwd=tmp_path / "init",
        env=environ,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    said = " ".join(re.sub(r"[│╷╵]", " ", done.stdout + done.stderr).split())
    assert re.findall(r'argument or block type is named "(\w+)"', said) == ["no_such_argument"], said
    assert "Incorrect attribute" not in said


@pytest.mark.parametrize("kind", names("backends"))
def test_every_argument_that_a_class_requires_is_given_or_comes_from_the_environment(kind: str) -> None:
    parameters = signature(getattr(cdktf, f"{kind.capitalize()}Backend").__init__).parameters.values()
    required = {one.name for one in parameters if one.kind is one.KEYWORD_ONLY and one.default is one.empty}

    assert required == {field.name for field in shape(kind, "backends").fields.values() if field.required}
    assert required >= set(FROM_ENVIRONMENT.get(kind, ()))
