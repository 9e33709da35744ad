"""Instance pools in compute.yml."""

from __future__ import annotations

from typing import Any

from mesh.documents.document import Document
from mesh.model.instance_pool import InstancePoolFile


def codes(**fields: Any) -> list[str]:
    declared = InstancePoolFile.model_validate(fields)
    document = Document("compute.yml", {"objects": {"shared": fields}})
    return [finding.code for finding in declared.check(document, ("objects", "shared"))]


def test_a_pool_needs_a_node_type() -> None:
    assert codes(idle_instance_autotermination_minutes=5) == ["without-node"]
    assert codes(idle_instance_autotermination_minutes=5, node={"min_cores": 4}) == []


def test_a_pool_has_one_kind_of_node_type() -> None:
    fields = {"idle_instance_autotermination_minutes": 5, "node_type_id": "i3.xlarge"}
    assert codes(node={"min_cores": 4}, **fields) == ["conflicting-fields"]
