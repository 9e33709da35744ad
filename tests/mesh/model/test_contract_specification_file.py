"""The fields of a contract in the Data Contract Specification."""

from __future__ import annotations

from typing import Any

import pytest

from mesh.documents.checked_model import validate_document
from mesh.documents.document import Document
from mesh.model.contract_specification_file import SpecificationFile
from tests.support.contracts import specification


def codes(**changed: Any) -> list[str]:
    """The findings of a contract with these fields, as code and message."""
    document = Document("c.yaml", specification(**changed))
    return [f"{one.code}: {one.message}" for one in validate_document(SpecificationFile, document)[1]]


@pytest.mark.parametrize("version", ["0.9.0", "0.9.3", "1.1.0", "1.2.1"])
def test_every_section_of_every_version_is_accepted(version: str) -> None:
    assert (
        codes(
            dataContractSpecification=version,
            servers={"prod": {"type": "databricks", "catalog": "c"}},
            terms={"usage": "u", "noticePeriod": "P3M"},
            examples=[{"model": "by_borough", "data": []}],
            quality={"type": "SodaCL", "specification": {}},
            links={"wiki": "https://acme.example"},
            tags=["taxi"],
            definitions=None,
        )
        == []
    )


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"dataContractSpecification": "2.0.0"}, "contract-standard: `dataContractSpecification` is `2.0.0`"),
        (
            {"dataContractSpecification": "0.9"},
            "contract-standard: `dataContractSpecification` is `0.9`, which is not read (write 1.2.1, or "
            "another version 0.9 or 1 with three numbers)",
        ),
        ({"info": {"title": "t"}}, "missing-field: `version` is missing in info (add it)"),
        ({"info": {"title": "t", "version": "v1"}}, "contract-version: `version` is `v1`"),
        ({"models": {}}, "empty-list: `models` is empty"),
        ({"models": {"a b": {"fields": {"c": {}}}}}, "wrong-value: `a b` in models: should match"),
        ({"models": {"a": {"fields": {}}}}, "empty-list: `fields` is empty"),
        (
            {"models": {"a": {"fields": {"c": {"type": "strng"}}}}},
            "wrong-value: `strng` is not a type of the specification (did you mean `string`?)",
        ),
        (
            {"models": {"a": {"fields": {"c": {"requried": True}}}}},
            "unknown-field: unknown field `requried` in c (did you mean `required`?)",
        ),
        ({"schema": []}, "unknown-field: unknown field `schema`"),
        (
            {"servicelevels": {"freshness": {"treshold": "25h"}}},
            "unknown-field: unknown field `treshold` in freshness (did you mean `threshold`?)",
        ),
        ({"servicelevels": {"freshness": "25h"}}, "wrong-type: `freshness` is `25h`: should be a mapping"),
    ],
)
def test_a_wrong_field_is_a_finding(changed: dict[str, Any], code: str) -> None:
    [finding] = codes(**changed)
    assert finding.startswith(code)
