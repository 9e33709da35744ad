"""The fields of a contract."""

from __future__ import annotations

from typing import Any

import pytest

from mesh.documents.checked_model import validate_document
from mesh.documents.document import Document
from mesh.model.contract_file import ContractFile
from tests.support.contracts import fields


def codes(**more: Any) -> list[str]:
    """The findings of a contract with these fields, as code and message."""
    document = Document("c.yaml", {name: value for name, value in fields(**more).items() if value is not ...})
    return [f"{one.code}: {one.message}" for one in validate_document(ContractFile, document)[1]]


def test_every_section_of_the_standard_is_accepted() -> None:
    assert (
        codes(
            description={"purpose": "p", "usage": "u"},
            servers=[{"server": "prod", "type": "databricks", "catalog": "c", "schema": "s"}],
            support=[{"channel": "taxi"}],
            price={"priceAmount": 1},
            roles=[{"role": "reader"}],
            customProperties=[{"property": "a", "value": 1}],
            contractCreatedTs="2026-11-29T20:00:00Z",
            slaProperties=None,
        )
        == []
    )


@pytest.mark.parametrize("version", ["v3.0.0", "v3.0.2", "v3.1.0"])
def test_every_version_3_of_the_standard_is_read(version: str) -> None:
    assert codes(apiVersion=version) == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"apiVersion": "v2.2.2"}, "contract-standard: `apiVersion` is `v2.2.2`, which is not read"),
        ({"kind": "Contract"}, "wrong-value: `Contract` is not a value of `kind`"),
        ({"version": "one"}, "contract-version: `version` is `one`: should be major.minor.patch"),
        ({"version": 1.1}, "wrong-type: `version` is `1.1`: should be text (put it in quotes)"),
        ({"status": "live"}, "wrong-value: `live` is not a value of `status`"),
        ({"status": ...}, "missing-field: `status` is missing"),
        ({"schema": ...}, "missing-field: `schema` is missing"),
        ({"schema": []}, "empty-list: `schema` is empty"),
        ({"schema": [{"name": "t", "properties": []}]}, "empty-list: `properties` is empty"),
        ({"shema": []}, "unknown-field: unknown field `shema` (did you mean `schema`?)"),
    ],
)
def test_a_wrong_field_is_a_finding(changed: dict[str, Any], code: str) -> None:
    [finding] = codes(**changed)
    assert finding.startswith(code)


def test_a_misspelled_promise_is_a_finding() -> None:
    """Otherwise nobody would notice that the column promises nothing."""
    [finding] = codes(columns=[{"name": "a", "requried": True}])
    assert finding == "unknown-field: unknown field `requried` in properties (did you mean `required`?)"
