"""Clusters, warehouses, pipelines, repos: kept as they were asked for, told as the real API tells them."""

CLUSTERS = "/api/2.1/clusters"


def test_a_cluster_keeps_every_field_and_runs_at_once(workspace):
    asked = {
        "cluster_name": "c",
        "spark_version": "15.4.x-scala2.12",
        "node_type_id": "m5.large",
        "num_workers": 1,
        "data_security_mode": "USER_ISOLATION",
        "aws_attributes": {"availability": "SPOT"},
    }
    cluster_id = workspace.post(f"{CLUSTERS}/create", asked)["cluster_id"]

    found = workspace.get(f"{CLUSTERS}/get", cluster_id=cluster_id)
    assert asked.items() <= found.items()
    assert found["state"] == "RUNNING"
    workspace.post(f"{CLUSTERS}/edit", {**asked, "cluster_id": cluster_id, "num_workers": 2})
    assert workspace.get(f"{CLUSTERS}/get", cluster_id=cluster_id)["num_workers"] == 2
    workspace.post(f"{CLUSTERS}/permanent-delete", {"cluster_id": cluster_id})
    workspace.get(f"{CLUSTERS}/get", cluster_id=cluster_id, status=404)


def test_only_pinned_clusters_are_listed_if_asked_so(workspace):
    ids = [workspace.post(f"{CLUSTERS}/create", {"spark_version": "x"})["cluster_id"] for _ in range(2)]
    workspace.post(f"{CLUSTERS}/pin", {"cluster_id": ids[1]})

    pinned = workspace.get(f"{CLUSTERS}/list?filter_by.is_pinned=true")["clusters"]
    assert [each["cluster_id"] for each in pinned] == [ids[1]]
    assert len(workspace.get(f"{CLUSTERS}/list")["clusters"]) == 2


def test_a_cluster_has_the_libraries_it_was_given(workspace):
    cluster_id = workspace.post(f"{CLUSTERS}/create", {"spark_version": "x"})["cluster_id"]
    library = {"pypi": {"package": "brickops"}}
    workspace.post("/api/2.0/libraries/install", {"cluster_id": cluster_id, "libraries": [library]})

    status = workspace.get("/api/2.0/libraries/cluster-status", cluster_id=cluster_id)
    assert status["library_statuses"] == [{"library": library, "status": "INSTALLED"}]


def test_a_policy_that_is_not_there_is_refused(workspace):
    workspace.post(f"{CLUSTERS}/create", {"spark_version": "x", "policy_id": "none"}, status=400)


def test_a_policy_has_its_maker_and_is_replaced_as_a_whole(workspace):
    policies = "/api/2.0/policies/clusters"
    asked = {"name": "small", "definition": "{}", "description": "small ones", "max_clusters_per_user": 2}
    policy_id = workspace.post(f"{policies}/create", asked)["policy_id"]
    made = workspace.get(f"{policies}/get", policy_id=policy_id)
    assert made["creator_user_name"] == "minilake-user"
    assert asked.items() <= made.items()

    workspace.post(f"{policies}/edit", {"policy_id": policy_id, "name": "small", "definition": "{}"})
    assert workspace.get(f"{policies}/get", policy_id=policy_id).get("description") is None
    path = f"/api/2.0/permissions/cluster-policies/{policy_id}"
    workspace.put(path, {"access_control_list": [{"group_name": "a", "permission_level": "CAN_USE"}]})
    workspace.post(f"{policies}/delete", {"policy_id": policy_id})
    assert workspace.http.app.state.store.table("permissions") == {}


def test_a_pool_keeps_what_it_was_asked_for_and_never_tells_a_password(workspace):
    pools = "/api/2.0/instance-pools"
    image = {"url": "docker.example/x", "basic_auth": {"username": "u", "password": "hush"}}
    asked = {"instance_pool_name": "p", "node_type_id": "m5.large", "preloaded_docker_images": [image]}
    pool_id = workspace.post(f"{pools}/create", asked)["instance_pool_id"]

    assert workspace.get(f"{pools}/list")["instance_pools"][0]["preloaded_docker_images"] == [
        {"url": "docker.example/x"}
    ]
    workspace.post(f"{pools}/create", asked, status=409)
    edited = {"instance_pool_id": pool_id, "instance_pool_name": "q", "node_type_id": "m5.large"}
    workspace.post(f"{pools}/edit", edited)
    assert workspace.get(f"{pools}/get", instance_pool_id=pool_id)["instance_pool_name"] == "q"
    workspace.post(f"{pools}/edit", {**edited, "node_type_id": "m5.xlarge"}, status=400)


def test_a_pool_in_use_stays_and_one_that_is_not_there_gives_no_cluster(workspace):
    pools = "/api/2.0/instance-pools"
    pool_id = workspace.post(f"{pools}/create", {"instance_pool_name": "p"})["instance_pool_id"]
    cluster = {"spark_version": "x", "instance_pool_id": pool_id}
    cluster_id = workspace.post(f"{CLUSTERS}/create", cluster)["cluster_id"]

    workspace.post(f"{CLUSTERS}/create", {**cluster, "instance_pool_id": "none"}, status=400)
    assert cluster_id in workspace.post(f"{pools}/delete", {"instance_pool_id": pool_id}, 400)["message"]
    workspace.post(f"{CLUSTERS}/permanent-delete", {"cluster_id": cluster_id})
    workspace.post(f"{pools}/delete", {"instance_pool_id": pool_id})
    workspace.get(f"{pools}/get", instance_pool_id=pool_id, status=404)


def test_a_warehouse_gets_defaults_and_can_be_edited(workspace):
    warehouse_id = workspace.post("/api/2.0/sql/warehouses", {"name": "w", "cluster_size": "Small"})["id"]
    path = f"/api/2.0/sql/warehouses/{warehouse_id}"

    assert workspace.get(path).items() >= {"cluster_size": "Small", "auto_stop_mins": 120}.items()
    workspace.post(f"{path}/edit", {"auto_stop_mins": 10})
    assert workspace.get(path)["auto_stop_mins"] == 10
    workspace.delete(path)
    workspace.get(path, status=404)


def test_a_pipeline_is_kept_and_its_update_fails_and_says_why(workspace):
    spec = {"name": "p", "catalog": "c", "serverless": True, "libraries": [{"glob": {"include": "/x/**"}}]}
    pipeline_id = workspace.post("/api/2.0/pipelines", spec)["pipeline_id"]
    path = f"/api/2.0/pipelines/{pipeline_id}"

    assert workspace.get(path)["spec"] == {"id": pipeline_id, **spec}
    workspace.put(path, {**spec, "id": pipeline_id, "serverless": False})
    assert workspace.get(path)["spec"]["serverless"] is False
    update_id = workspace.post(f"{path}/updates")["update_id"]
    assert workspace.get(f"{path}/updates/{update_id}")["update"]["state"] == "FAILED"
    said = workspace.get(f"{path}/events")["events"][0]["message"]
    assert "runs a pipeline that names its catalog and its schema" in said
    workspace.delete(path)
    workspace.get(path, status=404)


def test_a_repo_is_kept_and_switched(workspace):
    body = {"url": "https://example.com/team/mesh.git", "provider": "gitHub"}
    repo = workspace.post("/api/2.0/repos", body)

    assert repo["path"] == "/Repos/minilake-user/mesh"
    workspace.patch(f"/api/2.0/repos/{repo['id']}", {"tag": "v1"})
    switched = workspace.get(f"/api/2.0/repos/{repo['id']}")
    assert switched["tag"] == "v1"
    assert "branch" not in switched
    workspace.delete(f"/api/2.0/repos/{repo['id']}")
    workspace.get(f"/api/2.0/repos/{repo['id']}", status=404)


def test_what_the_workspace_does_not_know_is_said_to_be_not_implemented(workspace):
    assert workspace.get("/api/2.0/genie/spaces", status=501)["error_code"] == "NOT_IMPLEMENTED"
