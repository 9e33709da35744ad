"""Cluster policies: creator, edit, permissions."""


def test_a_policy_has_a_creator_and_an_edit_replaces_all_fields(workspace):
    policies = "/api/2.0/policies/clusters"
    settings = {"name": "small", "definition": "{}", "description": "small ones", "max_clusters_per_user": 2}
    policy_id = workspace.post(f"{policies}/create", settings)["policy_id"]
    policy = workspace.get(f"{policies}/get", policy_id=policy_id)
    assert policy["creator_user_name"] == "minilake-user"
    assert settings.items() <= policy.items()

    workspace.post(f"{policies}/edit", {"policy_id": policy_id, "name": "small", "definition": "{}"})
    assert workspace.get(f"{policies}/get", policy_id=policy_id).get("description") is None
    path = f"/api/2.0/permissions/cluster-policies/{policy_id}"
    workspace.put(path, {"access_control_list": [{"group_name": "a", "permission_level": "CAN_USE"}]})
    workspace.post(f"{policies}/delete", {"policy_id": policy_id})
    assert workspace.http.app.state.store.table("permissions") == {}
