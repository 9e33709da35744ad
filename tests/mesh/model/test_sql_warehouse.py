"""SQL warehouses in compute.yml."""

from __future__ import annotations

from typing import Any

from mesh.documents.document import Document
from mesh.model.sql_warehouse import SqlWarehouseFile


def codes(**fields: Any) -> list[str]:
    declared = SqlWarehouseFile.model_validate(fields)
    document = Document("compute.yml", {"objects": {"shared": fields}})
    return [finding.code for finding in declared.check(document, ("objects", "shared"))]


def test_the_key_of_the_declaration_is_the_name() -> None:
    assert codes(cluster_size="Small") == []
    assert codes(cluster_size="Small", name="other") == ["name-given"]


def test_a_misspelled_field_is_a_finding() -> None:
    assert codes(cluster_size="Small", auto_stop_minutes=5) == ["unknown-field"]
