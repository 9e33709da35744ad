"""Privileges on securables against a fake workspace."""

from typing import Any

import pytest

from local.provider.api import ApiError
from local.provider.resource_type import Known
from tests.support.rest_api import FakeRestApi, resource

PATH = "/api/2.1/unity-catalog/permissions/schema/c.s"


def securable(**privileges: list[str]) -> FakeRestApi:
    """A schema with these privileges by principal."""
    assignments: list[dict[str, Any]] = [
        {"principal": principal, "privileges": names} for principal, names in privileges.items()
    ]
    return FakeRestApi({f"GET {PATH}": {"privilege_assignments": assignments}, f"PATCH {PATH}": {}})


def test_grants_add_what_is_declared_and_revoke_the_rest() -> None:
    workspace = securable(ada=["SELECT", "MODIFY"], bob=["SELECT"])
    grants, context = resource("databricks_grants", workspace)
    planned = {"schema": "c.s", "grant": [{"principal": "ada", "privileges": ["SELECT", "use schema"]}]}
    assert grants.create(context, planned) == "schema/c.s"
    assert workspace.sent(f"PATCH {PATH}") == {
        "changes": [
            {"principal": "ada", "add": ["USE_SCHEMA"], "remove": ["MODIFY"]},
            {"principal": "bob", "remove": ["SELECT"]},
        ]
    }


def test_a_grant_leaves_other_principals_alone() -> None:
    workspace = securable(ada=["SELECT"], bob=["SELECT"])
    grant, context = resource("databricks_grant", workspace)
    planned = {"schema": "c.s", "principal": "ada", "privileges": ["MODIFY"]}
    assert grant.create(context, planned) == "schema/c.s/ada"
    assert workspace.sent(f"PATCH {PATH}") == {
        "changes": [{"principal": "ada", "add": ["MODIFY"], "remove": ["SELECT"]}]
    }


def test_equal_privileges_are_not_sent() -> None:
    workspace = securable(ada=["SELECT"])
    grant, context = resource("databricks_grant", workspace)
    grant.update(context, "schema/c.s/ada", {"privileges": ["SELECT"]}, {})
    assert workspace.calls == [f"GET {PATH}"]


def test_destroying_grants_revokes_all_and_destroying_a_grant_revokes_its_own() -> None:
    workspace = securable(ada=["SELECT"], bob=["SELECT"])
    for type_name, resource_id, expected in (
        ("databricks_grants", "schema/c.s", ["ada", "bob"]),
        ("databricks_grant", "schema/c.s/bob", ["bob"]),
    ):
        resource_type, context = resource(type_name, workspace)
        resource_type.delete(context, resource_id, {})
        changes = workspace.sent(f"PATCH {PATH}")["changes"]
        assert [change["principal"] for change in changes] == expected


def test_the_state_is_read_by_securable_and_principal() -> None:
    workspace = securable(ada=["SELECT", "MODIFY"])
    grant, context = resource("databricks_grant", workspace)
    assert grant.read(context, "schema/c.s/ada", Known({}, created=True)) == {
        "schema": "c.s",
        "principal": "ada",
        "privileges": ["SELECT", "MODIFY"],
    }


def test_of_two_grants_for_one_principal_the_last_counts() -> None:
    """Last in the order of the hashes of the provider's SDK."""
    workspace = securable()
    grants, context = resource("databricks_grants", workspace)
    twice = [{"principal": "z", "privileges": ["SELECT"]}, {"principal": "z", "privileges": ["MODIFY"]}]
    grants.create(context, {"schema": "c.s", "grant": twice})
    assert workspace.sent(f"PATCH {PATH}")["changes"] == [{"principal": "z", "add": ["MODIFY"]}]


@pytest.mark.parametrize(
    ("type_name", "resource_id", "message"),
    [
        ("databricks_grants", "schema/c.s", "schema c.s has no grants"),
        ("databricks_grant", "schema/c.s/ada", "ada has no privileges on schema c.s"),
    ],
)
def test_without_privileges_the_object_does_not_exist(type_name: str, resource_id: str, message: str) -> None:
    resource_type, context = resource(type_name, securable())
    with pytest.raises(ApiError, match=message) as raised:
        resource_type.read(context, resource_id, Known({}))
    assert raised.value.not_found


def test_an_id_without_a_principal_is_refused() -> None:
    grant, context = resource("databricks_grant", securable())
    with pytest.raises(ApiError, match=r"schema/c.s is not <kind>/<full name>/<principal>"):
        grant.read(context, "schema/c.s", Known({}))


def test_a_registered_model_is_a_function_in_the_api() -> None:
    path = "/api/2.1/unity-catalog/permissions/function/c.s.m"
    assignments = [{"principal": "ada", "privileges": ["EXECUTE"]}]
    grants, context = resource(
        "databricks_grants", FakeRestApi({f"GET {path}": {"privilege_assignments": assignments}})
    )
    assert grants.read(context, "model/c.s.m", Known({}))["model"] == "c.s.m"
