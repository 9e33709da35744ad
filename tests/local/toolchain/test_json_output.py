"""The JSON of Terraform and OpenTofu, among their warnings."""

from __future__ import annotations

import json

import pytest

from local.toolchain.json_output import json_object, json_text

PLAN = '{"format_version": "1.2", "resource_changes": [{"address": "databricks_job.a"}]}'
PRETTY = json.dumps({"terraform_version": "1.10.6", "provider_selections": {}, "list": [{"a": 1}]}, indent=2)
BOXED = """
╷
│ Warning: Provider development overrides are in effect
│
│ { "databricks/databricks" = "/tmp" }
╵
"""
COLORED = "\x1b[33m╷\x1b[0m\x1b[0m\n\x1b[33m│\x1b[0m \x1b[1m\x1b[33mWarning: \x1b[0m{}\n\x1b[33m╵\x1b[0m\x1b[0m\n\x1b[0m"
OUTDATED = "\nYour version of Terraform is out of date! The latest version\nis 1.15.5.\n{}\n"


@pytest.mark.parametrize("before", ["", BOXED, COLORED, "{ not json }\n", "{}\n", "\n\n"])
@pytest.mark.parametrize("after", ["", "\n", f"\n{BOXED}", f"\n{COLORED}", OUTDATED, "\n}\n"])
@pytest.mark.parametrize("document", [PLAN, PRETTY])
def test_warnings_before_and_after_are_left_out(before: str, document: str, after: str) -> None:
    assert json_text(f"{before}{document}{after}") == document
    assert json_object(f"{before}{document}{after}") == json.loads(document)


@pytest.mark.parametrize("output", ["", BOXED, "[]", "null\n", PRETTY[:-2], PLAN[:-1], f" {PLAN}"])
def test_output_without_a_whole_document_is_refused(output: str) -> None:
    """The inner object of a truncated document is not taken for the document."""
    with pytest.raises(ValueError, match="no JSON document"):
        json_text(output)


def test_a_document_is_returned_byte_for_byte() -> None:
    text = '{"b":1,\n\n"a":"\\u00e9 {}\\n{"}'

    assert json_text(f"{text}\n") == text
