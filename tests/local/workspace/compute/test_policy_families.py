"""Policy families: list, get, and the rules of a policy that is based on one."""

import json

FAMILIES = "/api/2.0/policy-families"
POLICIES = "/api/2.0/policies/clusters"


def test_the_families_are_listed_and_read(workspace):
    families = workspace.get(FAMILIES)["policy_families"]
    assert [each["policy_family_id"] for each in families] == [
        "personal-vm",
        "power-user",
        "shared-compute",
        "job-cluster",
    ]
    for family in families:
        assert workspace.get(f"{FAMILIES}/{family['policy_family_id']}") == family
        assert json.loads(family["definition"])["spark_version"]
    workspace.get(f"{FAMILIES}/none", status=404)


def test_a_policy_has_the_rules_of_its_family_and_its_own(workspace):
    own = json.dumps({"num_workers": {"type": "fixed", "value": 2}})
    settings = {"name": "p", "policy_family_id": "job-cluster", "policy_family_definition_overrides": own}
    policy_id = workspace.post(f"{POLICIES}/create", settings)["policy_id"]
    policy = workspace.get(f"{POLICIES}/get", policy_id=policy_id)
    rules = json.loads(policy["definition"])
    assert settings.items() <= policy.items()
    assert rules["num_workers"] == {"type": "fixed", "value": 2}
    assert rules["cluster_type"] == {"type": "fixed", "value": "job"}

    workspace.post(f"{POLICIES}/edit", {"policy_id": policy_id, "name": "p", "definition": "{}"})
    policy = workspace.get(f"{POLICIES}/get", policy_id=policy_id)
    assert (policy["definition"], policy.get("policy_family_id")) == ("{}", None)


def test_rules_that_do_not_fit_a_family_are_refused(workspace):
    for settings in (
        {"policy_family_id": "none"},
        {"policy_family_id": "job-cluster", "definition": "{}"},
        {"policy_family_id": "job-cluster", "policy_family_definition_overrides": "["},
        {"policy_family_id": "job-cluster", "policy_family_definition_overrides": "[]"},
        {"policy_family_definition_overrides": "{}"},
    ):
        workspace.post(f"{POLICIES}/create", {"name": "p", **settings}, status=400)


def test_the_default_policies_can_be_changed_but_not_deleted(workspace):
    policies = workspace.get(f"{POLICIES}/list")["policies"]
    defaults = [each for each in policies if each["is_default"]]
    assert [each["name"] for each in defaults] == [
        "Personal Compute",
        "Power User Compute",
        "Shared Compute",
        "Job Compute",
    ]
    policy_id = defaults[0]["policy_id"]
    workspace.post(f"{POLICIES}/delete", {"policy_id": policy_id}, status=400)
    changed = {"policy_id": policy_id, "name": "Personal Compute", "policy_family_id": "personal-vm"}
    workspace.post(f"{POLICIES}/edit", {**changed, "description": "ours"})
    policy = workspace.get(f"{POLICIES}/get", policy_id=policy_id)
    assert (policy["description"], policy["is_default"]) == ("ours", True)
