"""The tables of a deployment that have tags or grants."""

from __future__ import annotations

from tests.mesh.conftest import FLOW, Deployed

JOB = "tasks: [{task_key: a, serverless: true}]\n"


def test_a_table_is_in_the_schema_that_it_names(deployed: Deployed) -> None:
    text = "schemas: [daily, monthly]\ntables: {Trips: {schema: monthly, tags: {a: b}}}\n"
    [deployment] = deployed({f"{FLOW}/deployment.yml": text + JOB}, env="local").deployments
    [table] = deployment.tables
    assert table.full_name.endswith("_monthly.trips")
    assert table.declared == "Trips"


def test_a_table_with_nothing_of_its_own_is_left_to_its_code(deployed: Deployed) -> None:
    [deployment] = deployed({f"{FLOW}/deployment.yml": "tables: [trips]\n" + JOB}, env="local").deployments
    assert deployment.tables == ()


def test_a_renamed_flow_keeps_the_resources_of_its_tables(deployed: Deployed) -> None:
    text = "renamed_from: income\ntables: {trips: {grants: [{principal: a, role: reader}], tags: {b: c}}}\n"
    [deployment] = deployed({f"{FLOW}/deployment.yml": text + JOB}, env="local").deployments
    moved = {(one.kind, one.former, one.id) for one in deployment.renames}
    assert ("grants", "prep_income_table_trips", "prep_revenue_table_trips") in moved
    tags = ("prep_income_table_trips_tag_b", "prep_revenue_table_trips_tag_b")
    assert ("entity_tag_assignment", *tags) in moved
