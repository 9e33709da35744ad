"""Foreign keys: the tables that they reference, and their names."""

from __future__ import annotations

import pytest

from tests.mesh.conftest import FLOW, PRODUCTION, PROJECT, Deployed, Findings

DEPLOYMENT = f"{FLOW}/deployment.yml"
TASKS = "tasks: [{task_key: a, serverless: true}]\n"
ZONES = "tables: {zones: {primary_key: zone}}\n"
OTHER = "orgs/acme/domains/transport/projects/other"


def flow(project: str, name: str, declared: str) -> dict[str, str]:
    """The files of a flow."""
    folder = f"{project}/flows/prep/{name}"
    return {f"{folder}/deployment.yml": TASKS + declared, f"{folder}/a.py": "# Databricks notebook source\n"}


def key(flow: str = "prep/zones", table: str = "zones", reads: str = "{geo: taxinyc/prep/zones}") -> str:
    """A flow whose table has a foreign key."""
    references = f"{{flow: {flow}, table: {table}}}"
    return f"reads: {reads}\ntables: {{trips: {{foreign_keys: {{of: {{columns: zone, references: {references}}}}}}}}}\n"


def test_a_reference_is_the_flow_that_is_read_also_if_others_have_its_name(findings: Findings) -> None:
    two = {**flow(PROJECT, "zones", ZONES), **flow(OTHER, "zones", "schemas: [far]\n" + ZONES)}
    declared = TASKS + key(table="zonse")

    assert findings({**PRODUCTION, **two, DEPLOYMENT: declared}) == [
        "foreign-key-unknown: no primary key of table `zonse` is declared by "
        "acme/transport/taxinyc/prep/zones (did you mean `zones`?)"
    ]


def test_a_reference_that_may_be_several_flows_is_a_finding(findings: Findings) -> None:
    two = {**flow(PROJECT, "zones", ZONES), **flow(OTHER, "zones", "schemas: [far]\n" + ZONES)}
    declared = TASKS + key(reads="{geo: taxinyc/prep/zones, far: other/prep/zones}")

    assert findings({**PRODUCTION, **two, DEPLOYMENT: declared}) == [
        "unknown-flow: flow `prep/zones` matches several flows (write a longer path: "
        "acme/transport/other/prep/zones, acme/transport/taxinyc/prep/zones)"
    ]


def test_a_reference_with_wrong_leading_levels_is_a_finding(findings: Findings) -> None:
    declared = TASKS + key("taxis/prep/zones", reads="{geo: prep/zones}")

    assert findings({**PRODUCTION, **flow(PROJECT, "zones", ZONES), DEPLOYMENT: declared}) == [
        "foreign-key-unknown: flow `taxis/prep/zones` is not acme/transport/taxinyc/prep/zones, which `reads` "
        "names (correct the path)"
    ]


@pytest.mark.parametrize("overridden", ["child", "parent"])
def test_references_are_checked_in_each_environment(findings: Findings, overridden: str) -> None:
    child, zones = key(), ZONES
    if overridden == "child":
        child += (
            "environments: {prod: {tables: {trips: {foreign_keys: {of: {references: {table: zonse}}}}}}}\n"
        )
    else:
        zones += "environments: {prod: {tables: {zones: {primary_key: [zone, area]}}}}\n"

    [found] = findings({**PRODUCTION, **flow(PROJECT, "zones", zones), DEPLOYMENT: TASKS + child})

    assert found.startswith("foreign-key-unknown: ")


def test_a_view_keeps_its_owner(findings: Findings) -> None:
    declared = f"{TASKS}tables: {{dear: {{owner: taxi-team}}}}\n"

    assert findings({**PRODUCTION, f"{FLOW}/views/dear.sql": "SELECT 1 AS a", DEPLOYMENT: declared}) == [
        "owner-of-view: `dear` is a view, which shows what its owner may read: an owner would change that (remove `owner`)"
    ]


def test_a_view_has_no_keys(findings: Findings) -> None:
    declared = f"{TASKS}tables: {{dear: {{primary_key: a}}}}\n"

    assert findings({**PRODUCTION, f"{FLOW}/views/dear.sql": "SELECT 1 AS a", DEPLOYMENT: declared}) == [
        "key-of-view: `dear` is a view, which has no keys (remove them here)"
    ]


@pytest.mark.parametrize(
    ("first", "second", "twin"),
    [("of", "OF", "trips"), ("of", "near", ""), ("zones_pk", "near", "zones"), ("trips_pk", "near", "")],
)
def test_the_names_of_keys_are_unique_in_a_schema(
    deployed: Deployed, findings: Findings, first: str, second: str, twin: str
) -> None:
    refers = "{columns: zone, references: {table: zones}}"
    declared = (
        f"{TASKS}tables:\n  zones: {{primary_key: zone}}\n"
        f"  trips: {{foreign_keys: {{{first}: {refers}}}}}\n  rides: {{foreign_keys: {{{second}: {refers}}}}}\n"
    )
    files = {**PRODUCTION, DEPLOYMENT: declared}
    if not twin:
        assert deployed(files).deployments
        return

    [found] = findings(files)

    assert found.startswith("one-name-twice: foreign key `")
    assert found.endswith(f" has the name of a key of table `{twin}` in its schema (rename one)")
