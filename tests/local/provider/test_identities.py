"""Users, groups, service principals, members and entitlements against a fake workspace."""

import pytest

from local.provider.api import ApiError
from local.provider.identities import find_by_name
from local.provider.resource_type import Known
from tests.support.rest_api import FakeRestApi, error_response, resource

SCIM = "/api/2.0/preview/scim/v2"
TAKEN = error_response(409, "RESOURCE_ALREADY_EXISTS", "taken")


def test_a_principal_is_found_by_its_exact_name() -> None:
    users = [{"id": "1", "userName": "ADA"}, {"id": "2", "userName": "ada"}]
    api = FakeRestApi({f"GET {SCIM}/Users": {"Resources": users}}).api()
    assert find_by_name(api, f"{SCIM}/Users", "userName", "ada") == users[1]
    assert find_by_name(api, f"{SCIM}/Users", "userName", 'a"b') is None
    assert find_by_name(api, f"{SCIM}/Users", "userName", None) is None


def test_boolean_attributes_are_sent_as_entitlements() -> None:
    workspace = FakeRestApi({f"POST {SCIM}/Users": {"id": "1"}})
    user, context = resource("databricks_user", workspace)
    planned = {"user_name": "ada", "workspace_access": True, "databricks_sql_access": False, "force": True}
    assert user.create(context, planned) == "1"
    assert workspace.sent(f"POST {SCIM}/Users") == {
        "userName": "ada",
        "active": False,
        "entitlements": [{"value": "workspace-access"}],
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    }


def test_an_existing_user_is_adopted_only_with_force() -> None:
    workspace = FakeRestApi(
        {
            f"POST {SCIM}/Users": TAKEN,
            f"GET {SCIM}/Users": {"Resources": [{"id": "1", "userName": "ada"}]},
            f"GET {SCIM}/Users/1": {},
            f"PUT {SCIM}/Users/1": {},
        }
    )
    user, context = resource("databricks_user", workspace)
    with pytest.raises(ApiError, match="taken"):
        user.create(context, {"user_name": "ada"})
    assert user.create(context, {"user_name": "ada", "force": True}) == "1"
    assert user.can_roll_back({"user_name": "ada"})
    assert not user.can_roll_back({"user_name": "ada", "force": True})


def test_a_change_replaces_a_group_with_its_members() -> None:
    """Entitlements that are not configured are removed."""
    members = [{"value": "7"}]
    workspace = FakeRestApi({f"GET {SCIM}/Groups/1": {"members": members}, f"PUT {SCIM}/Groups/1": {}})
    group, context = resource("databricks_group", workspace)
    group.update(context, "1", {"display_name": "new"}, {"display_name": "old", "workspace_access": True})
    assert workspace.sent(f"PUT {SCIM}/Groups/1") == {
        "displayName": "new",
        "members": members,
        "entitlements": [{}],
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
    }


def test_the_application_id_of_a_service_principal_is_not_sent_again() -> None:
    path = f"{SCIM}/ServicePrincipals/1"
    workspace = FakeRestApi({f"GET {path}": {}, f"PUT {path}": {}})
    principal, context = resource("databricks_service_principal", workspace)
    principal.update(context, "1", {"application_id": "a", "display_name": "n", "active": True}, {})
    assert "applicationId" not in workspace.sent(f"PUT {path}")


def test_a_principal_is_disabled_instead_of_deleted_on_request() -> None:
    workspace = FakeRestApi({f"PATCH {SCIM}/Users/1": {}})
    user, context = resource("databricks_user", workspace)
    user.delete(context, "1", {"disable_as_user_deletion": True})
    assert workspace.calls == [f"PATCH {SCIM}/Users/1"]
    operation = {"op": "replace", "path": "active", "value": [{"value": "false"}]}
    assert workspace.sent(f"PATCH {SCIM}/Users/1")["Operations"] == [operation]


def test_derived_attributes_are_read() -> None:
    answer = {"id": "1", "userName": "ada@x.no", "entitlements": [{"value": "workspace-access"}]}
    user, context = resource("databricks_user", FakeRestApi({f"GET {SCIM}/Users/1": answer}))
    state = user.read(context, "1", Known({}))
    assert (state["home"], state["acl_principal_id"]) == ("/Users/ada@x.no", "users/ada@x.no")
    assert state["workspace_access"] is True


def test_an_entitlement_that_somebody_removes_is_not_noticed() -> None:
    """Only entitlements that are set are read from users, groups and service principals."""
    user, context = resource("databricks_user", FakeRestApi({f"GET {SCIM}/Users/1": {"userName": "ada"}}))
    assert "workspace_access" not in user.read(context, "1", Known({"workspace_access": True}))


def test_deleting_a_user_deletes_its_folders_only_on_request() -> None:
    delete = "POST /api/2.0/workspace/delete"
    workspace = FakeRestApi({f"DELETE {SCIM}/Users/1": {}, delete: {}})
    user, context = resource("databricks_user", workspace)
    state = {"home": "/Users/ada", "repos": "/Repos/ada"}
    user.delete(context, "1", state)
    assert delete not in workspace.calls
    user.delete(context, "1", {**state, "force_delete_home_dir": True})
    assert workspace.sent(delete) == {"path": "/Users/ada", "recursive": True}


def test_a_service_principal_of_the_same_name_is_a_namesake() -> None:
    principals = [{"id": "3", "displayName": "deployer"}]
    workspace = FakeRestApi({f"GET {SCIM}/ServicePrincipals": {"Resources": principals}})
    principal, context = resource("databricks_service_principal", workspace)
    assert principal.namesakes(context, {"display_name": "deployer"}) == ["3"]
    assert principal.namesakes(context, {"display_name": "other"}) == []


def test_a_group_member_is_added_read_and_removed() -> None:
    path = f"{SCIM}/Groups/g"
    workspace = FakeRestApi({f"PATCH {path}": {}, f"GET {path}": {"members": [{"value": "m"}]}})
    member, context = resource("databricks_group_member", workspace)
    assert member.create(context, {"group_id": "g", "member_id": "m"}) == "g|m"
    assert member.read(context, "g|m", Known({})) == {"group_id": "g", "member_id": "m"}
    member.delete(context, "g|m", {})
    assert workspace.sent(f"PATCH {path}")["Operations"] == [
        {"op": "remove", "path": 'members[value eq "m"]'}
    ]
    with pytest.raises(ApiError, match="n is not in group g"):
        member.read(context, "g|n", Known({}))


def test_entitlements_belong_to_the_principal_in_the_id() -> None:
    path = f"{SCIM}/ServicePrincipals/7"
    entitlements = [{"value": "allow-cluster-create"}]
    workspace = FakeRestApi({f"PATCH {path}": {}, f"GET {path}": {"entitlements": entitlements}})
    resource_type, context = resource("databricks_entitlements", workspace)
    assert resource_type.create(context, {"service_principal_id": "7", "workspace_access": True}) == "spn/7"
    state = resource_type.read(context, "spn/7", Known({}))
    assert (state["service_principal_id"], state["allow_cluster_create"]) == ("7", True)
    assert state["workspace_access"] is False
    with pytest.raises(ApiError, match=r"robot/7 is not <group\|spn\|user>/<id>"):
        resource_type.read(context, "robot/7", Known({}))
