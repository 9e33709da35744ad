"""Contracts in the Data Contract Specification: the same contracts as in the standard, with their own lines."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from mesh.documents.document import Document, read
from mesh.model.contract import Contract, contract
from mesh.model.contract_change import contract_changes
from mesh.model.contract_rules import contract_rules
from tests.support.contracts import built, specification

TEXT = """\
dataContractSpecification: 1.1.0
id: acme.revenue
info:
  title: Revenue
  version: 1.2.0
  status: in development
  owner: taxi-team
models:
  by_borough:
    primaryKey: [borough]
    fields:
      borough:
        $ref: '#/definitions/borough'
        required: true
      amount: {type: decimal, precision: 18, scale: 2, minimum: 0}
      trips:
        type: long
      address:
        type: struct
        fields:
          city: {type: string, enum: [Oslo, Bergen]}
      raw: {type: json, config: {databricksType: variant}}
    quality:
    - {type: sql, query: 'select count(*) from {model}', mustBeGreaterThanOrEqualTo: 1}
definitions:
  borough: {type: varchar, maxLength: 20, unique: true}
servicelevels:
  freshness: {threshold: 25h}
quality: {type: SodaCL, specification: {}}
"""


def parsed(folder: Path, text: str) -> Document:
    (folder / "c.yaml").write_text(dedent(text))
    document, wrong = read(folder / "c.yaml", folder)
    assert wrong == []
    return document


@pytest.fixture
def found(tmp_path: Path) -> Contract:
    one, wrong = contract(parsed(tmp_path, TEXT))
    assert wrong == []
    assert one
    return one


def test_a_contract_of_the_specification_is_read_as_one_of_the_standard(found: Contract) -> None:
    [table] = found.tables

    assert (found.title, found.status, found.owner) == ("acme.revenue 1.2.0", "draft", "taxi-team")
    assert (table.full_name, table.primary_key) == ("by_borough", ("borough",))
    assert [(one.name, one.type, one.required, one.unique) for one in table.columns] == [
        ("borough", "string", True, True),
        ("amount", "decimal(18,2)", False, False),
        ("trips", "bigint", False, False),
        ("address", "object", False, False),
        ("address.city", "string", False, False),
        ("raw", "variant", False, False),
    ]
    assert [(one.property, one.value, one.unit) for one in found.agreement] == [("freshness", 25, "h")]


def test_limits_values_and_queries_are_tested_and_rules_of_other_tools_are_listed(found: Contract) -> None:
    [rules] = contract_rules(found)

    assert [one["rule"] for one in rules.rules] == [
        *("required", "unique", "maxLength 20", "minimum 0", "enum", "primary key (borough)", "sql"),
    ]
    assert rules.rules[-1]["must"] == {"mustBeGreaterOrEqualTo": 1}
    assert rules.untested == ("quality in SodaCL: rules of type custom are for other tools or for people",)


def test_places_are_the_lines_of_the_file(found: Contract) -> None:
    [table] = found.tables
    places = [found.position(*one.at).partition(":")[2] for one in (table, *table.columns)]

    assert places == ["9", "12", "15", "16", "18", "21", "22"]
    assert found.position("version") == "c.yaml:5"
    assert found.position("slaProperties", 0) == "c.yaml:28"


def test_the_same_contract_in_the_standard_is_no_change() -> None:
    """So a flow may move to the standard without a new version."""
    one, wrong = contract(Document("contracts/revenue.yaml", specification()))
    assert wrong == []
    assert one
    after = built(name=None, id="acme.revenue")

    assert list(contract_changes(one, after)) == []


@pytest.mark.parametrize(
    ("before", "after", "line", "message"),
    [
        (
            "definitions/borough",
            "definitions/brough",
            13,
            "definition `brough` does not exist (did you mean `borough`?)",
        ),
        (
            "'#/definitions/borough'",
            "https://acme.example/borough.yaml",
            13,
            "`https://acme.example/borough.yaml` is outside of the contract (write #/definitions/<name>)",
        ),
        (
            "{type: varchar,",
            "{$ref: '#/definitions/borough',",
            26,
            "definition `borough` refers to itself (remove `$ref`)",
        ),
        (
            "primaryKey: [borough]",
            "primaryKey: [burough]",
            10,
            "`burough` of the primary key is no field of `by_borough` (did you mean `borough`?)",
        ),
    ],
)
def test_what_leads_nowhere_is_a_finding_with_its_line(
    tmp_path: Path, before: str, after: str, line: int, message: str
) -> None:
    none, [wrong] = contract(parsed(tmp_path, TEXT.replace(before, after, 1)))

    assert none is None
    assert (wrong.line, wrong.message) == (line, message)


def test_findings_of_the_standard_name_the_lines_of_the_specification(tmp_path: Path) -> None:
    text = TEXT.replace("      trips:", "      Amount:")
    _, [twice] = contract(parsed(tmp_path, text))

    assert (twice.line, twice.message) == (
        16,
        "column `Amount` is declared twice in `by_borough` (remove one)",
    )


def test_a_field_that_says_a_part_of_its_type_has_the_rest_from_its_definition() -> None:
    """Otherwise `precision` would promise nothing."""
    fields = {
        "own": {"$ref": "#/definitions/price", "precision": 12},
        "same": {"$ref": "#/definitions/price"},
        "other": {"$ref": "#/definitions/price", "type": "string"},
        "raw": {"$ref": "#/definitions/raw"},
    }
    definitions = {
        "price": {"$ref": "#/definitions/amount", "scale": 3},
        "amount": {"type": "decimal", "precision": 18, "scale": 2},
        "raw": {"type": "decimal", "precision": 9, "config": {"databricksType": "decimal(20,4)"}},
    }
    declared = specification(models={"by_borough": {"fields": fields}}, definitions=definitions)
    one, wrong = contract(Document("c.yaml", declared))

    assert wrong == []
    assert one
    types = [column.type for table in one.tables for column in table.columns]
    assert types == ["decimal(12,3)", "decimal(18,3)", "string", "decimal(20,4)"]


def definition(**fields: str) -> dict[str, Any]:
    return {
        "type": "struct",
        "fields": {name: {"$ref": f"#/definitions/{to}"} for name, to in fields.items()},
    }


@pytest.mark.parametrize(
    "definitions",
    [
        {"d30": {}} | {f"d{one}": definition(a=f"d{one + 1}", b=f"d{one + 1}") for one in range(30)},
        {f"d{one}": {"$ref": f"#/definitions/d{one + 1}"} for one in range(2_000)},
        {f"d{one}": definition(a=f"d{one + 1}") for one in range(2_000)},
    ],
    ids=["doubled", "chained", "nested"],
)
def test_definitions_that_multiply_are_one_finding(definitions: dict[str, Any]) -> None:
    models = {"by_borough": {"fields": {"a": {"$ref": "#/definitions/d0"}}}}
    document = Document("c.yaml", specification(models=models, definitions=definitions))

    assert [one.code for one in contract(document)[1]] == ["too-large"]
