"""Changes that the workspace refused are taken out of the state again."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mesh.terraform.failed_changes import take_back, values_before, without_changes
from mesh.terraform.terraform_command import TerraformCommand

BEFORE = {"id": "7", "name": "j", "schedule": []}
AFTER = {"id": "7", "name": "j", "schedule": [{"timezone_id": "UTC"}]}
PROGRAM = """#!/bin/sh
case "$1 $2" in
"state pull") echo "Warning: a warning"; cat ../state ;;
"state push") ls -l "$3" >> ../calls; cp "$3" ../pushed {exit} ;;
esac
"""


def plan(*actions: str, before: Mapping[str, Any] | None = BEFORE) -> str:
    """A plan with one change."""
    change = {"actions": list(actions), "before": before, "after": AFTER}
    return json.dumps({"resource_changes": [{"address": "databricks_job.j", "change": change}]})


def state(attributes: Mapping[str, Any] = AFTER, **more: Any) -> str:
    """A state of one job, and of one data source of the same name."""
    kept = {"schema_version": 2, "attributes": attributes, "private": "cHJpdmF0ZQ==", **more}
    one = {"type": "databricks_job", "name": "j"}
    resources = [
        {"mode": "data", **one, "instances": [{"attributes": {"id": "7"}}]},
        {"mode": "managed", **one, "instances": [kept]},
    ]
    return json.dumps({"version": 4, "serial": 3, "lineage": "l", "resources": resources})


def command(root: Path, exit: str = "") -> TerraformCommand:
    """A program in the place of Terraform that keeps its state in a file."""
    (root / "acme").mkdir()
    program = root / "terraform"
    program.write_text(PROGRAM.format(exit=exit))
    program.chmod(0o755)
    (root / "state").write_text(state())
    return TerraformCommand(root / "acme", {**os.environ, "TERRAFORM_BINARY_NAME": str(program)})


def test_a_failed_change_in_place_has_its_values_from_before() -> None:
    assert values_before(plan("update"), ["databricks_job.j"]) == {"databricks_job.j": BEFORE}
    assert values_before(plan("update"), ["databricks_job.other"]) == {}
    assert values_before(plan("delete", "create"), ["databricks_job.j"]) == {}
    assert values_before(plan("create", before=None), ["databricks_job.j"]) == {}
    assert values_before(None, ["databricks_job.j"]) == {}


def test_a_state_gets_the_values_from_before_and_keeps_everything_else() -> None:
    new = without_changes(state(), {"databricks_job.j": BEFORE})
    assert new is not None
    assert json.loads(new) == {**json.loads(state(BEFORE)), "serial": 4}


def test_a_state_without_the_change_stays() -> None:
    assert without_changes(state(BEFORE), {"databricks_job.j": BEFORE}) is None
    assert without_changes(state(), {"databricks_job.other": BEFORE}) is None


def test_an_object_that_was_replaced_or_will_be_replaced_stays() -> None:
    assert without_changes(state({**AFTER, "id": "8"}), {"databricks_job.j": BEFORE}) is None
    assert without_changes(state(status="tainted"), {"databricks_job.j": BEFORE}) is None
    assert without_changes(state(deposed="0a1b2c3d"), {"databricks_job.j": BEFORE}) is None


def test_the_new_state_is_saved_with_terraform_and_no_copy_stays(tmp_path: Path) -> None:
    terraform = command(tmp_path)

    assert take_back(terraform, plan("update"), ["databricks_job.j"]) == ""

    assert json.loads((tmp_path / "pushed").read_text())["serial"] == 4
    assert (tmp_path / "calls").read_text().startswith("-rw-------")
    assert list((tmp_path / "acme").iterdir()) == []


def test_a_state_that_is_not_saved_is_told_with_what_shows_the_difference(tmp_path: Path) -> None:
    terraform = command(tmp_path, exit="; exit 1")

    note = take_back(terraform, plan("update"), ["databricks_job.j"])

    assert note.startswith("the state says that databricks_job.j was changed, so the next plan may be empty")
    assert note.endswith("`mesh drift` shows what the workspace lacks")
    assert list((tmp_path / "acme").iterdir()) == []


def test_nothing_is_asked_where_no_change_in_place_failed(tmp_path: Path) -> None:
    assert take_back(TerraformCommand(tmp_path, {"TERRAFORM_BINARY_NAME": "/none"}), plan("create"), []) == ""
