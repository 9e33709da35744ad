"""Tasks of dbt: where they write, their profiles, and fields that exclude each other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mesh.conftest import FLOW, Findings
from tests.mesh.model.conftest import FILE

DBT = "tasks: [{{task_key: d, serverless: true, dbt_task: {{commands: [dbt run], {}}}}}]"


@pytest.mark.parametrize("warehouse", ["warehouse_id: w", "warehouse_name: w"])
def test_dbt_on_a_warehouse_writes_to_the_schema_of_its_flow(job: Any, warehouse: str) -> None:
    """Databricks' default is the schema `default`; what the file names wins."""

    def target(text: str) -> list[str | None]:
        [task] = job(DBT.format(text)).settings["tasks"]
        return [task["dbt_task"].get("catalog"), task["dbt_task"].get("schema")]

    assert target(warehouse) == ["transport", "revenue"]
    assert target(f"{warehouse}, schema: other") == ["transport", "other"]
    assert target(f"{warehouse}, catalog: lake") == ["lake", None]
    assert target("source: WORKSPACE") == [None, None]


def test_the_profiles_of_dbt_are_beside_the_deployment(job: Any, findings: Findings) -> None:
    text = DBT.format("project_directory: models, profiles_directory: profiles")
    files = {f"{FLOW}/models/dbt_project.yml": "", f"{FLOW}/profiles/profiles.yml": ""}
    for env, place in (("prod", FLOW), ("local", f"/{FLOW}")):
        [task] = job(text, env, **files).settings["tasks"]
        assert task["dbt_task"]["profiles_directory"].endswith(f"{place}/profiles")
    wrong = files | {FILE: text.replace("profiles}", "other}")}
    assert findings(wrong) == [
        f"notebook-missing: dbt profiles folder `{FLOW}/other` does not exist (add it, or correct the name)"
    ]
    empty = text.replace("models", "empty").replace("profiles}", "other}")
    wrong = {f"{FLOW}/empty/readme.md": "", f"{FLOW}/other/readme.md": "", FILE: empty}
    assert [one.partition(" (")[0] for one in findings(wrong)] == [
        f"notebook-missing: dbt project `{FLOW}/empty` has no dbt_project.yml, which dbt looks for there",
        f"notebook-missing: dbt profiles folder `{FLOW}/other` has no profiles.yml, which dbt looks for there",
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            "warehouse_name: w, profiles_directory: /Workspace/p",
            "conflicting-fields: `dbt_task` has profiles_directory and warehouse_name (keep one)",
        ),
        (
            "catalog: lake",
            "missing-field: `catalog` needs warehouse_id or warehouse_name (add it, or remove `catalog`)",
        ),
    ],
)
def test_fields_of_dbt_that_databricks_refuses_together(
    findings: Findings, fields: str, expected: str
) -> None:
    """Databricks SDK, `jobs.DbtTask`."""
    assert findings({FILE: DBT.format(fields)}) == [expected]
