"""Instance pools: settings, passwords, pools in use."""

CLUSTERS = "/api/2.1/clusters"


def test_a_pool_keeps_its_settings_but_never_returns_a_password(workspace):
    pools = "/api/2.0/instance-pools"
    image = {"url": "docker.example/x", "basic_auth": {"username": "u", "password": "hush"}}
    settings = {"instance_pool_name": "p", "node_type_id": "m5.large", "preloaded_docker_images": [image]}
    pool_id = workspace.post(f"{pools}/create", settings)["instance_pool_id"]

    assert workspace.get(f"{pools}/list")["instance_pools"][0]["preloaded_docker_images"] == [
        {"url": "docker.example/x"}
    ]
    workspace.post(f"{pools}/create", settings, status=409)
    edited = {"instance_pool_id": pool_id, "instance_pool_name": "q", "node_type_id": "m5.large"}
    workspace.post(f"{pools}/edit", edited)
    assert workspace.get(f"{pools}/get", instance_pool_id=pool_id)["instance_pool_name"] == "q"
    workspace.post(f"{pools}/edit", {**edited, "node_type_id": "m5.xlarge"}, status=400)


def test_a_pool_in_use_cannot_be_deleted_and_an_unknown_pool_is_refused(workspace):
    pools = "/api/2.0/instance-pools"
    pool_id = workspace.post(f"{pools}/create", {"instance_pool_name": "p"})["instance_pool_id"]
    cluster = {"spark_version": "x", "instance_pool_id": pool_id}
    cluster_id = workspace.post(f"{CLUSTERS}/create", cluster)["cluster_id"]

    workspace.post(f"{CLUSTERS}/create", {**cluster, "instance_pool_id": "none"}, status=400)
    assert cluster_id in workspace.post(f"{pools}/delete", {"instance_pool_id": pool_id}, 400)["message"]
    workspace.post(f"{CLUSTERS}/permanent-delete", {"cluster_id": cluster_id})
    workspace.post(f"{pools}/delete", {"instance_pool_id": pool_id})
    workspace.get(f"{pools}/get", instance_pool_id=pool_id, status=404)
