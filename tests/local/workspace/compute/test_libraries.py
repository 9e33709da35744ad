"""Libraries of clusters."""

CLUSTERS = "/api/2.1/clusters"


def test_installed_libraries_are_listed(workspace):
    cluster_id = workspace.post(f"{CLUSTERS}/create", {"spark_version": "x"})["cluster_id"]
    library = {"pypi": {"package": "brickops"}}
    workspace.post("/api/2.0/libraries/install", {"cluster_id": cluster_id, "libraries": [library]})

    status = workspace.get("/api/2.0/libraries/cluster-status", cluster_id=cluster_id)
    assert status["library_statuses"] == [{"library": library, "status": "INSTALLED"}]


def test_uninstalled_libraries_are_no_longer_listed(workspace):
    cluster_id = workspace.post(f"{CLUSTERS}/create", {"spark_version": "x"})["cluster_id"]
    first, second = {"pypi": {"package": "brickops"}}, {"whl": "/Workspace/a.whl"}
    body = {"cluster_id": cluster_id, "libraries": [first, second]}
    workspace.post("/api/2.0/libraries/install", body)
    workspace.post("/api/2.0/libraries/install", body)
    workspace.post("/api/2.0/libraries/uninstall", {"cluster_id": cluster_id, "libraries": [first]})

    status = workspace.get("/api/2.0/libraries/cluster-status", cluster_id=cluster_id)
    assert [each["library"] for each in status["library_statuses"]] == [second]


def test_an_unknown_cluster_has_no_libraries(workspace):
    workspace.get("/api/2.0/libraries/cluster-status", cluster_id="none", status=404)
