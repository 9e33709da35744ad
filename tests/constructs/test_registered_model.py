"""Registered models."""

from __future__ import annotations

from datamesh.registered_model import RegisteredModel
from datamesh.schema import Schema
from mesh.model import registered_model as model
from mesh.model.grant import Grant
from tests.constructs.test_schema import SCHEMA


def test_a_model_is_in_the_schema_of_its_project_and_has_grants(synth) -> None:
    taxi = model.RegisteredModel(
        id="prep_revenue_taximodel",
        name="taximodel",
        catalog="acme_transport",
        schema="prep_revenue",
        schema_name=SCHEMA.name,
        comment="What a trip costs",
        owner="taxi-team",
        grants=(Grant("analysts", ("EXECUTE",)),),
        protected=True,
    )
    made = synth(lambda scope: RegisteredModel(scope, taxi, Schema(scope, SCHEMA)))["resource"]
    assert made["databricks_registered_model"] == {
        "prep_revenue_taximodel": {
            "catalog_name": "acme_transport",
            "schema_name": "${databricks_schema.prep_revenue.name}",
            "name": "taximodel",
            "comment": "What a trip costs",
            "owner": "taxi-team",
            "lifecycle": {"prevent_destroy": True},
        }
    }
    assert made["databricks_grants"]["prep_revenue_taximodel"] == {
        "model": "${databricks_registered_model.prep_revenue_taximodel.id}",
        "grant": [{"principal": "analysts", "privileges": ["EXECUTE"]}],
    }
