"""Users, groups and service principals, as the Databricks provider and the SDK address them."""

import pytest

SCIM = "/api/2.0/preview/scim/v2"
APPLICATION_ID = "7f1c0d6e-2f5b-4d0c-9a58-3c1e6b7d9a10"
SQL = {"value": "databricks-sql-access"}
# The provider reads these attributes of a user and of a service principal.
ATTRIBUTES = "userName,displayName,active,externalId,entitlements"


def create(workspace, collection, **fields):
    return workspace.post(f"{SCIM}/{collection}", fields)


def patch(workspace, collection, principal, *operations, status=200):
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": list(operations)}
    return workspace.patch(f"{SCIM}/{collection}/{principal['id']}", body, status=status)


def test_a_service_principal_is_always_read_with_its_application_id(workspace):
    made = create(workspace, "ServicePrincipals", applicationId=APPLICATION_ID, displayName="production")

    read = workspace.get(f"{SCIM}/ServicePrincipals/{made['id']}", attributes=ATTRIBUTES)
    assert read == {
        "id": made["id"],
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServicePrincipal"],
        "applicationId": APPLICATION_ID,
        "displayName": "production",
        "active": True,
    }


def test_a_service_principal_gets_an_application_id_and_keeps_it_when_it_is_replaced(workspace):
    made = create(workspace, "ServicePrincipals", displayName="production", entitlements=[SQL])
    path = f"{SCIM}/ServicePrincipals/{made['id']}"

    replaced = workspace.put(path, {"displayName": "prod", "active": False, "entitlements": [{}]})
    assert replaced["applicationId"] == made["applicationId"]
    assert (replaced["displayName"], replaced["active"]) == ("prod", False)
    assert "entitlements" not in workspace.get(path)


def test_a_user_name_is_kept_in_lower_case(workspace):
    made = create(workspace, "Users", userName="Ola@Acme.example")

    assert (made["userName"], made["displayName"], made["active"]) == (
        "ola@acme.example",
        "ola@acme.example",
        True,
    )
    found = workspace.get(f"{SCIM}/Users", filter='userName eq "OLA@acme.example"')["Resources"]
    assert [each["id"] for each in found] == [made["id"]]


@pytest.mark.parametrize(
    ("collection", "first", "second", "message"),
    [
        (
            "Users",
            {"userName": "ola@acme.example"},
            {"userName": "Ola@acme.example"},
            "User with username ola@acme.example already exists.",
        ),
        (
            "Groups",
            {"displayName": "analysts"},
            {"displayName": "analysts"},
            "Group with name analysts already exists.",
        ),
        (
            "ServicePrincipals",
            {"applicationId": APPLICATION_ID},
            {"applicationId": APPLICATION_ID, "displayName": "other"},
            f"Service principal with application ID {APPLICATION_ID} already exists.",
        ),
    ],
)
def test_an_existing_principal_is_refused_with_the_message_that_the_provider_knows(
    workspace, collection, first, second, message
):
    create(workspace, collection, **first)

    refused = workspace.post(f"{SCIM}/{collection}", second, status=409)
    assert refused == {"error_code": "RESOURCE_ALREADY_EXISTS", "message": message}


def test_two_service_principals_may_have_one_display_name(workspace):
    ids = {create(workspace, "ServicePrincipals", displayName="twin")["applicationId"] for _ in range(2)}

    assert len(ids) == 2


@pytest.mark.parametrize("collection", ["Users", "Groups", "ServicePrincipals"])
def test_a_principal_without_a_name_is_refused(workspace, collection):
    refused = workspace.post(f"{SCIM}/{collection}", {}, status=400)
    assert refused["error_code"] == "INVALID_PARAMETER_VALUE"


@pytest.mark.parametrize("collection", ["Users", "Groups", "ServicePrincipals"])
def test_a_missing_principal_is_not_found(workspace, collection):
    for status in (
        workspace.get(f"{SCIM}/{collection}/7", status=404),
        workspace.put(f"{SCIM}/{collection}/7", {"displayName": "x"}, status=404),
        workspace.delete(f"{SCIM}/{collection}/7", status=404),
    ):
        assert status["error_code"] == "RESOURCE_DOES_NOT_EXIST"


def test_members_are_added_once_and_removed_by_their_id(workspace):
    group = create(workspace, "Groups", displayName="analysts")
    ola, robot = (
        create(workspace, "Users", userName="ola@acme.example"),
        create(workspace, "ServicePrincipals", displayName="robot"),
    )
    for member in (ola, robot, ola):
        patch(
            workspace, "Groups", group, {"op": "add", "path": "members", "value": [{"value": member["id"]}]}
        )

    read = workspace.get(f"{SCIM}/Groups/{group['id']}", attributes="members")
    assert read["members"] == [
        {"value": ola["id"], "display": "ola@acme.example", "$ref": f"Users/{ola['id']}"},
        {"value": robot["id"], "display": "robot", "$ref": f"ServicePrincipals/{robot['id']}"},
    ]
    groups = workspace.get(f"{SCIM}/Users/{ola['id']}", attributes="groups,roles")["groups"]
    assert [(each["value"], each["display"]) for each in groups] == [(group["id"], "analysts")]

    patch(workspace, "Groups", group, {"op": "remove", "path": f'members[value eq "{ola["id"]}"]'})
    assert "groups" not in workspace.get(f"{SCIM}/Users/{ola['id']}")
    workspace.delete(f"{SCIM}/ServicePrincipals/{robot['id']}")
    assert "members" not in workspace.get(f"{SCIM}/Groups/{group['id']}")


def test_members_without_a_path_are_added_to_the_others(workspace):
    group = create(workspace, "Groups", displayName="analysts", members=[{"value": "1"}])

    patched = patch(workspace, "Groups", group, {"op": "add", "value": {"members": [{"value": "2"}]}})
    assert [each["value"] for each in patched["members"]] == ["1", "2"]


def test_entitlements_are_replaced_and_removed(workspace):
    group = create(workspace, "Groups", displayName="analysts", entitlements=[SQL])
    both = [SQL, {"value": "workspace-access"}]

    replaced = patch(
        workspace, "Groups", group, {"op": "replace", "path": "entitlements", "value": [*both, SQL]}
    )
    assert replaced["entitlements"] == both
    removed = patch(workspace, "Groups", group, {"op": "remove", "path": "entitlements", "value": [SQL]})
    assert removed["entitlements"] == [{"value": "workspace-access"}]
    assert "entitlements" not in patch(
        workspace, "Groups", group, {"op": "replace", "path": "entitlements", "value": [{}]}
    )


def test_a_user_is_deactivated(workspace):
    user = create(workspace, "Users", userName="ola@acme.example")

    operation = {"op": "replace", "path": "active", "value": [{"value": "false"}]}
    assert patch(workspace, "Users", user, operation)["active"] is False


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "move", "path": "displayName"},
        {"op": "add", "value": "text"},
        {"op": "replace", "path": "id", "value": "1"},
        {"op": "replace", "path": "applicationId", "value": "1"},
    ],
)
def test_an_invalid_change_is_refused_and_changes_nothing(workspace, operation):
    made = create(workspace, "ServicePrincipals", displayName="production")

    patch(
        workspace,
        "ServicePrincipals",
        made,
        {"op": "replace", "path": "displayName", "value": "x"},
        operation,
        status=400,
    )
    assert workspace.get(f"{SCIM}/ServicePrincipals/{made['id']}") == made


def test_a_list_is_filtered_sorted_and_paged(workspace):
    for name in ("c", "a", "b"):
        create(workspace, "ServicePrincipals", displayName=f"robot {name}")

    answer = workspace.get(
        f"{SCIM}/ServicePrincipals",
        filter='displayName sw "robot"',
        sortBy="displayName",
        startIndex=2,
        count=1,
        excludedAttributes="roles,active",
    )
    assert (answer["totalResults"], answer["startIndex"], answer["itemsPerPage"]) == (3, 2, 1)
    (only,) = answer["Resources"]
    assert (only["displayName"], "active" in only) == ("robot b", False)
