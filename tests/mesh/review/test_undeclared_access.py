"""Access that somebody gave by hand where the mesh declares none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mesh.review.access import AccessChange
from mesh.review.mesh_index import MeshIndex
from mesh.review.undeclared_access import object_name, undeclared_access
from mesh.terraform.live_objects import LiveObject

VOLUME, JOB, GROUP = "databricks_volume.v", "databricks_job.a", "databricks_group.g"
HELD: Mapping[str, Mapping[str, Any]] = {
    VOLUME: {"id": "main.s.v", "catalog_name": "main", "schema_name": "s", "name": "v"},
    JOB: {"id": "7", "name": "revenue"},
    GROUP: {"id": "g1", "display_name": "students"},
    "databricks_directory.code": {"id": "/Shared/code", "path": "/Shared/code"},
}
INDEX = MeshIndex(principals={"7f1c": "sp-acme"})


def given(live: LiveObject, held: Mapping[str, Mapping[str, Any]] = HELD) -> list[AccessChange]:
    """The access that somebody gave by hand; Ola deploys."""
    return undeclared_access("stack", live, held, INDEX, frozenset({"ola"}))


def texts(live: LiveObject, held: Mapping[str, Mapping[str, Any]] = HELD) -> list[tuple[str, str, str]]:
    """Principal, privileges and object."""
    return [
        (one.called, ", ".join(one.gained), f"{one.kind} {' '.join(one.names)}") for one in given(live, held)
    ]


def test_grants_are_reported_with_the_name_of_a_service_principal() -> None:
    live = LiveObject(VOLUME, grants={"7f1c": ("READ_VOLUME",)})

    assert texts(live) == [("sp-acme", "READ_VOLUME", "volume main.s.v")]


def test_a_role_with_exactly_these_privileges_is_named() -> None:
    live = LiveObject(VOLUME, grants={"students": ("READ_VOLUME", "WRITE_VOLUME")})

    [change] = given(live)

    assert change.role in ("", *INDEX.roles)


def test_a_principal_that_a_single_grant_lists_is_not_reported() -> None:
    live = LiveObject(VOLUME, grants={"students": ("READ_VOLUME",), "ada": ("READ_VOLUME",)})
    single = {"databricks_grant.a": {"volume": "main.s.v", "principal": "students"}}

    assert texts(live, {**HELD, **single}) == [("ada", "READ_VOLUME", "volume main.s.v")]


def test_admins_and_the_creator_are_not_reported() -> None:
    live = LiveObject(
        JOB,
        permissions={"ola": ("IS_OWNER",), "admins": ("CAN_MANAGE",), "students": ("CAN_VIEW",)},
    )

    assert texts(live) == [("students", "CAN_VIEW", "job revenue")]


def test_another_owner_is_reported() -> None:
    assert texts(LiveObject(JOB, permissions={"ada": ("IS_OWNER",)})) == [("ada", "IS_OWNER", "job revenue")]


def test_members_of_a_group_that_the_mesh_does_not_declare_are_reported() -> None:
    live = LiveObject(GROUP, members={"1": "Ada", "2": "Eve"})
    declared = {"databricks_group_member.a": {"group_id": "g1", "member_id": "1"}}

    assert texts(live, {**HELD, **declared}) == [("Eve", "MEMBER", "group students")]


def test_a_folder_is_named_by_its_path() -> None:
    live = LiveObject("databricks_directory.code", permissions={"students": ("CAN_EDIT",)})

    assert texts(live) == [("students", "CAN_EDIT", "directory /Shared/code")]
    assert object_name("databricks_volume", HELD[VOLUME]) == "main.s.v"
