"""Volumes, managed and external."""

from __future__ import annotations

from dataclasses import replace

from datamesh.schema import Schema
from datamesh.volume import Volume
from mesh.model import volume as model
from mesh.model.grant import Grant
from tests.constructs.test_schema import SCHEMA

LANDING = model.Volume(
    id="prep_revenue_landing",
    name="landing",
    catalog="acme_transport",
    schema="prep_revenue",
    schema_name=SCHEMA.name,
    comment="Files",
    owner=None,
    storage_location=None,
    grants=(),
    protected=True,
)


def test_a_volume_is_in_the_schema_of_its_project(synth) -> None:
    """The volume refers to the schema, so Terraform creates the schema first."""
    made = synth(lambda scope: Volume(scope, LANDING, Schema(scope, SCHEMA)))["resource"]
    assert made["databricks_volume"] == {
        "prep_revenue_landing": {
            "catalog_name": "acme_transport",
            "schema_name": "${databricks_schema.prep_revenue.name}",
            "name": "landing",
            "volume_type": "MANAGED",
            "comment": "Files",
            "lifecycle": {"prevent_destroy": True},
        }
    }


def test_a_volume_with_a_location_is_external(synth) -> None:
    """An external volume has separate grants."""
    drop = replace(
        LANDING,
        storage_location="s3://acme/drop",
        owner="taxi-team",
        grants=(Grant("finance", ("READ_VOLUME",)),),
        protected=False,
    )
    made = synth(lambda scope: Volume(scope, drop, Schema(scope, SCHEMA)))["resource"]
    assert made["databricks_volume"]["prep_revenue_landing"] == {
        "catalog_name": "acme_transport",
        "schema_name": "${databricks_schema.prep_revenue.name}",
        "name": "landing",
        "volume_type": "EXTERNAL",
        "storage_location": "s3://acme/drop",
        "comment": "Files",
        "owner": "taxi-team",
    }
    assert made["databricks_grants"]["prep_revenue_landing"] == {
        "volume": "${databricks_volume.prep_revenue_landing.id}",
        "grant": [{"principal": "finance", "privileges": ["READ_VOLUME"]}],
    }
