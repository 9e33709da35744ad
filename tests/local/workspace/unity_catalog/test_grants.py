"""Grants: add, remove, inherit, and the privileges of each securable type."""

import pytest

from tests.local.workspace.unity_catalog.helpers import UC, register_table


def test_grants_are_added_removed_and_inherited(workspace, schema):
    path = f"{UC}/permissions/schema/cat.s"
    change = {"changes": [{"principal": "analysts", "add": ["USE_SCHEMA", "SELECT"]}]}
    workspace.patch(path, change)
    workspace.patch(path, {"changes": [{"principal": "analysts", "remove": ["SELECT"]}]})

    direct = [{"principal": "analysts", "privileges": ["USE_SCHEMA"]}]
    assert workspace.get(path)["privilege_assignments"] == direct
    register_table(workspace, "trips")
    effective = workspace.get(f"{UC}/effective-permissions/table/cat.s.trips")["privilege_assignments"]
    assert effective[0]["privileges"][0]["inherited_from_name"] == "cat.s"


def test_a_recreated_schema_has_no_grants(workspace, schema):
    path = f"{UC}/permissions/schema/cat.s"
    workspace.patch(path, {"changes": [{"principal": "analysts", "add": ["SELECT"]}]})
    workspace.delete(f"{UC}/schemas/cat.s")
    workspace.get(path, status=404)
    workspace.post(f"{UC}/schemas", {"name": "s", "catalog_name": "cat"})

    assert workspace.get(path)["privilege_assignments"] == []


@pytest.mark.parametrize(
    ("securable", "good", "wrong"),
    [
        ("catalog/cat", "USE_CATALOG", "READ_FILES"),
        ("schema/cat.s", "CREATE_MODEL", "USE_CATALOG"),
        ("volume/cat.s.v", "READ_VOLUME", "SELECT"),
        ("function/cat.s.m", "APPLY_TAG", "MODIFY"),
        ("external_location/l", "CREATE_EXTERNAL_VOLUME", "USE_SCHEMA"),
        ("storage_credential/role", "CREATE_EXTERNAL_LOCATION", "CREATE_MANAGED_STORAGE"),
        ("schema/cat.s", "USE SCHEMA", "SELEKT"),
    ],
)
def test_a_privilege_is_granted_only_on_a_securable_type_that_has_it(
    workspace, schema, credential, securable, good, wrong
):
    workspace.post(f"{UC}/volumes", {**schema, "name": "v", "volume_type": "MANAGED"})
    workspace.post(f"{UC}/models", {**schema, "name": "m"})
    workspace.post(f"{UC}/external-locations", {"name": "l", "url": "s3://b", "credential_name": credential})
    path = f"{UC}/permissions/{securable}"

    workspace.patch(path, {"changes": [{"principal": "p", "add": [good]}]})
    refused = workspace.patch(path, {"changes": [{"principal": "p", "add": [wrong]}]}, status=400)
    assert wrong in refused["message"]
    held = [{"principal": "p", "privileges": [good.replace(" ", "_")]}]
    assert workspace.get(path)["privilege_assignments"] == held


@pytest.mark.parametrize("securable", ["function/cat.s.none", "external_location/x", "storage_credential/x"])
def test_grants_on_an_unknown_securable_are_refused(workspace, securable):
    workspace.get(f"{UC}/permissions/{securable}", status=404)
