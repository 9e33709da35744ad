"""Plans leave out what hangs on tables that do not exist."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mesh.terraform.missing_tables import WithoutMissingTables

SCHEMA = {"schema": "main.sales", "grant": []}
CONFIG = {
    "terraform": {},
    "resource": {
        "databricks_grants": {
            "sales": SCHEMA,
            "there": {"table": "main.sales.there"},
            "gone": {"table": "main.sales.gone"},
            "made": {"function": "main.sales.there"},
            "unmade": {"function": "main.sales.unmade"},
        },
        "databricks_entity_tag_assignment": {
            "of_table": {"entity_type": "tables", "entity_name": "main.sales.gone", "tag_key": "a"},
            "of_column": {"entity_type": "columns", "entity_name": "main.sales.gone.b", "tag_key": "a"},
        },
    },
}


@dataclass(frozen=True)
class Tables:
    """A fake for a workspace with these tables, functions and policies."""

    names: tuple[str, ...]

    def table_exists(self, full_name: str) -> bool:
        return full_name in self.names

    def function_exists(self, full_name: str) -> bool:
        return full_name in self.names

    def policy_exists(self, kind: str, securable: str, name: str) -> bool:
        return f"{kind} {securable} {name}" in self.names


def planned(tmp_path: Path, config: dict[str, Any], *names: str) -> Any:
    """The code during a plan; afterwards the file is as before."""
    file = tmp_path / "cdk.tf.json"
    file.write_text(json.dumps(config))
    with WithoutMissingTables(file, config, lambda: Tables(names)):
        code = json.loads(file.read_text())
    assert json.loads(file.read_text()) == config
    return code


def test_what_hangs_on_a_missing_table_or_function_is_left_out(tmp_path: Path) -> None:
    code = planned(tmp_path, CONFIG, "main.sales.there")
    grants = {
        "sales": SCHEMA,
        "there": {"table": "main.sales.there"},
        "made": {"function": "main.sales.there"},
    }
    assert code == {"terraform": {}, "resource": {"databricks_grants": grants}}


def test_nothing_is_left_out_if_all_tables_and_functions_exist(tmp_path: Path) -> None:
    names = ("there", "gone", "unmade")
    assert planned(tmp_path, CONFIG, *(f"main.sales.{name}" for name in names)) == CONFIG


def test_a_stack_without_tables_does_not_ask_the_workspace(tmp_path: Path) -> None:
    file = tmp_path / "cdk.tf.json"
    config = {"resource": {"databricks_grants": {"sales": SCHEMA}}}
    file.write_text(json.dumps(config))

    def ask() -> Tables:
        pytest.fail("the workspace was asked")

    with WithoutMissingTables(file, config, ask):
        assert json.loads(file.read_text()) == config


def test_the_code_is_whole_after_an_error(tmp_path: Path) -> None:
    file = tmp_path / "cdk.tf.json"
    file.write_text(json.dumps(CONFIG))
    with pytest.raises(RuntimeError), WithoutMissingTables(file, CONFIG, lambda: Tables(())):
        raise RuntimeError
    assert json.loads(file.read_text()) == CONFIG


POLICY = {
    "name": "hide",
    "on_securable_type": "SCHEMA",
    "on_securable_fullname": "main.sales",
    "column_mask": {"function_name": "main.sales.hidden", "on_column": "a"},
}


@pytest.mark.parametrize(
    ("there", "planned_policies"),
    [
        ((), {}),
        (("main.sales.hidden",), {"hide": POLICY}),
        (("main.sales.hidden", "SCHEMA main.sales hide"), {"hide": POLICY}),
        (("SCHEMA main.sales hide",), {"hide": {**POLICY, "lifecycle": {"ignore_changes": "all"}}}),
    ],
)
def test_while_its_function_is_missing_a_policy_is_not_made_or_changed(
    tmp_path: Path, there: tuple[str, ...], planned_policies: dict[str, Any]
) -> None:
    """One that exists is never removed because its function is missing: everybody would see the column."""
    config = {"resource": {"databricks_policy_info": {"hide": POLICY}}}
    code = planned(tmp_path, config, *there)
    assert code["resource"].get("databricks_policy_info", {}) == planned_policies
