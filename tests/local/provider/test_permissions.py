"""Permissions, applied by real Terraform."""

from typing import Any

import pytest

from local.provider.api import ApiError
from local.provider.resource_type import Known
from local.provider.values import UNKNOWN
from tests.support.rest_api import FakeRestApi, resource


def job(name: str, **settings: Any) -> dict[str, Any]:
    """Return a job with one task."""
    task = {"task_key": "only", "notebook_task": {"notebook_path": "/Shared/x"}}
    return {"name": name, "task": [task], **settings}


def test_administrators_keep_the_management_of_tokens() -> None:
    path, me = "/api/2.0/permissions/authorization/tokens", "/api/2.0/preview/scim/v2/Me"
    workspace = FakeRestApi({f"GET {me}": {"userName": "ada"}, f"PUT {path}": {}, f"GET {path}": {}})
    permissions, context = resource("databricks_permissions", workspace)
    users = {"group_name": "users", "permission_level": "CAN_USE"}
    admins = {"group_name": "admins", "permission_level": "CAN_MANAGE"}
    permissions.create(context, {"authorization": "tokens", "access_control": [users]})
    assert workspace.sent(f"PUT {path}") == {"access_control_list": [users, admins]}
    permissions.delete(context, "/authorization/tokens", {})
    assert workspace.sent(f"PUT {path}") == {"access_control_list": [admins]}


def test_passwords_have_one_level_and_it_may_be_that_of_administrators() -> None:
    path, me = "/api/2.0/permissions/authorization/passwords", "/api/2.0/preview/scim/v2/Me"
    assigned = {"group_name": "admins", "all_permissions": [{"permission_level": "CAN_USE"}]}
    answer = {"object_type": "passwords", "access_control_list": [assigned]}
    workspace = FakeRestApi({f"GET {me}": {"userName": "ada"}, f"PUT {path}": {}, f"GET {path}": answer})
    permissions, context = resource("databricks_permissions", workspace)
    admins = {"group_name": "admins", "permission_level": "CAN_USE"}
    planned = {"authorization": "passwords", "access_control": [admins]}
    assert permissions.create(context, planned) == "/authorization/passwords"
    assert workspace.sent(f"PUT {path}") == {"access_control_list": [admins]}
    state = permissions.read(context, "/authorization/passwords", Known(planned))
    assert (state["object_type"], state["access_control"]) == ("passwords", [admins])
    refused = {"authorization": "passwords", "access_control": [{**admins, "permission_level": "CAN_MANAGE"}]}
    assert permissions.refusal(refused) == "authorization has no level CAN_MANAGE (one of CAN_USE)"
    assert permissions.refusal({**refused, "authorization": "tokens"}) == ""


def test_permissions_on_something_else_than_tokens_and_passwords_are_refused() -> None:
    permissions, context = resource("databricks_permissions", FakeRestApi({}))
    with pytest.raises(ApiError, match="authorization is both"):
        permissions.create(context, {"authorization": "both", "access_control": []})


def test_a_level_that_the_object_does_not_have_is_refused_with_the_plan() -> None:
    permissions, _ = resource("databricks_permissions", FakeRestApi({}))
    entry = {"group_name": "a", "permission_level": "CAN_RUN"}
    assert permissions.refusal({"job_id": "1", "access_control": [entry]}) == (
        "job_id has no level CAN_RUN (one of CAN_MANAGE, CAN_MANAGE_RUN, CAN_VIEW, IS_OWNER)"
    )
    assert permissions.refusal({"job_id": UNKNOWN, "access_control": [entry]})
    assert permissions.refusal({"pipeline_id": "1", "access_control": [entry]}) == ""


def test_permissions_never_lock_out_the_current_user(terraform: Any, workspace: Any) -> None:
    """The current user stays owner or manager; destroying the permissions restores the earlier ones."""
    me = workspace.get("/api/2.0/preview/scim/v2/Me")["userName"]
    analysts = {"access_control": {"group_name": "analysts", "permission_level": "CAN_VIEW"}}
    use = {"access_control": {"group_name": "analysts", "permission_level": "CAN_USE"}}
    attach = {"access_control": {"group_name": "analysts", "permission_level": "CAN_ATTACH_TO"}}
    read = {"access_control": {"group_name": "analysts", "permission_level": "CAN_READ"}}
    cluster = {"cluster_name": "permitted", "spark_version": "15.4.x-scala2.12", "node_type_id": "x"}
    objects = {
        "databricks_job": {"j": job("permitted")},
        "databricks_cluster": {"c": {**cluster, "num_workers": 1}},
        "databricks_cluster_policy": {"p": {"name": "permitted", "definition": "{}"}},
        "databricks_instance_pool": {
            "i": {
                "instance_pool_name": "permitted",
                "node_type_id": "x",
                "idle_instance_autotermination_minutes": 5,
            }
        },
        "databricks_sql_endpoint": {"w": {"name": "permitted", "cluster_size": "Small"}},
        "databricks_directory": {"d": {"path": "/Shared/permitted"}},
    }
    permitted = {
        "j": {"job_id": "${databricks_job.j.id}", **analysts},
        "c": {"cluster_id": "${databricks_cluster.c.id}", **attach},
        "p": {"cluster_policy_id": "${databricks_cluster_policy.p.id}", **use},
        "i": {"instance_pool_id": "${databricks_instance_pool.i.id}", **attach},
        "w": {"sql_endpoint_id": "${databricks_sql_endpoint.w.id}", **use},
        "d": {"directory_path": "${databricks_directory.d.path}", **read},
    }
    terraform.write({**objects, "databricks_permissions": permitted})
    terraform.apply()
    assert terraform.planned() == {}
    ids = {name: terraform.state(f"databricks_permissions.{name}")["id"] for name in permitted}

    def levels(name: str) -> dict[str, str]:
        entries = workspace.get(f"/api/2.0/permissions{ids[name]}")["access_control_list"]
        return {
            item.get("group_name") or item["user_name"]: item["all_permissions"][0]["permission_level"]
            for item in entries
        }

    assert levels("j") == {"analysts": "CAN_VIEW", me: "IS_OWNER"}
    assert levels("w")["analysts"] == "CAN_USE" and levels("w")[me] in ("IS_OWNER", "CAN_MANAGE")
    assert levels("c") == levels("i") == {"analysts": "CAN_ATTACH_TO", me: "CAN_MANAGE"}
    assert levels("d")["analysts"] == "CAN_READ"

    terraform.write(objects)
    terraform.apply()
    assert levels("j") == {me: "IS_OWNER"}
    assert ["analysts" in levels(name) for name in ids] == [False] * len(ids)

    for principal, message in (
        ("me", "cannot lose CAN_MANAGE"),
        ("admins", "not possible to modify permissions of admins"),
    ):
        entry = {"user_name": me} if principal == "me" else {"group_name": "admins"}
        wrong = {**permitted["j"], "access_control": {**entry, "permission_level": "CAN_VIEW"}}
        terraform.write({**objects, "databricks_permissions": {"j": wrong}})
        code, output = terraform.run("apply", "-auto-approve", "-target=databricks_permissions.j")
        assert (code, message in output) == (1, True)
    terraform.write(objects)
    terraform.destroy()
