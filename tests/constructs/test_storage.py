"""Storage credentials and external locations."""

from __future__ import annotations

from datamesh.storage import ExternalLocation, StorageCredential
from mesh.model import storage as model
from mesh.model.grant import Grant

CREDENTIAL = model.StorageCredential(
    id="lake",
    name="lake",
    cloud="aws_iam_role",
    identity={"role_arn": "arn:aws:iam::123456789012:role/lake"},
    comment="The lake",
    owner="platform-team",
    read_only=None,
    grants=(),
    protected=True,
)
LOCATION = model.ExternalLocation(
    id="drop",
    name="drop",
    url="s3://acme-drop",
    storage_credential="lake",
    credential_id="lake",
    comment=None,
    owner=None,
    read_only=True,
    grants=(Grant("taxi-team", ("CREATE_EXTERNAL_VOLUME", "READ_FILES")),),
    protected=False,
)


def test_a_location_refers_to_a_credential_of_the_same_stack(synth) -> None:
    made = synth(lambda scope: ExternalLocation(scope, LOCATION, StorageCredential(scope, CREDENTIAL)))
    assert made["resource"] == {
        "databricks_storage_credential": {
            "lake": {
                "name": "lake",
                "comment": "The lake",
                "owner": "platform-team",
                "aws_iam_role": {"role_arn": "arn:aws:iam::123456789012:role/lake"},
                "lifecycle": {"prevent_destroy": True},
            }
        },
        "databricks_external_location": {
            "drop": {
                "name": "drop",
                "url": "s3://acme-drop",
                "credential_name": "${databricks_storage_credential.lake.name}",
                "read_only": True,
            }
        },
        "databricks_grants": {
            "drop": {
                "external_location": "${databricks_external_location.drop.name}",
                "grant": [{"principal": "taxi-team", "privileges": ["CREATE_EXTERNAL_VOLUME", "READ_FILES"]}],
            }
        },
    }


def test_a_location_may_use_an_existing_credential_by_name(synth) -> None:
    made = synth(lambda scope: ExternalLocation(scope, LOCATION, None))["resource"]
    assert made["databricks_external_location"]["drop"]["credential_name"] == "lake"
