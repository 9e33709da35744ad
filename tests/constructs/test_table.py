"""What hangs on a table that a job creates."""

from __future__ import annotations

from dataclasses import replace

from datamesh.schema import Schema
from datamesh.table import Table
from mesh.model import table as model
from mesh.model.grant import Grant
from tests.constructs.test_schema import SCHEMA

TRIPS = model.Table(
    id="prep_revenue_table_trips",
    name="trips",
    schema="prep_revenue",
    schema_name="main.revenue",
    declared="trips",
    flow="acme/transport/taxinyc/prep/revenue",
    tags={"product": "revenue"},
    column_tags={"fare": {"open": ""}},
    grants=(Grant("finance", ("SELECT",)),),
)
AFTER = {"depends_on": ["databricks_schema.prep_revenue"]}


def test_tags_are_made_after_the_schema_and_grants_after_the_tags(synth) -> None:
    """Terraform destroys them before the schema, which takes the table with it; policies find tags."""
    made = synth(lambda scope: Table(scope, TRIPS, Schema(scope, SCHEMA)))["resource"]
    assert made["databricks_grants"]["prep_revenue_table_trips"] == {
        "depends_on": [
            "databricks_schema.prep_revenue",
            "databricks_entity_tag_assignment.prep_revenue_table_trips_tag_product",
            "databricks_entity_tag_assignment.prep_revenue_table_trips_column_fare_tag_open",
        ],
        "table": "main.revenue.trips",
        "grant": [{"principal": "finance", "privileges": ["SELECT"]}],
    }
    tag = {"entity_type": "tables", "entity_name": "main.revenue.trips", "tag_key": "product"}
    empty = {"entity_type": "columns", "entity_name": "main.revenue.trips.fare", "tag_key": "open"}
    assert made["databricks_entity_tag_assignment"] == {
        "prep_revenue_table_trips_tag_product": AFTER | tag | {"tag_value": "revenue"},
        "prep_revenue_table_trips_column_fare_tag_open": AFTER | empty,
    }


def test_without_grants_there_are_only_tags(synth) -> None:
    table = replace(TRIPS, grants=(), column_tags={})
    made = synth(lambda scope: Table(scope, table, Schema(scope, replace(SCHEMA, grants=()))))["resource"]
    assert set(made) == {"databricks_schema", "databricks_entity_tag_assignment"}
