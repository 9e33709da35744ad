"""The code for plain cdktf leaves out what hangs on tables that do not exist."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from mesh.errors import OutsideError
from mesh.synthesis.manifest import manifest
from mesh.terraform.cdktf_code import leave_out_missing_tables
from tests.mesh.terraform.test_missing_tables import CONFIG, Tables

PROVIDER = {"databricks": [{"host": "https://a.example"}]}


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """The code of a stack with tables, of one with policies in the same workspace, and of one without."""
    policies = {"resource": {"databricks_policy_info": {"a": {"name": "a"}, "b": {"name": "b"}}}}
    for name, config in (
        ("sales", {**CONFIG, "provider": PROVIDER}),
        ("rules", {**policies, "provider": PROVIDER}),
        ("other", {"resource": {}}),
    ):
        (tmp_path / "stacks" / name).mkdir(parents=True)
        (tmp_path / "stacks" / name / "cdk.tf.json").write_text(json.dumps(config, indent=2))
    (tmp_path / "manifest.json").write_text(manifest({"sales": [], "rules": [], "other": []}, "0.21.0"))
    return tmp_path


def code(output: Path) -> Any:
    """The code of the stack with tables."""
    return json.loads((output / "stacks/sales/cdk.tf.json").read_text())


def test_it_asks_the_workspace_of_the_stack(output: Path) -> None:
    asked = []

    def workspace(host: str | None) -> Tables:
        asked.append(host)
        return Tables(("main.sales.there",))

    assert list(leave_out_missing_tables(output, workspace)) == []
    assert set(code(output)["resource"]["databricks_grants"]) == {"sales", "there", "made"}
    assert set(code(output)["resource"]) == {"databricks_grants"}
    assert asked == ["https://a.example"]  # opened once: a login takes requests


def test_without_an_answer_everything_stays_and_a_note_says_so(output: Path) -> None:
    asked = []

    def workspace(host: str | None) -> Tables:
        asked.append(host)
        raise OutsideError(f"{host} does not answer")

    _, note = leave_out_missing_tables(output, workspace)
    assert len(asked) == 1  # the second stack does not wait again
    assert "all tables stay in the code of sales" in note
    assert "https://a.example does not answer" in note
    assert code(output) == {**CONFIG, "provider": PROVIDER}


def test_code_without_tables_needs_no_models() -> None:
    """Importing the classes of models takes half as long as all other work of an unchanged synthesis."""
    program = "import sys, mesh.synthesis.kept_synthesis, mesh.terraform.cdktf_code; print('pydantic' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout == "False\n"
