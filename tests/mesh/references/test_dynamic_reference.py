"""The names of references, as Databricks documents them."""

import pytest

from mesh.references.dynamic_reference import in_namespace, is_known, parts


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("job.id", True),
        ("job.start_time.iso_date", True),
        ("job.start_time.isodate", False),
        ("job.parameters.a.b", True),
        ("job.trigger.table_update.`c.s.t`.version", True),
        ("job.trigger.table_update.c.s.t.version", True),
        ("tasks.a.values.x", True),
        ("tasks.a.values", False),
        ("tasks.a.output.first_row.n", True),
        ("job.notebook_url", False),
        ("input", True),
        ("input.zone.id", True),
        ("backfill.iso_datetime", True),
    ],
)
def test_names_are_known_by_their_form(name: str, known: bool) -> None:
    assert is_known(name) is known
    assert in_namespace(name)


@pytest.mark.parametrize("name", ["no.such", "job", "run_id", "user.name", " "])
def test_other_text_in_braces_is_no_reference(name: str) -> None:
    assert not in_namespace(name)


def test_backticks_keep_a_name_together() -> None:
    assert parts("tasks.`a.b`.values.`x`") == ("tasks", "a.b", "values", "x")
