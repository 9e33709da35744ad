"""Catalogs, and what is granted on them."""

from __future__ import annotations

from datamesh.catalog import Catalog
from mesh import catalog as model
from mesh.grant import Grant


def test_a_catalog_has_its_grants_in_one_authoritative_resource(synth) -> None:
    """Both are called as the catalog is."""
    grants = (
        Grant(principal="analysts", privileges=("SELECT", "USE_CATALOG")),
        Grant(principal="taxi-team", privileges=("MODIFY",)),
    )
    catalog = model.Catalog(
        "acme_transport", ("transport",), "Moves", "platform-team", grants, protected=True
    )
    assert synth(lambda scope: Catalog(scope, catalog)) == {
        "resource": {
            "databricks_catalog": {
                "acme_transport": {
                    "name": "acme_transport",
                    "comment": "Moves",
                    "owner": "platform-team",
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


def test_where_nothing_is_granted_there_is_no_grants_resource(synth) -> None:
    """An empty authoritative list would take away what others granted by hand."""
    catalog = model.Catalog("acme", (), None, None, (), protected=False)
    assert synth(lambda scope: Catalog(scope, catalog)) == {
        "resource": {"databricks_catalog": {"acme": {"name": "acme"}}}
    }
