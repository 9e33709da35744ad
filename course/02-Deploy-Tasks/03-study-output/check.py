"""Done when `best_borough` names the borough that earns most per inhabitant, by the student's own tables."""

from decimal import Decimal

from mesh.workshop.course.evidence import Evidence, Row
from mesh.workshop.course.outcome import DONE, Outcome, not_yet, wrong
from mesh.workshop.student import Student

TITLE = "study"
TABLE, SOURCE = "best_borough", "revenue_per_inhabitant"
COLUMNS = ("pickup_borough", "amount")
ROWS = {TABLE: COLUMNS, SOURCE: ("borough", "population", "amount")}


def check(student: Student, evidence: Evidence) -> Outcome:
    """How far a student is with studying the output."""
    table = evidence.own_table(student, TABLE)
    if table is None:
        if strays := evidence.strays(student, [TABLE]):
            return wrong("wrong schema name", f"You wrote `{strays[0]}`: what is your own schema called?")
        return not_yet("", f"There is no table `{TABLE}` in your own schema `{student.schema}` yet.")
    if missing := [name for name in COLUMNS if name not in table.columns]:
        hint = f"`{TABLE}` has no column `{missing[0]}`: compare it with what the page asks for."
        return wrong("wrong columns", hint)
    if evidence.own_table(student, SOURCE) is None:
        return wrong(
            "nothing to compare", f"Your schema has no `{SOURCE}` any more: what is the answer from?"
        )
    rows = evidence.rows.get(f"{student.schema}.{TABLE}")
    source = evidence.rows.get(f"{student.schema}.{SOURCE}")
    if rows is None or source is None:
        return not_yet("not readable", "Your tables are there, and cannot be read now: try again soon.")
    if len(rows) != 1:
        return wrong("not one row", f"`{TABLE}` has {len(rows) or 'no'} rows: the question has one answer.")
    borough, amount = rows[0]
    try:
        best = max(source, key=_per_inhabitant, default=(None, None, None))
        if borough != best[0]:
            hint = "Another borough earns more for each inhabitant: do you order by the figure, unrounded?"
            return wrong("not the best borough", hint)
        if amount is not None and best[2] is not None and Decimal(amount) == Decimal(best[2]):
            return DONE
    except ArithmeticError:
        pass  # what a table holds may be anything
    return wrong("wrong amount", "The borough is right. Its amount is what it earns in all, in dollars.")


def _per_inhabitant(row: Row) -> Decimal:
    _, population, amount = row
    people = Decimal(population or 0)
    return Decimal(amount or 0) / people if people else Decimal("-Infinity")
