"""Done when the four tables of the flow lie in the student's own schema."""

from mesh.workshop.course.evidence import Evidence
from mesh.workshop.course.outcome import DONE, Outcome, not_yet, wrong
from mesh.workshop.student import Student

TITLE = "by hand"
TABLES = ("borough_population", "revenue_by_borough", "revenue_by_tripmonth", "revenue_per_inhabitant")


def check(student: Student, evidence: Evidence) -> Outcome:
    """How far a student is with running the notebooks by hand."""
    missing = [name for name in TABLES if evidence.own_table(student, name) is None]
    if not missing:
        return DONE
    if strays := evidence.strays(student, missing):
        hint = f"You wrote `{strays[0]}`: what is your own schema called, and what does the widget say?"
        return wrong("wrong schema name", hint)
    schema = evidence.schema(student.schema)
    if schema and (others := [name for name in missing if schema.table(name)]):
        hint = f"`{others[0]}` in your schema is not by you: drop it, and write your own."
        return wrong("somebody else's table", hint)
    if len(missing) == len(TABLES):
        return not_yet("", f"None of the flow's tables is in your own schema `{student.schema}` yet.")
    hint = f"`{missing[0]}` is missing: did its notebook run, and was what it reads there by then?"
    return wrong("only some tables", hint)
