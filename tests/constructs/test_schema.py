"""Schemas: Terraform destroys unprotected schemas with their tables."""

from __future__ import annotations

from dataclasses import replace

from datamesh.schema import Schema
from mesh.model import schema as model
from mesh.model.grant import Grant

SCHEMA = model.Schema(
    id="prep_revenue",
    db="revenue",
    name="dev_ola_main_5bd01c2f_revenue",
    catalog="acme_transport",
    comment="Revenue",
    owner=None,
    storage_root=None,
    properties={"datamesh.deployment": "acme/transport/taxinyc/dev/ola/main/5bd01c2f"},
    grants=(Grant("finance", ("SELECT",)),),
    protected=False,
)


def test_a_personal_schema_is_destroyed_with_its_tables(synth) -> None:
    """The grants refer to the schema's id, so Terraform creates them after the schema."""
    assert synth(lambda scope: Schema(scope, SCHEMA)) == {
        "resource": {
            "databricks_schema": {
                "prep_revenue": {
                    "catalog_name": "acme_transport",
                    "name": "dev_ola_main_5bd01c2f_revenue",
                    "comment": "Revenue",
                    "properties": {"datamesh.deployment": "acme/transport/taxinyc/dev/ola/main/5bd01c2f"},
                    "force_destroy": True,
                }
            },
            "databricks_grants": {
                "prep_revenue": {
                    "schema": "${databricks_schema.prep_revenue.id}",
                    "grant": [{"principal": "finance", "privileges": ["SELECT"]}],
                }
            },
        }
    }


def test_terraform_refuses_to_destroy_a_protected_schema(synth) -> None:
    """Unity Catalog also refuses while the schema contains tables."""
    protected = replace(SCHEMA, protected=True, owner="taxi-team", grants=(), storage_root="s3://acme/taxi")
    made = synth(lambda scope: Schema(scope, protected))["resource"]["databricks_schema"]["prep_revenue"]
    assert made["lifecycle"] == {"prevent_destroy": True}
    assert made["force_destroy"] is False
    assert made["owner"] == "taxi-team"
    assert made["storage_root"] == "s3://acme/taxi"


def test_the_keeper_may_manage_a_schema_with_another_owner(synth) -> None:
    """An owner needs no grant."""
    given = replace(SCHEMA, owner="taxi-team")
    made = synth(lambda scope: Schema(scope, given, "${data.databricks_current_user.deployer.user_name}"))
    assert made["resource"]["databricks_grants"]["prep_revenue"]["grant"] == [
        {"principal": "finance", "privileges": ["SELECT"]},
        {"principal": "${data.databricks_current_user.deployer.user_name}", "privileges": ["MANAGE"]},
    ]
    own = synth(lambda scope: Schema(scope, SCHEMA, "${data.databricks_current_user.deployer.user_name}"))
    assert own["resource"]["databricks_grants"]["prep_revenue"]["grant"] == [
        {"principal": "finance", "privileges": ["SELECT"]}
    ]


def test_a_schema_has_the_tag_of_its_domain_after_its_grants_let_the_deployer_manage_it(synth) -> None:
    """A plan knows the name of the schema, which adoption needs, so it is no reference."""
    schema = replace(SCHEMA, owner="taxi-team", domain_tag="transport")
    tags = synth(lambda scope: Schema(scope, schema))["resource"]["databricks_entity_tag_assignment"]

    assert tags == {
        "prep_revenue_domain": {
            "entity_type": "schemas",
            "entity_name": "acme_transport.dev_ola_main_5bd01c2f_revenue",
            "tag_key": "transport",
            "depends_on": ["databricks_schema.prep_revenue", "databricks_grants.prep_revenue"],
        }
    }
