"""Text of the mesh is escaped in Terraform JSON."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from datamesh.schema import Schema
from local import toolchain
from mesh.documents.terraform_text import literal
from mesh.model import schema as model
from mesh.model.grant import Grant

HOSTILE = [
    '${file("/etc/passwd")}',
    "%{ for x in [1] }${x}%{ endfor }",
    "$${already}",
    "$$${x}",
    "${databricks_schema.prep_revenue.id}",
    "%%%{x}",
    "$%{x}%${x}",
    '\\${"${x}"}',
    "~${~x~}",
    "${",
    "a$$",
]


def test_terraform_evaluates_no_text_of_the_mesh(tmp_path: Path) -> None:
    """A real Terraform outputs the declared text."""
    outputs = {f"text_{index}": {"value": literal(text)} for index, text in enumerate(HOSTILE)}
    (tmp_path / "main.tf.json").write_text(json.dumps({"output": outputs}))
    _terraform(tmp_path, "init")
    _terraform(tmp_path, "apply", "-auto-approve")
    read = json.loads(_terraform(tmp_path, "output", "-json"))
    assert [read[name]["value"] for name in outputs] == HOSTILE


def _terraform(folder: Path, *arguments: str) -> str:
    environ = {key: value for key, value in os.environ.items() if key != "TF_CLI_CONFIG_FILE"}
    command = [str(toolchain.terraform()), *arguments]
    done = subprocess.run(
        command,
        cwd=folder,
        env=environ | {"CHECKPOINT_DISABLE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_every_text_of_a_model_is_escaped_however_deep() -> None:
    """Keys of mappings are escaped; values of other types stay equal."""
    schema = model.Schema(
        "i",
        "d",
        "n",
        "c",
        "${a}",
        None,
        None,
        {"${k}": "%{v}"},
        (Grant("${p}", ("SELECT",)),),
        True,
    )
    escaped = literal(schema)
    assert escaped.comment == "$${a}"
    assert escaped.properties == {"$${k}": "%%{v}"}
    assert escaped.grants[0].principal == "$${p}"
    assert escaped.protected is True
    assert literal({"path": Path("x"), "list": [1, "${x}"]}) == {"path": Path("x"), "list": [1, "$${x}"]}


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_arrives_escaped_in_terraform(synth, text: str) -> None:
    """Cdktf keeps the escapes."""
    schema = model.Schema("prep_revenue", "d", "n", "c", text, None, None, {}, (), False)
    made = synth(lambda scope: Schema(scope, literal(schema)))["resource"]["databricks_schema"][
        "prep_revenue"
    ]
    assert made["comment"] == literal(text)
