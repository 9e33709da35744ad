"""What was applied, and what was not."""

from __future__ import annotations

import pytest

from mesh.commands.stack_applies import UNSAVED_HINT, done, failures, raise_failures
from mesh.errors import OutsideError
from mesh.review.declarations import Declaration
from mesh.review.plan import resource_change
from mesh.terraform.apply_error import ApplyError
from mesh.terraform.interrupt import StoppedError
from mesh.terraform.stack_run import StackResults
from tests.mesh.commands.conftest import change

JOB = "databricks_job.a"


def test_a_replacement_is_one_added_and_one_destroyed() -> None:
    changes = [resource_change(change(JOB, *actions)) for actions in (("create",), ("delete", "create"))]

    assert done(changes) == "2 added, 1 destroyed"
    assert done([]) == "moved or imported only"


def test_a_failure_names_the_file_that_declares_the_resource() -> None:
    results = StackResults({"a": None}, {"b": ApplyError("no quota", [JOB, JOB, "x.y"])}, {"c": "it needs b"})
    places = {("b", JOB): Declaration(None, origin="orgs/acme/deployment.yml:3")}

    assert list(failures(results, places)) == [
        "  applied: a",
        "  failed: b: no quota",
        "    declared in orgs/acme/deployment.yml:3",
        "  not applied: c: it needs b",
    ]


def test_a_failed_destruction_says_destroyed() -> None:
    results = StackResults({"a": None}, {"b": OutsideError("no")}, {"c": "it needs b"})

    assert list(failures(results, {}, "destroy")) == [
        "  destroyed: a",
        "  failed: b: no",
        "  not destroyed: c: it needs b",
    ]


@pytest.mark.parametrize("kind", [OutsideError, StoppedError])
def test_failures_are_raised_between_a_title_and_the_way_on(kind: type[OutsideError]) -> None:
    results: StackResults[None] = StackResults({}, {"b": kind("no")}, {})

    with pytest.raises(kind, match=r"(?s)^not all:\n  failed: b: no\nagain$"):
        raise_failures(results, {}, "not all:", "again")


def test_a_state_that_could_not_be_saved_is_saved_before_anything_else() -> None:
    """Its completed changes are not in the state that the backend has."""
    results: StackResults[None] = StackResults({}, {"b": ApplyError("full", unsaved=True)}, {})

    with pytest.raises(OutsideError) as refused:
        raise_failures(results, {}, "not all:", "completed changes are in the state")
    assert str(refused.value).splitlines() == ["not all:", "  failed: b: full", UNSAVED_HINT]


def test_without_failures_nothing_is_raised() -> None:
    raise_failures(StackResults({"a": None}), {}, "", "")
