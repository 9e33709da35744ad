"""Permissions on workspace objects: declared and merged."""

from __future__ import annotations

from mesh.documents.document import Document
from mesh.model.permission import (
    Permission,
    PermissionFile,
    check_permissions,
    merged_permissions,
    permissions,
)
from mesh.model.principal import Principals, ServicePrincipalFile

APPLICATION = "0b3d7a4e-8f4c-4f0f-9d65-2b1b8f3f1a11"
LISTED = Principals({}, {}, {"deployer": ServicePrincipalFile(application_id=APPLICATION)})
FILE = Document("compute.yml", marks={("permissions", 0): (3, 7)})


def declared(**fields: str) -> PermissionFile:
    return PermissionFile.model_validate(fields)


def codes(*given: PermissionFile, of: str = "job") -> list[str]:
    found = check_permissions(given, of, Principals({}, {}, {}), FILE, ("permissions",))  # type: ignore[arg-type]
    return [finding.code for finding in found]


def test_a_service_principal_gets_its_application_id_and_keeps_its_position() -> None:
    """Databricks does not accept display names."""
    given = [declared(service_principal_name="deployer", permission_level="CAN_MANAGE")]
    assert list(permissions(given, LISTED, FILE, ("permissions",))) == [
        Permission("service_principal_name", APPLICATION, "CAN_MANAGE", ("compute.yml:3",))
    ]


def test_the_strongest_level_of_a_principal_applies() -> None:
    """In any order, as with grants; the order of principals does not depend on the files."""
    weak = Permission("group_name", "team", "CAN_VIEW", ("org",))
    strong = Permission("group_name", "team", "CAN_MANAGE_RUN", ("project",))
    other = Permission("group_name", "analysts", "CAN_VIEW")
    expected = (other, Permission("group_name", "team", "CAN_MANAGE_RUN", ("org", "project")))
    assert merged_permissions("job", [weak, strong, other]) == expected
    backwards = merged_permissions("job", [other, strong, weak])
    assert [(one.principal, one.level) for one in backwards] == [
        (one.principal, one.level) for one in expected
    ]


def test_an_address_in_two_spellings_is_one_user() -> None:
    given = [Permission("user_name", name, "CAN_VIEW") for name in ("ada@acme.example", "Ada@acme.example")]
    assert merged_permissions("job", given) == (given[0],)


def test_the_last_owner_owns_and_earlier_ones_manage() -> None:
    """The Permissions API accepts one owner; earlier owners keep the right to manage."""
    far = Permission("user_name", "a@acme.example", "IS_OWNER")
    near = Permission("user_name", "b@acme.example", "IS_OWNER")
    held = {one.principal: one.level for one in merged_permissions("job", [far, near])}
    assert held == {"a@acme.example": "CAN_MANAGE", "b@acme.example": "IS_OWNER"}


def test_levels_that_an_object_does_not_have_are_left_out() -> None:
    """One list can serve objects of several types."""
    given = [Permission("group_name", "team", level) for level in ("CAN_RESTART", "CAN_RUN")]
    assert [one.level for one in merged_permissions("pipeline", given)] == ["CAN_RUN"]


def test_permissions_that_the_api_refuses_are_findings() -> None:
    """Each with a separate code."""
    assert codes(declared(permission_level="CAN_VIEW")) == ["one-principal"]
    assert codes(declared(user_name="a@b.example", group_name="c", permission_level="CAN_VIEW")) == [
        "one-principal"
    ]
    assert codes(declared(group_name="c", permission_level="CAN_RESTART")) == ["permission-not-there"]
    assert codes(declared(group_name="c", permission_level="IS_OWNER")) == ["group-as-owner"]
    owners = [
        declared(user_name=user, permission_level="IS_OWNER") for user in ("a@b.example", "c@b.example")
    ]
    assert codes(*owners) == ["two-owners"]
    assert codes(declared(group_name="admins", permission_level="CAN_VIEW")) == ["admins-permission"]
    assert codes(declared(group_name="c", permission_level="CAN_ATTACH_TO"), of="cluster") == []


def test_a_service_principal_is_listed_or_an_application_id() -> None:
    for name, expected in (("deployer", []), (APPLICATION, []), ("deploier", ["unknown-principal"])):
        given = [declared(service_principal_name=name, permission_level="CAN_VIEW")]
        found = check_permissions(given, "job", LISTED, FILE, ("permissions",))
        assert [finding.code for finding in found] == expected
