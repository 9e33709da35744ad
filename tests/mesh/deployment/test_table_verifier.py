"""What a verification reports and when it fails; tests/local/spark/test_verification.py runs it on Spark."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from mesh.deployment.table_verifier import Violated, verify

INT = {"name": "a", "type": "int", "accepted": ["int"]}
REQUIRED = {"rule": "required", "column": "a", "where": "`a` IS NULL", "needs": ["a"]}


class Session:
    """A session with a table `c.s.t` of an int column; answers by the beginning of the query."""

    def __init__(self, answers: dict[str, Any] | None = None) -> None:
        self.answers = answers or {}
        self.queries: list[str] = []

    def table(self, name: str) -> Any:
        if name != "`c`.`s`.`t`":
            raise ValueError(f"[TABLE_OR_VIEW_NOT_FOUND] {name}\nand a plan")
        kind = SimpleNamespace(simpleString=lambda: "INT")
        return SimpleNamespace(schema=SimpleNamespace(fields=[SimpleNamespace(name="A", dataType=kind)]))

    def sql(self, query: str) -> Any:
        self.queries.append(query)
        answer = next(value for start, value in self.answers.items() if query.startswith(start))
        if isinstance(answer, Exception):
            raise answer
        return SimpleNamespace(collect=lambda: [answer])


def result(session: Session, rules: Any = (), columns: Any = (), name: str = "t") -> tuple[list[str], str]:
    """The lines of a verification of one table, and its error."""
    lines: list[str] = []
    table = {"name": name, "schema": "", "columns": [*columns], "rules": [*rules]}
    try:
        verify(session, {"title": "contract r 1.0.0", "tables": [table]}, {"": "`c`.`s`"}, lines.append)
    except Violated as error:
        return lines, str(error)
    return lines, ""


def test_what_is_kept_is_told_with_the_number_of_rules() -> None:
    assert result(Session({"SELECT count(*), count_if(`a` IS NULL) FROM": (7, 0)}), [REQUIRED], [INT]) == (
        [
            "contract r 1.0.0:",
            "  ok        t: a: type int",
            "  t: 7 rows",
            "  ok        t: a: required",
            "rules: 2 tested, 0 violated, 0 warned of",
        ],
        "",
    )


def test_a_violation_names_rule_column_and_rows() -> None:
    lines, error = result(Session({"SELECT count(*), count_if": (7, 3)}), [REQUIRED])

    assert "  violated  t: a: required: 3 of 7 rows" in lines
    assert error == "contract r 1.0.0 is violated: t: a: required: 3 of 7 rows"


def test_a_warning_does_not_fail() -> None:
    lines, error = result(Session({"SELECT count(*), count_if": (7, 3)}), [{**REQUIRED, "level": "warn"}])

    assert ("  warning   t: a: required: 3 of 7 rows" in lines, error) == (True, "")


def test_nothing_tested_is_a_failure() -> None:
    assert (
        result(Session({"SELECT count(*) FROM": (7,)}))[1]
        == "contract r 1.0.0 is violated: nothing was tested"
    )


def test_a_table_that_is_not_there_is_a_failure_with_the_first_line_of_the_error() -> None:
    _, error = result(Session(), [REQUIRED], [INT], name="u")

    assert "u: cannot be read ([TABLE_OR_VIEW_NOT_FOUND] `c`.`s`.`u`)" in error
    assert error.endswith("nothing was tested")


@pytest.mark.parametrize(
    ("column", "wrong"),
    [
        ({"name": "b", "type": "int", "accepted": ["int"]}, "t: column b is missing"),
        ({"name": "a", "type": "string", "accepted": ["string"]}, "t: a: type is int instead of string"),
    ],
)
def test_columns_must_be_there_with_their_type(column: dict[str, Any], wrong: str) -> None:
    assert result(Session({"SELECT count(*) FROM": (7,)}), columns=[column])[1].endswith(wrong)


def test_a_rule_of_a_missing_column_is_violated() -> None:
    rule = {**REQUIRED, "column": "b", "needs": ["b"]}

    _, error = result(Session({"SELECT count(*) FROM": (7,)}), [rule])

    assert error.endswith("t: b: required: column b is missing")


@pytest.mark.parametrize(
    ("must", "unit", "wrong"),
    [
        ({"mustBeLessThan": 4}, "rows", ""),
        ({"mustBeLessThan": 3}, "rows", "3 of 6 rows, mustBeLessThan 3"),
        ({"mustBeBetween": [40, 60]}, "percent", ""),
        ({"mustNotBeBetween": [40, 60]}, "percent", "3 of 6 rows, mustNotBeBetween [40, 60] percent"),
        (
            {"mustBeGreaterThan": 1, "mustBeLessOrEqualTo": 2},
            "rows",
            "3 of 6 rows, mustBeGreaterThan 1 and must",
        ),
    ],
)
def test_numbers_of_rows_are_compared(must: dict[str, Any], unit: str, wrong: str) -> None:
    rule = {**REQUIRED, "must": must, "unit": unit}

    _, error = result(Session({"SELECT count(*), count_if": (6, 3)}), [rule])

    assert (wrong in error, bool(error)) == (True, bool(wrong))


def test_the_value_of_a_query_is_compared() -> None:
    rule = {"rule": "total", "query": "SELECT sum(a) FROM {table}", "must": {"mustBe": 5}}
    session = Session({"SELECT count(*) FROM": (6,), "SELECT sum(a) FROM `c`.`s`.`t`": (4,)})

    assert result(session, [rule])[1].endswith("t: total: value 4, mustBe 5")


def test_a_condition_that_cannot_be_computed_is_violated_and_the_others_are_counted() -> None:
    broken = {"rule": "minimum 1", "column": "a", "where": "`a` < x", "needs": ["a"]}
    answers = {
        "SELECT count(*), count_if": ValueError("no x"),
        "SELECT count(*) FROM": (6,),
        "SELECT count_if(`a` < x)": ValueError("no x\nplan"),
        "SELECT count_if(`a` IS NULL)": (2,),
    }

    _, error = result(Session(answers), [broken, REQUIRED])

    assert error.endswith("t: a: minimum 1: no x; t: a: required: 2 of 6 rows")
