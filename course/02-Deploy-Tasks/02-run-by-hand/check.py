"""Done when the four tables of the flow are in the student's schema."""

from mesh.workshop.course.evidence import Evidence
from mesh.workshop.course.outcome import DONE, Outcome, not_yet, wrong
from mesh.workshop.student import Student

TITLE = "by hand"
TABLES = ("borough_population", "revenue_by_borough", "revenue_by_tripmonth", "revenue_per_inhabitant")


def check(student: Student, evidence: Evidence) -> Outcome:
    """Checks the task of running the notebooks by hand."""
    missing = [name for name in TABLES if evidence.student_table(student, name) is None]
    if not missing:
        return DONE
    if misplaced := evidence.misplaced_tables(student, missing):
        hint = f"You wrote `{misplaced[0]}`: what is the name of your schema, and what is in the widget?"
        return wrong("wrong schema name", hint)
    schema = evidence.schema(student.schema)
    if schema and (others := [name for name in missing if schema.table(name)]):
        hint = f"`{others[0]}` in your schema was not written by you: drop it, and write your own."
        return wrong("somebody else's table", hint)
    if len(missing) == len(TABLES):
        return not_yet("", f"None of the flow's tables is in your schema `{student.schema}` yet.")
    hint = f"`{missing[0]}` is missing: did its notebook run, and did the tables that it reads exist by then?"
    return wrong("only some tables", hint)
