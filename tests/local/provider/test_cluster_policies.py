"""Cluster policies against a fake workspace."""

from local.provider.resource_type import Known
from tests.support.rest_api import FakeRestApi, resource

POLICIES = "/api/2.0/policies/clusters"
FAMILIES = "/api/2.0/policy-families"
FAMILY = {"policy_families": [{"policy_family_id": "personal-vm", "name": "Personal Compute"}]}
DEFAULT = {"name": "Personal Compute", "policy_family_id": "personal-vm"}


def test_a_policy_is_read_by_its_id() -> None:
    answer = {"name": "p", "policy_id": "1", "max_clusters_per_user": 2}
    policy, context = resource("databricks_cluster_policy", FakeRestApi({f"GET {POLICIES}/get": answer}))
    state = policy.read(context, "1", Known({}, created=True))
    assert (state["policy_id"], state["name"], state["max_clusters_per_user"]) == ("1", "p", 2)


def test_a_policy_of_a_family_is_created() -> None:
    workspace = FakeRestApi({f"GET {FAMILIES}": FAMILY, f"POST {POLICIES}/create": {"policy_id": "2"}})
    policy, context = resource("databricks_cluster_policy", workspace)
    assert policy.create(context, {"name": "small", "policy_family_id": "personal-vm"}) == "2"
    assert workspace.calls == list(workspace.answers)


def test_the_default_policy_of_a_family_is_changed_instead_of_created_and_reset_instead_of_deleted() -> None:
    listed = {"policies": [{"policy_id": "1", "name": "Personal Compute"}]}
    workspace = FakeRestApi(
        {f"GET {FAMILIES}": FAMILY, f"GET {POLICIES}/list": listed, f"POST {POLICIES}/edit": {}}
    )
    policy, context = resource("databricks_cluster_policy", workspace)
    state = {**DEFAULT, "policy_family_definition_overrides": "{}", "definition": "{}"}
    assert policy.create(context, {**DEFAULT, "policy_family_definition_overrides": "{}"}) == "1"
    assert workspace.sent(f"POST {POLICIES}/edit") == {
        **DEFAULT,
        "policy_id": "1",
        "policy_family_definition_overrides": "{}",
    }
    policy.delete(context, "1", state)
    assert workspace.sent(f"POST {POLICIES}/edit") == {**DEFAULT, "policy_id": "1"}
    assert not policy.can_roll_back(state)


def test_a_change_of_a_policy_of_a_family_does_not_send_the_rules_that_were_read() -> None:
    workspace = FakeRestApi({f"POST {POLICIES}/edit": {}})
    policy, context = resource("databricks_cluster_policy", workspace)
    policy.update(context, "1", {**DEFAULT, "definition": "{}"}, {})
    assert workspace.sent(f"POST {POLICIES}/edit") == {**DEFAULT, "policy_id": "1"}


def test_a_policy_with_a_definition_is_deleted() -> None:
    workspace = FakeRestApi({f"POST {POLICIES}/delete": {}})
    policy, context = resource("databricks_cluster_policy", workspace)
    policy.delete(context, "1", {"name": "p", "definition": "{}"})
    assert workspace.calls == [f"POST {POLICIES}/delete"]
