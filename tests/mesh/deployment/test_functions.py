"""The functions of a project that have grants of their own."""

from __future__ import annotations

import pytest

from tests.mesh.conftest import FLOW, PRODUCTION, Deployed, Findings

TASKS = "tasks: [{task_key: a, serverless: true}]\n"


def test_a_grant_on_a_function_lets_reach_it(deployed: Deployed) -> None:
    declared = "functions: {Hidden: {grants: [{principal: analysts, role: reader}]}}\n"
    file, statement = f"{FLOW}/functions/first.sql", "CREATE FUNCTION first() RETURNS INT RETURN 1"
    mesh = deployed({**PRODUCTION, f"{FLOW}/deployment.yml": TASKS + declared, file: statement})

    [first, one] = [one for deployment in mesh.deployments for one in deployment.functions]
    [schema] = [one for deployment in mesh.deployments for one in deployment.schemas]
    assert (first.file, first.declared, first.grants) == (file, None, ())
    assert (one.full_name, one.file) == (f"{schema.full_name}.hidden", None)
    assert one.schema == schema.id
    [grant] = one.grants
    assert (grant.principal, grant.privileges) == ("analysts", ("EXECUTE",))
    assert grant.origins[0].endswith("deployment.yml:2")
    assert [one.privileges for one in schema.grants if one.principal == "analysts"] == [("USE_SCHEMA",)]
    [catalog] = [one for each in mesh.foundations for one in getattr(each, "catalogs", ())]
    assert [one.privileges for one in catalog.grants if one.principal == "analysts"] == [("USE_CATALOG",)]


@pytest.mark.parametrize("kind", ["table", "function"])
def test_grants_are_declared_in_one_part_of_a_flow(findings: Findings, kind: str) -> None:
    declared = f"{TASKS}{kind}s: {{one: {{grants: [{{principal: analysts, role: reader}}]}}}}\n"
    part = {f"{FLOW}/part/a.py": "# Databricks notebook source\n", f"{FLOW}/part/deployment.yml": declared}

    [found] = findings({**part, f"{FLOW}/deployment.yml": declared})

    assert found == (
        f"one-name-twice: {kind} `one` has grants or tags in acme/transport/taxinyc/prep/revenue, too "
        "(declare them in one of the two)"
    )


def test_a_function_has_a_schema_of_the_flow_and_privileges_of_functions(findings: Findings) -> None:
    declared = """\
schemas: [a, b]
functions:
  one: {}
  two: {schema: c}
  three: {schema: a, grants: [{principal: analysts, privileges: [SELECT]}]}
  Three: {schema: a}
"""

    assert [one.partition(" (")[0] for one in findings({f"{FLOW}/deployment.yml": TASKS + declared})] == [
        "unknown-schema: the schema of function `one` is not known: the flow has a, b",
        "unknown-schema: schema `c` is not in `schemas` of the flow",
        "privilege-not-there: `SELECT` cannot be granted on a function",
        "one-name-twice: function `Three` equals `three` in Unity Catalog, which ignores case",
    ]
