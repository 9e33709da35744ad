"""Contracts for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from mesh.documents.document import Document
from mesh.model.contract import Contract, contract

COLUMNS = ({"name": "borough", "physicalType": "string"}, {"name": "amount", "physicalType": "decimal(18,2)"})
AMOUNT_AS_TEXT = {"name": "amount", "physicalType": "string"}


def fields(
    version: str = "1.0.0", columns: Sequence[Mapping[str, Any]] = COLUMNS, **more: Any
) -> dict[str, Any]:
    """The fields of a contract `revenue` on one table `by_borough`."""
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "acme.revenue",
        "name": "revenue",
        "version": version,
        "status": "active",
        "schema": [{"name": "by_borough", "properties": [*columns]}],
    } | more


def text(version: str = "1.0.0", columns: Sequence[Mapping[str, Any]] = COLUMNS, **more: Any) -> str:
    """The file of a contract."""
    return yaml.safe_dump(fields(version, columns, **more), sort_keys=False)


def built(version: str = "1.0.0", columns: Sequence[Mapping[str, Any]] = COLUMNS, **more: Any) -> Contract:
    """A contract without findings."""
    found, wrong = contract(Document("contracts/revenue.yaml", fields(version, columns, **more)))
    assert wrong == []
    assert found
    return found


def specification(**more: Any) -> dict[str, Any]:
    """The same contract in the older Data Contract Specification."""
    columns = {"borough": {"type": "string"}, "amount": {"type": "decimal", "precision": 18, "scale": 2}}
    return {
        "dataContractSpecification": "1.2.1",
        "id": "acme.revenue",
        "info": {"title": "Revenue", "version": "1.0.0"},
        "models": {"by_borough": {"fields": columns}},
    } | more
