"""Reads what `terraform apply -json` prints."""

from __future__ import annotations

import json

from mesh.terraform.json_log import ApplyMessage, errors, read_message


def line(**fields: object) -> str:
    return json.dumps({"@level": "info", "@message": "text", **fields})


def test_a_change_names_its_resource_and_its_step() -> None:
    hook = {"resource": {"addr": "databricks_job.a"}}

    steps = [
        read_message(line(type=kind, hook=hook))
        for kind in ("apply_start", "apply_complete", "apply_errored")
    ]

    assert steps == [
        ApplyMessage("text", "databricks_job.a", step) for step in ("start", "complete", "error")
    ]


def test_an_error_holds_summary_address_and_details() -> None:
    diagnostic = {
        "severity": "error",
        "summary": "cannot create job",
        "address": "databricks_job.a",
        "detail": "no\n",
    }

    message = read_message(line(type="diagnostic", diagnostic=diagnostic))

    assert message is not None
    assert message.error == "Error: cannot create job\n\n  with databricks_job.a\n\nno"


def test_a_warning_is_no_error() -> None:
    message = read_message(line(type="diagnostic", diagnostic={"severity": "warning", "summary": "old"}))

    assert message == ApplyMessage("text")


def test_a_line_of_another_program_is_no_message() -> None:
    assert [read_message(text) for text in ("a wrapper warns", "[1]", '{"a": 1}', "")] == [None] * 4


def test_an_error_that_is_printed_twice_is_told_once() -> None:
    one = ApplyMessage("Error: a", "", "", "Error: a")

    assert list(errors([one, ApplyMessage("text"), one])) == [one]
