"""An org on one metastore: storage first, then the catalogs of all levels."""

from __future__ import annotations

from dataclasses import replace

from datamesh.org import Org
from mesh.deployment.foundation import Foundation
from mesh.model.backend import Backend
from mesh.model.environment import Environment
from tests.constructs.test_catalog import CATALOG
from tests.constructs.test_storage import CREDENTIAL, LOCATION

FOUNDATION = Foundation(
    org="acme",
    environment=Environment("prod"),
    stack="acme-foundation-main",
    state_key="acme/foundation/main",
    backend=Backend("s3", {"bucket": "states", "key": "acme/foundation/main"}),
    catalogs=(replace(CATALOG, name="acme", level=()), CATALOG),
    storage_credentials=(CREDENTIAL,),
    external_locations=(LOCATION, replace(LOCATION, id="lake", name="lake", url="s3://lake", grants=())),
    managed_by=(),
    owning_environment=Environment("prod"),
)


def test_catalogs_of_all_levels_wait_for_the_external_locations(synth) -> None:
    """Terraform sees no reference to the location in the URL of a `storage_root`."""
    catalogs = synth(lambda scope: Org(scope, FOUNDATION))["resource"]["databricks_catalog"]

    assert {name: catalog["depends_on"] for name, catalog in catalogs.items()} == {
        name: ["databricks_external_location.drop", "databricks_external_location.lake"]
        for name in ("acme", "acme_transport")
    }


def test_catalogs_of_an_org_without_external_locations_depend_on_nothing(synth) -> None:
    foundation = replace(FOUNDATION, external_locations=(), storage_credentials=())
    stack = synth(lambda scope: Org(scope, foundation))

    properties = {"datamesh.deployment": "acme/foundation/main"}
    assert stack == {
        "resource": {
            "databricks_catalog": {
                name: {"name": name, "comment": "Moves", "properties": properties}
                for name in ("acme", "acme_transport")
            }
        }
    }


def test_a_location_refers_to_the_credential_of_the_same_org(synth) -> None:
    """Another credential exists already in the metastore, and is referred to by its name."""
    other = replace(LOCATION, id="other", name="other", storage_credential="theirs", credential_id=None)
    foundation = replace(FOUNDATION, external_locations=(LOCATION, other))
    locations = synth(lambda scope: Org(scope, foundation))["resource"]["databricks_external_location"]

    assert {name: location["credential_name"] for name, location in locations.items()} == {
        "drop": "${databricks_storage_credential.lake.name}",
        "other": "theirs",
    }


def test_the_keeper_may_manage_all_that_gets_another_owner(synth) -> None:
    foundation = replace(
        FOUNDATION,
        catalogs=(replace(CATALOG, owner="team"), replace(CATALOG, name="acme", level=(), owner="team")),
        external_locations=(replace(LOCATION, owner="team", grants=()),),
    )
    grants = synth(lambda scope: Org(scope, foundation, "deployer"))["resource"]["databricks_grants"]

    keeper = [{"principal": "deployer", "privileges": ["MANAGE"]}]
    assert {name: resource["grant"] for name, resource in grants.items()} == dict.fromkeys(
        ("acme", "acme_transport", "drop", "lake"), keeper
    )


def test_a_mesh_with_one_org_at_its_root_has_no_org_name(synth) -> None:
    unnamed = synth(lambda scope: Org(scope, replace(FOUNDATION, org=None)))

    assert unnamed == synth(lambda scope: Org(scope, FOUNDATION))
