"""Cluster policies in compute.yml."""

from __future__ import annotations

from typing import Any

from mesh.documents.document import Document
from mesh.model.cluster_policy import ClusterPolicyFile


def codes(**fields: Any) -> list[str]:
    declared = ClusterPolicyFile.model_validate(fields)
    document = Document("compute.yml", {"objects": {"shared": fields}})
    return [finding.code for finding in declared.check(document, ("objects", "shared"))]


def test_a_policy_has_either_a_definition_or_a_policy_family() -> None:
    assert codes() == ["policy-without-rules"]
    assert codes(definition={}, policy_family_id="personal-vm") == ["policy-without-rules"]
    assert codes(definition={}) == codes(policy_family_id="personal-vm") == []


def test_a_rule_holds_no_secret() -> None:
    attribute = "spark_env_vars.DB_PASSWORD"
    for rule in (
        {"value": "hunter2"},
        {"type": "unlimited", "defaultValue": "hunter2"},
        {"values": ["hunter2"]},
    ):
        assert codes(definition={attribute: rule}) == ["secret-in-yaml"]
    for rule in ({"value": "{{secrets/a/b}}"}, {"type": "forbidden"}, {"type": "regex", "pattern": "x.*"}):
        assert codes(definition={attribute: rule}) == []


def test_the_order_of_rules_does_not_change_the_json_text() -> None:
    rules = {"b": {"type": "fixed"}, "a": {}}
    declared = ClusterPolicyFile.model_validate({"definition": rules})
    assert declared.arguments == {"definition": '{"a": {}, "b": {"type": "fixed"}}'}
