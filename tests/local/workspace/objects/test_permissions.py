"""Permissions of jobs, cluster policies, warehouses and experiments."""

import pytest

API = "/api/2.0/permissions"


@pytest.fixture
def job(workspace) -> str:
    """A job; returns the path of its permissions."""
    return f"{API}/jobs/{workspace.post('/api/2.1/jobs/create', {'name': 'j'})['job_id']}"


def levels(answer: dict) -> dict[str, str]:
    """The permission level of each principal."""
    return {
        entry.get("group_name") or entry["user_name"]: entry["all_permissions"][0]["permission_level"]
        for entry in answer["access_control_list"]
    }


def test_the_creator_of_a_job_is_its_owner(workspace, job):
    assert levels(workspace.get(job)) == {"minilake-user": "IS_OWNER"}


def test_put_replaces_and_patch_adds(workspace, job):
    def entry(group: str, level: str) -> dict:
        return {"access_control_list": [{"group_name": group, "permission_level": level}]}

    workspace.put(job, entry("a", "CAN_VIEW"))
    workspace.put(job, entry("b", "CAN_VIEW"))
    assert levels(workspace.get(job)) == {"minilake-user": "IS_OWNER", "b": "CAN_VIEW"}
    workspace.patch(job, entry("c", "CAN_MANAGE"))
    assert levels(workspace.get(job)) == {"minilake-user": "IS_OWNER", "b": "CAN_VIEW", "c": "CAN_MANAGE"}


def test_the_object_type_in_the_response_is_singular(workspace, job):
    policy = workspace.post("/api/2.0/policies/clusters/create", {"name": "p", "definition": "{}"})
    paths = {job: "job", f"{API}/cluster-policies/{policy['policy_id']}": "cluster-policy"}
    paths[f"{API}/sql/warehouses/starter"] = "warehouses"

    assert {path: workspace.get(path)["object_type"] for path in paths} == paths


def test_nobody_manages_a_cluster_policy_by_having_made_it(workspace):
    policy = workspace.post("/api/2.0/policies/clusters/create", {"name": "p", "definition": "{}"})
    path = f"{API}/cluster-policies/{policy['policy_id']}"
    entry = {"service_principal_name": "sp-acme", "permission_level": "CAN_USE"}

    assert workspace.get(path)["access_control_list"] == []
    answer = workspace.put(path, {"access_control_list": [entry]})
    assert [each.get("service_principal_name") for each in answer["access_control_list"]] == ["sp-acme"]


def test_an_unknown_object_has_no_permissions(workspace):
    workspace.get(f"{API}/jobs/99", status=404)
    workspace.put(f"{API}/jobs/99", {"access_control_list": []}, status=404)


def test_a_permission_level_of_another_object_type_is_refused(workspace, job):
    body = {"access_control_list": [{"group_name": "a", "permission_level": "CAN_ATTACH_TO"}]}

    assert "is not one of CAN_VIEW" in workspace.put(job, body, status=400)["message"]


def test_a_deleted_job_has_no_permissions(workspace, job):
    workspace.put(job, {"access_control_list": [{"group_name": "a", "permission_level": "CAN_VIEW"}]})
    workspace.post("/api/2.1/jobs/delete", {"job_id": int(job.rsplit("/", 1)[1])})

    assert workspace.http.app.state.store.table("permissions") == {}


def test_permissions_on_an_unknown_experiment_are_refused(workspace):
    access = {"access_control_list": [{"group_name": "users", "permission_level": "CAN_READ"}]}
    body = {"name": "/Shared/fares"}
    experiment_id = workspace.post("/api/2.0/mlflow/experiments/create", body)["experiment_id"]

    permissions = workspace.put(f"{API}/experiments/{experiment_id}", access)
    assert permissions["access_control_list"][-1]["group_name"] == "users"
    workspace.put(f"{API}/experiments/999", access, status=404)


def test_passwords_have_one_level_and_no_manager(workspace):
    path = "/api/2.0/permissions/authorization/passwords"
    entry = {"group_name": "admins", "permission_level": "CAN_USE"}
    answer = workspace.put(path, {"access_control_list": [entry]})
    assert answer["object_type"] == "passwords"
    assert [each["group_name"] for each in answer["access_control_list"]] == ["admins"]
    workspace.put(path, {"access_control_list": [{**entry, "permission_level": "CAN_MANAGE"}]}, status=400)
    levels = workspace.get(f"{path}/permissionLevels")["permission_levels"]
    assert [each["permission_level"] for each in levels] == ["CAN_USE"]
    tokens = "/api/2.0/permissions/authorization/tokens"
    assert workspace.get(tokens)["object_type"] == "tokens"
