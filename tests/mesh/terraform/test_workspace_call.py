"""Errors of the Databricks SDK become an OutsideError with a remedy."""

from __future__ import annotations

import pytest
from databricks.sdk.errors import NotFound, PermissionDenied, TemporarilyUnavailable

from mesh.errors import OutsideError
from mesh.terraform.no_answer import NoAnswerError, name_workspace
from mesh.terraform.workspace_call import call_workspace, first_line


def fail(error: Exception) -> str:
    raise error


def test_the_result_of_a_call_is_returned() -> None:
    assert call_workspace(lambda: "ola", missing=None) == "ola"


@pytest.mark.parametrize("error", [TemporarilyUnavailable("no\nat all"), OSError("no"), ValueError("no")])
def test_an_error_is_reported_with_its_first_line_and_a_remedy(error: Exception) -> None:
    with pytest.raises(OutsideError) as caught:
        call_workspace(lambda: fail(error), missing=None)

    assert str(caught.value) == "the workspace does not answer: no (check DATABRICKS_HOST and your login)"
    assert caught.value.__cause__ is error


def test_a_missing_object_is_an_error_unless_there_is_a_value_for_it() -> None:
    assert call_workspace(lambda: fail(NotFound("no such job")), missing="none") == "none"
    with pytest.raises(OutsideError, match="no such job"):
        call_workspace(lambda: fail(NotFound("no such job")))


def test_other_errors_are_not_converted() -> None:
    with pytest.raises(KeyError):
        call_workspace(lambda: fail(KeyError("a bug")))


def test_an_error_without_a_message_is_reported_by_its_type() -> None:
    assert first_line(TimeoutError()) == "TimeoutError"


def test_a_missing_permission_is_reported_as_a_refusal() -> None:
    with pytest.raises(OutsideError, match=r"^the workspace refuses: no \(ask for the right\)$"):
        call_workspace(lambda: fail(PermissionDenied("no")), remedy="ask for the right")


def test_a_workspace_without_an_answer_is_named_and_the_network_is_the_remedy() -> None:
    error = NoAnswerError("https://dev.example", "does not answer: the connection is refused")
    with pytest.raises(OutsideError) as caught:
        call_workspace(lambda: fail(error), remedy="ask for the right", afterwards="; nothing is lost")

    assert str(caught.value) == (
        "the workspace https://dev.example does not answer: the connection is refused "
        "(check the address and the network; nothing is lost)"
    )


def test_the_workspace_is_named_where_the_error_records_it() -> None:
    error = PermissionDenied("no")
    name_workspace(error, "https://dev.example")
    with pytest.raises(OutsideError, match=r"^the workspace https://dev\.example refuses: no \(ask\)$"):
        call_workspace(lambda: fail(error), remedy="ask")


def test_an_answer_that_the_sdk_cannot_read_is_one_sentence() -> None:
    unreadable = "unable to parse response. This is likely a bug in the Databricks SDK … Request log:```GET /"

    assert first_line(ValueError(unreadable)).startswith("it answers with a page instead of JSON: ")
