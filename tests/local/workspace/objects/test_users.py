"""The current user of the workspace, and the owner of new objects."""

import pytest

ME = "/api/2.0/preview/scim/v2/Me"
USER = "/local/user"
UC = "/api/2.1/unity-catalog"


def test_the_current_user_can_change_while_the_workspace_runs(workspace):
    assert workspace.get(USER) == {"user_name": "minilake-user"}
    changed = workspace.put(USER, {"user_name": "kari@acme.example"})

    assert changed == {"user_name": "kari@acme.example", "previous": "minilake-user"}
    me = workspace.get(ME)
    assert (me["userName"], me["active"]) == ("kari@acme.example", True)
    assert me["id"] != workspace.get(f"{ME.removesuffix('Me')}Users")["Resources"][0]["id"]
    assert workspace.get("/api/2.0/workspace/get-status", path="/Users/kari@acme.example")["object_id"]


def test_a_user_who_becomes_the_current_user_again_is_not_duplicated(workspace):
    for name in ("kari@acme.example", "ola@acme.example", "kari@acme.example"):
        workspace.put(USER, {"user_name": name})

    names = [each["userName"] for each in workspace.get(f"{ME.removesuffix('Me')}Users")["Resources"]]
    assert sorted(names) == ["kari@acme.example", "minilake-user", "ola@acme.example"]


def test_a_new_object_belongs_to_the_current_user(workspace):
    workspace.put(USER, {"user_name": "ola@acme.example"})
    workspace.post(f"{UC}/catalogs", {"name": "cat", "properties": {"team": "taxi"}})
    job_id = workspace.post("/api/2.2/jobs/create", {"name": "j"})["job_id"]
    workspace.put(USER, {"user_name": "kari@acme.example"})
    workspace.post(f"{UC}/schemas", {"name": "s", "catalog_name": "cat"})

    listed = workspace.get(f"{UC}/catalogs")["catalogs"][0]
    assert (listed["owner"], listed["created_by"], listed["properties"]) == (
        "ola@acme.example",
        "ola@acme.example",
        {"team": "taxi"},
    )
    assert workspace.get(f"{UC}/schemas/cat.s")["created_by"] == "kari@acme.example"
    assert workspace.get("/api/2.2/jobs/get", job_id=job_id)["creator_user_name"] == "ola@acme.example"
    owner = workspace.get(f"/api/2.0/permissions/jobs/{job_id}")["access_control_list"][0]
    assert owner["user_name"] == "ola@acme.example"


@pytest.mark.parametrize("name", ["", "..", "a/b", " ", "a\nb", "x" * 256])
def test_an_invalid_user_name_is_refused(workspace, name):
    workspace.put(USER, {"user_name": name}, status=400)

    assert workspace.get(USER) == {"user_name": "minilake-user"}


def test_a_new_workspace_has_the_system_groups(workspace):
    groups = workspace.get(f"{ME.removesuffix('Me')}Groups")["Resources"]

    assert [each["displayName"] for each in groups] == ["admins", "users"]
