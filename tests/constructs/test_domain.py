"""The catalogs of a domain."""

from __future__ import annotations

from dataclasses import replace

from datamesh.domain import Domain
from tests.constructs.test_catalog import CATALOG


def test_a_domain_passes_the_keeper_to_all_its_catalogs(synth) -> None:
    """The keeper needs a grant only on a catalog that gets another owner."""
    catalogs = [CATALOG, replace(CATALOG, name="acme_taxinyc", owner="taxi-team", properties={})]
    stack = synth(lambda scope: Domain(scope, "transport", catalogs, "deployer"))

    assert stack == {
        "resource": {
            "databricks_catalog": {
                "acme_transport": {
                    "name": "acme_transport",
                    "comment": "Moves",
                    "properties": {"datamesh.deployment": "acme/foundation/main"},
                },
                "acme_taxinyc": {
                    "name": "acme_taxinyc",
                    "comment": "Moves",
                    "owner": "taxi-team",
                    "properties": {},
                },
            },
            "databricks_grants": {
                "acme_taxinyc": {
                    "catalog": "${databricks_catalog.acme_taxinyc.name}",
                    "grant": [{"principal": "deployer", "privileges": ["MANAGE"]}],
                }
            },
        }
    }
