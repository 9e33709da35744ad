"""Clusters in compute.yml."""

from __future__ import annotations

from typing import Any

from mesh.documents.document import Document
from mesh.model.cluster import ClusterFile


def codes(**fields: Any) -> list[str]:
    declared = ClusterFile.model_validate(fields)
    document = Document("compute.yml", {"objects": {"shared": fields}})
    return [finding.code for finding in declared.check(document, ("objects", "shared"))]


def test_a_cluster_needs_a_node_type_or_a_policy() -> None:
    assert codes(spark_version="x", num_workers=1) == ["without-node"]
    assert codes(spark_version="x", num_workers=1, policy_name="small") == []


def test_alternative_fields_exclude_each_other() -> None:
    node = {"min_cores": 4}
    assert codes(spark_version="x", node=node, node_type_id="i3.xlarge") == ["conflicting-fields"]
    assert codes(spark_version="x", node=node, driver_node_type_id="i3.xlarge") == []


def test_names_become_references_by_the_argument_that_takes_the_id() -> None:
    declared = ClusterFile.model_validate({"policy_name": "small", "driver_instance_pool_name": "warm"})
    assert declared.references == {
        "policy_id": ("cluster_policy", "small"),
        "driver_instance_pool_id": ("instance_pool", "warm"),
    }
