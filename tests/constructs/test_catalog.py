"""Catalogs, their workspace bindings and their grants."""

from __future__ import annotations

from dataclasses import replace

from datamesh.catalog import Catalog
from mesh.deployment import catalog as model
from mesh.model.grant import Grant

CATALOG = model.Catalog(
    name="acme_transport",
    level=("transport",),
    comment="Moves",
    owner=None,
    isolation_mode=None,
    workspaces={},
    storage_root=None,
    properties={"datamesh.deployment": "acme/foundation/main"},
    grants=(),
    protected=False,
)


def test_a_catalog_has_its_grants_in_one_authoritative_resource(synth) -> None:
    """The catalog and its grants have the same Terraform name."""
    grants = (Grant("analysts", ("SELECT", "USE_CATALOG")), Grant("taxi-team", ("MODIFY",)))
    catalog = replace(CATALOG, owner="platform-team", grants=grants, protected=True)
    assert synth(lambda scope: Catalog(scope, catalog)) == {
        "resource": {
            "databricks_catalog": {
                "acme_transport": {
                    "name": "acme_transport",
                    "comment": "Moves",
                    "owner": "platform-team",
                    "properties": {"datamesh.deployment": "acme/foundation/main"},
                    "lifecycle": {"prevent_destroy": True},
                }
            },
            "databricks_grants": {
                "acme_transport": {
                    "catalog": "${databricks_catalog.acme_transport.name}",
                    "grant": [
                        {"principal": "analysts", "privileges": ["SELECT", "USE_CATALOG"]},
                        {"principal": "taxi-team", "privileges": ["MODIFY"]},
                    ],
                }
            },
        }
    }


def test_a_catalog_without_grants_has_no_grants_resource(synth) -> None:
    """An empty authoritative list would revoke grants made by hand."""
    assert synth(lambda scope: Catalog(scope, CATALOG)) == {
        "resource": {
            "databricks_catalog": {
                "acme_transport": {
                    "name": "acme_transport",
                    "comment": "Moves",
                    "properties": {"datamesh.deployment": "acme/foundation/main"},
                }
            }
        }
    }


def test_an_isolated_catalog_is_bound_to_its_workspaces(synth) -> None:
    """Each binding is a separate resource, so a new workspace changes nothing else."""
    catalog = replace(
        CATALOG,
        isolation_mode="ISOLATED",
        workspaces={"456": "READ_ONLY", "123": "READ_WRITE"},
        storage_root="s3://acme/transport",
    )
    made = synth(lambda scope: Catalog(scope, catalog))["resource"]
    assert made["databricks_catalog"]["acme_transport"]["isolation_mode"] == "ISOLATED"
    assert made["databricks_catalog"]["acme_transport"]["storage_root"] == "s3://acme/transport"
    assert made["databricks_workspace_binding"] == {
        f"acme_transport_{workspace}": {
            "securable_name": "${databricks_catalog.acme_transport.name}",
            "securable_type": "catalog",
            "workspace_id": workspace,
            "binding_type": f"BINDING_TYPE_{access}",
        }
        for workspace, access in ((123, "READ_WRITE"), (456, "READ_ONLY"))
    }
