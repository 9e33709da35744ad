"""Comments and keys of tables in a workspace, compared with what a flow declares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from mesh.commands.described_tables import compare_descriptions, compare_objects
from mesh.deployment.object_creator import mark
from tests.mesh.conftest import FLOW, PRODUCTION, PROJECT, Deployed
from tests.support.contracts import text

KEYED = [{"name": "borough", "physicalType": "string", "primaryKey": True, "description": "Where"}]
FILES = {
    f"{FLOW}/contracts/revenue.yaml": text(columns=KEYED),
    f"{FLOW}/deployment.yml": """\
tasks: [{task_key: a, serverless: true}]
tables:
  by_borough: {comment: Dollars, foreign_keys: {of: {columns: borough, references: {table: zones}}}}
  zones: {primary_key: zone}
""",
}
TABLE: dict[str, Any] = {
    "catalog_name": "main",
    "schema_name": "sales",
    "name": "by_borough",
    "columns": [{"name": "borough"}],
}
PARENT = {"parent_table": "main.sales.zones", "parent_columns": ["zone"]}
KEYS = [
    {"primary_key_constraint": {"name": "pk", "child_columns": ["borough"]}},
    {"foreign_key_constraint": {"name": "of", "child_columns": ["borough"], **PARENT}},
]
SET = {
    **TABLE,
    "comment": "Dollars",
    "columns": [{"name": "borough", "comment": "Where"}],
    "table_constraints": KEYS,
}


class Workspace:
    """A fake for a workspace with one table, view or function."""

    def __init__(self, table: Mapping[str, Any] | None) -> None:
        self.table = table

    def get(self, path: str, query: Mapping[str, str]) -> Mapping[str, Any] | None:
        return (
            self.table if path.endswith(("/main.sales.by_borough", "functions/main.sales.hidden")) else None
        )


def told(deployed: Deployed, table: Mapping[str, Any]) -> list[str]:
    [flow] = [flow for scope in deployed({**PRODUCTION, **FILES}).scopes for flow in scope.project.flows]
    found = compare_descriptions(flow, {"": ("main", "sales")}, Workspace(table))
    return [
        f"{one.file.rpartition('/')[2]}:{one.line}: {one.severity} {one.code}: {one.message}" for one in found
    ]


MISSING = "deployment.yml:4: warning not-as-declared: table `main.sales.zones` does not exist (run the flow)"


def test_a_table_as_declared_is_fine_and_one_that_no_contract_names_may_be_missing(
    deployed: Deployed,
) -> None:
    assert told(deployed, SET) == [MISSING]


def test_what_differs_is_told_with_the_line_that_declares_it(deployed: Deployed) -> None:
    remedy = "is not as declared (run the flow, whose job sets it)"
    lines = {
        "revenue.yaml:8": "the primary key of table `main.sales.by_borough`",
        "deployment.yml:3": "the comment of table `main.sales.by_borough`",
        "revenue.yaml:13": "the comment of column `borough` of table `main.sales.by_borough`",
    }

    expected = [f"{place}: warning not-as-declared: {what} {remedy}" for place, what in lines.items()]
    foreign = f"deployment.yml:3: warning not-as-declared: foreign key `of` of table `main.sales.by_borough` {remedy}"
    assert told(deployed, TABLE) == [*expected, foreign, MISSING]


def test_the_job_is_no_remedy_for_a_table_of_a_pipeline(deployed: Deployed) -> None:
    found = told(deployed, {**SET, "comment": "x", "table_type": "STREAMING_TABLE"})

    assert found[0].endswith("is not as declared (let the code that writes the table set it)")


def test_the_job_is_no_remedy_for_a_view_that_it_does_not_set(deployed: Deployed) -> None:
    deployment = "tasks: [{task_key: a, serverless: true}]\ndescribe: false\n"
    files = {f"{FLOW}/deployment.yml": deployment, f"{FLOW}/views/by_borough.sql": "SELECT 1"}
    [scope] = deployed({**PRODUCTION, **files}).scopes

    [found] = compare_objects(scope.project.flows[0], {"revenue": ("main", "sales")}, Workspace(None))

    assert found.message.endswith("does not exist (no job sets it: write `describe: true` in one)")


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ({"view_definition": "SELECT * FROM `main`.`sales`.`trips`"}, []),
        ({"view_definition": "SELECT 1"}, ["is not as declared (run the flow, whose job sets it)"]),
        (None, ["does not exist (run the flow, whose job sets it)"]),
    ],
)
def test_a_view_with_another_query_is_told(
    deployed: Deployed, view: Mapping[str, Any] | None, expected: list[str]
) -> None:
    query = "SELECT * FROM IDENTIFIER(:catalog || '.' || :schema || '.trips');"
    mesh = deployed({**PRODUCTION, f"{FLOW}/views/by_borough.sql": query})
    [flow] = [flow for scope in mesh.scopes for flow in scope.project.flows]

    found = compare_objects(flow, dict.fromkeys(("", "revenue"), ("main", "sales")), Workspace(view))

    assert [one.message for one in found] == [f"view `main.sales.by_borough` {one}" for one in expected]


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        (mark("() RETURNS INT COMMENT '' RETURN `main`.`sales`.`f`()"), []),
        (
            mark("() RETURNS INT COMMENT '' RETURN 1"),
            ["is not as declared (run the flow, whose job sets it)"],
        ),
    ],
)
def test_a_function_of_another_statement_is_told(
    deployed: Deployed, comment: str, expected: list[str]
) -> None:
    statement = "CREATE FUNCTION hidden() RETURNS INT RETURN IDENTIFIER(:catalog || '.' || :schema || '.f')()"
    mesh = deployed({**PRODUCTION, f"{FLOW}/functions/hidden.sql": statement})
    [flow] = [flow for scope in mesh.scopes for flow in scope.project.flows]

    found = compare_objects(
        flow, dict.fromkeys(("", "revenue"), ("main", "sales")), Workspace({"comment": comment})
    )

    assert [one.message for one in found] == [f"function `main.sales.hidden` {one}" for one in expected]


def test_the_query_of_a_view_has_the_names_of_flows_that_are_read(deployed: Deployed) -> None:
    zones = f"{PROJECT}/flows/prep/zones"
    mesh = deployed(
        {
            **PRODUCTION,
            f"{FLOW}/deployment.yml": "reads: {geo: prep/zones}\ntasks: [{task_key: a, serverless: true}]\n",
            f"{FLOW}/views/by_borough.sql": "SELECT * FROM IDENTIFIER(:geo_schema || '.zones')",
            f"{zones}/deployment.yml": "tasks: [{task_key: a, serverless: true}]\n",
            f"{zones}/a.py": "# Databricks notebook source\n",
        }
    )
    [flow] = [one for scope in mesh.scopes for one in scope.project.flows if one.name == "revenue"]
    schemas = {**dict.fromkeys(("", "revenue", "geo"), ("main", "sales")), "geo/": ("main", "map")}

    found = compare_objects(flow, schemas, Workspace({"view_definition": "SELECT * FROM `map`.`zones`"}))

    assert [*found] == []


@pytest.mark.parametrize(("owner", "said"), [("sp-acme", True), ("Taxi-Team", False)])
def test_another_owner_than_the_declared_one_is_told(deployed: Deployed, owner: str, said: bool) -> None:
    owned = {
        f"{FLOW}/deployment.yml": "tasks: [{task_key: a, serverless: true}]\ntables: {by_borough: {owner: team}}"
    }
    [flow] = [flow for scope in deployed({**PRODUCTION, **owned}).scopes for flow in scope.project.flows]
    workspace, schemas = Workspace({**TABLE, "owner": owner}), {"": ("main", "sales")}

    found = [one.message for one in compare_descriptions(flow, schemas, workspace, {"team": "taxi-team"})]

    message = (
        "`sp-acme` owns table `main.sales.by_borough`, and not `taxi-team` (run the flow, whose job sets it)"
    )
    assert found == ([message] if said else [])
    assert not [*compare_descriptions(flow, schemas, workspace)]  # this environment sets no owners
