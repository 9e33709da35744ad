"""A class of 30 on the local workspace: created, planned again, one student added, one removed, destroyed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mesh.workshop.workshop_file import read_workshop
from tests.system.deploy.conftest import PROJECT, Mesh, served, write_flow
from tests.system.deploy.torn_down import check_teardown, listing

STUDENTS = [f"student{number:02}@example.com" for number in range(30)]
NEW = "new.one@example.com"
LISTINGS = {
    "users": "/api/2.0/preview/scim/v2/Users",
    "groups": "/api/2.0/preview/scim/v2/Groups",
    "service principals": "/api/2.0/preview/scim/v2/ServicePrincipals",
    "catalogs": "/api/2.1/unity-catalog/catalogs",
    "policies": "/api/2.0/policies/clusters/list",
    "warehouses": "/api/2.0/sql/warehouses",
    "repos": "/api/2.0/repos",
    "homes": "/api/2.0/workspace/list?path=/Users",
}
TOUCHED = re.compile(r"^workshop \| (databricks_\S+): (?:Creating|Destroying|Modifying)\.\.\.", re.MULTILINE)


@pytest.fixture
def mesh(tmp_path: Path) -> Iterator[Mesh]:
    """A mesh of one flow with a course, and a workspace."""
    write_flow(tmp_path / PROJECT / "flows" / "prep" / "revenue")
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "workshop.yml").write_text(
        "name: spring\nprojects: [acme/transport/many]\nservice_principal: 7f1c0d6e-2f5b-4d0c-9a58-3c1e6b7d9a10\n"
        "repository: {url: https://github.com/acme/mesh}\n"
    )
    write_roster(tmp_path, STUDENTS)
    yield from served(tmp_path)


def write_roster(root: Path, emails: list[str]) -> None:
    """A roster of students whose names are their addresses."""
    (root / "course" / "roster.csv").write_text("email,name,team\n" + "".join(f"{one},,\n" for one in emails))


def listings(mesh: Mesh) -> str:
    """All objects that the workspace lists."""
    return json.dumps(
        {name: mesh.client.api_client.do("GET", path) for name, path in LISTINGS.items()}, indent=1
    )


def deployed(mesh: Mesh) -> set[str]:
    """The addresses that a deployment touches."""
    done = mesh.run("workshop", "deploy", "--local", "--auto-approve", "--verbose")
    assert done.returncode == 0, done.stdout + done.stderr
    return set(TOUCHED.findall(done.stdout))


def test_a_class_is_created_and_removed_completely(mesh: Mesh) -> None:
    before, listed = listings(mesh), listing(mesh.client)
    write_roster(mesh.root, [*STUDENTS, "Student.00@example.com"])
    refused = mesh.run("workshop", "deploy", "--local", "--auto-approve")
    assert (refused.returncode, "[" in refused.stdout) == (1, False)
    assert (
        "course/roster.csv:32:1: `student.00@example.com` and `student00@example.com` in line 2"
        in refused.stderr
    )
    assert listings(mesh) == before

    write_roster(mesh.root, STUDENTS)
    assert len(deployed(mesh)) == 18 + 30 * 9
    _looked_at(mesh)
    again = mesh.run("workshop", "diff", "--local")
    assert "workshop spring with 30 students is up to date: nothing to change." in again.stdout, again.stderr

    write_roster(mesh.root, [*STUDENTS[:7], *STUDENTS[8:], NEW])
    ids = {
        address.partition(".")[2].removeprefix("folder-").removeprefix("policy-")
        for address in deployed(mesh)
    }
    assert ids == {"student07-at-example_com", "new_one-at-example_com"}
    own = _own_schemas(mesh)
    assert (len(own), own & {"newone", "student07"}) == (30, {"newone"})

    check_teardown(mesh, "spring", STUDENTS[0], listed)
    assert listings(mesh) == before


def _own_schemas(mesh: Mesh) -> set[str]:
    properties = {one.name or "": one.properties or {} for one in mesh.client.schemas.list("training")}
    return {name for name, said in properties.items() if "datamesh.student" in said}


def _looked_at(mesh: Mesh) -> None:
    """The objects of a student in the workspace."""
    do = mesh.client.api_client.do
    (group,) = [
        one for one in do("GET", LISTINGS["groups"])["Resources"] if one["displayName"] == "workshop-spring"
    ]
    group = do("GET", f"{LISTINGS['groups']}/{group['id']}")
    assert len(group["members"]) == 30
    assert {one["value"] for one in group["entitlements"]} == {"databricks-sql-access", "workspace-access"}
    student = read_workshop(mesh.root, local=True).students[7]
    (folder,) = [one for one in do("GET", LISTINGS["repos"])["repos"] if student.email in one["path"]]
    assert (folder["path"], folder["branch"]) == (
        f"/Users/{student.email}/spring/mesh",
        student.branch,
    )
    granted = do("GET", f"/api/2.1/unity-catalog/permissions/schema/{student.schema}")[
        "privilege_assignments"
    ]
    assert granted == [{"principal": student.email, "privileges": ["ALL_PRIVILEGES"]}]
    home = do("GET", "/api/2.0/workspace/get-status", query={"path": f"/Users/{student.email}/spring"})
    permitted = do("GET", f"/api/2.0/permissions/directories/{home['object_id']}")["access_control_list"]
    may = {
        one["user_name"]: one["all_permissions"][0]["permission_level"]
        for one in permitted
        if "user_name" in one
    }
    assert may.pop(student.email) == "CAN_MANAGE"
    assert not {one for one in may if one in STUDENTS}
