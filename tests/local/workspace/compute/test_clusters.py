"""Clusters: settings, pinning, policies."""

CLUSTERS = "/api/2.1/clusters"


def test_a_cluster_keeps_all_fields_and_is_running_at_once(workspace):
    settings = {
        "cluster_name": "c",
        "spark_version": "15.4.x-scala2.12",
        "node_type_id": "m5.large",
        "num_workers": 1,
        "data_security_mode": "USER_ISOLATION",
        "aws_attributes": {"availability": "SPOT"},
    }
    cluster_id = workspace.post(f"{CLUSTERS}/create", settings)["cluster_id"]

    cluster = workspace.get(f"{CLUSTERS}/get", cluster_id=cluster_id)
    assert settings.items() <= cluster.items()
    assert cluster["state"] == "RUNNING"
    workspace.post(f"{CLUSTERS}/edit", {**settings, "cluster_id": cluster_id, "num_workers": 2})
    assert workspace.get(f"{CLUSTERS}/get", cluster_id=cluster_id)["num_workers"] == 2
    workspace.post(f"{CLUSTERS}/permanent-delete", {"cluster_id": cluster_id})
    workspace.get(f"{CLUSTERS}/get", cluster_id=cluster_id, status=404)


def test_the_list_can_be_limited_to_pinned_clusters(workspace):
    ids = [workspace.post(f"{CLUSTERS}/create", {"spark_version": "x"})["cluster_id"] for _ in range(2)]
    workspace.post(f"{CLUSTERS}/pin", {"cluster_id": ids[1]})

    pinned = workspace.get(f"{CLUSTERS}/list?filter_by.is_pinned=true")["clusters"]
    assert [each["cluster_id"] for each in pinned] == [ids[1]]
    assert len(workspace.get(f"{CLUSTERS}/list")["clusters"]) == 2


def test_an_unknown_cluster_policy_is_refused(workspace):
    workspace.post(f"{CLUSTERS}/create", {"spark_version": "x", "policy_id": "none"}, status=400)
