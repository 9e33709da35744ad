"""Workspace bindings of isolated securables."""

UC = "/api/2.1/unity-catalog"


def test_an_isolated_catalog_is_bound_to_workspaces(workspace):
    workspace.post(f"{UC}/catalogs", {"name": "cat", "isolation_mode": "ISOLATED"})
    path = f"{UC}/bindings/catalog/cat"
    workspace.patch(path, {"add": [{"workspace_id": 1, "binding_type": "BINDING_TYPE_READ_ONLY"}]})
    workspace.patch(path, {"add": [{"workspace_id": 2}], "remove": [{"workspace_id": 3}]})

    bound = {each["workspace_id"]: each["binding_type"] for each in workspace.get(path)["bindings"]}
    assert bound == {1: "BINDING_TYPE_READ_ONLY", 2: "BINDING_TYPE_READ_WRITE"}
    workspace.patch(path, {"add": [{"workspace_id": 1, "binding_type": "SOME"}]}, status=400)
    workspace.patch(f"{UC}/bindings/table/cat", {}, status=400)
    workspace.patch(f"{UC}/catalogs/cat", {"isolation_mode": "SHUT"}, status=400)
    workspace.delete(f"{UC}/catalogs/cat?force=true")
    workspace.post(f"{UC}/catalogs", {"name": "cat"})
    assert workspace.get(path)["bindings"] == []


def test_the_older_api_binds_a_catalog_too(workspace):
    workspace.post(f"{UC}/catalogs", {"name": "cat"})
    path = f"{UC}/workspace-bindings/catalogs/cat"
    assert workspace.patch(path, {"assign_workspaces": [1, 2]}) == {"workspaces": [1, 2]}
    assert workspace.patch(path, {"unassign_workspaces": [1]}) == {"workspaces": [2]}
    workspace.patch(path, {"assign_workspaces": ["x"]}, status=400)
