"""Git folders."""


def test_a_git_folder_can_switch_to_a_tag(workspace):
    body = {"url": "https://example.com/team/mesh.git", "provider": "gitHub"}
    repo = workspace.post("/api/2.0/repos", body)

    assert repo["path"] == "/Repos/minilake-user/mesh"
    workspace.patch(f"/api/2.0/repos/{repo['id']}", {"tag": "v1"})
    switched = workspace.get(f"/api/2.0/repos/{repo['id']}")
    assert switched["tag"] == "v1"
    assert "branch" not in switched
    workspace.delete(f"/api/2.0/repos/{repo['id']}")
    workspace.get(f"/api/2.0/repos/{repo['id']}", status=404)


def test_a_second_git_folder_at_the_same_path_is_refused(workspace):
    body = {
        "url": "https://example.com/team/mesh.git",
        "provider": "gitHub",
        "path": "/Workspace/Repos/a/mesh",
    }
    workspace.post("/api/2.0/repos", body)

    assert "'/Repos/a/mesh' already exists" in workspace.post("/api/2.0/repos", body, status=409)["message"]
