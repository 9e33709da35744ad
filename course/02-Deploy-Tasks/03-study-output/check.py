"""Done when `best_borough` is the borough with the highest revenue per inhabitant in the student's tables."""

from decimal import Decimal

from mesh.workshop.course.evidence import Evidence, Row
from mesh.workshop.course.outcome import DONE, Outcome, not_yet, wrong
from mesh.workshop.student import Student

TITLE = "study"
TABLE, SOURCE = "best_borough", "revenue_per_inhabitant"
COLUMNS = ("pickup_borough", "amount")
ROWS = {TABLE: COLUMNS, SOURCE: ("borough", "population", "amount")}


def check(student: Student, evidence: Evidence) -> Outcome:
    """Checks the task of studying the output."""
    table = evidence.student_table(student, TABLE)
    if table is None:
        if misplaced := evidence.misplaced_tables(student, [TABLE]):
            return wrong("wrong schema name", f"You wrote `{misplaced[0]}`: what is the name of your schema?")
        return not_yet("", f"There is no table `{TABLE}` in your schema `{student.schema}` yet.")
    if missing := [name for name in COLUMNS if name not in table.columns]:
        hint = f"`{TABLE}` has no column `{missing[0]}`: compare it with the task's page."
        return wrong("wrong columns", hint)
    if evidence.student_table(student, SOURCE) is None:
        return wrong(
            "nothing to compare",
            f"Your schema has no `{SOURCE}` any more: which table is the answer computed from?",
        )
    rows = evidence.rows.get(f"{student.schema}.{TABLE}")
    source = evidence.rows.get(f"{student.schema}.{SOURCE}")
    if rows is None or source is None:
        return not_yet("not readable", "Your tables exist, but cannot be read now: try again soon.")
    if len(rows) != 1:
        return wrong("not one row", f"`{TABLE}` has {len(rows) or 'no'} rows: the answer is one row.")
    borough, amount = rows[0]
    try:
        best = max(source, key=_per_inhabitant, default=(None, None, None))
        if borough != best[0]:
            hint = "Another borough has more revenue per inhabitant: do you sort by the unrounded number?"
            return wrong("not the best borough", hint)
        if amount is not None and best[2] is not None and Decimal(amount) == Decimal(best[2]):
            return DONE
    except ArithmeticError:
        pass  # a table may contain any text
    return wrong("wrong amount", "The borough is right. `amount` is its total revenue, in dollars.")


def _per_inhabitant(row: Row) -> Decimal:
    _, population, amount = row
    people = Decimal(population or 0)
    return Decimal(amount or 0) / people if people else Decimal("-Infinity")
