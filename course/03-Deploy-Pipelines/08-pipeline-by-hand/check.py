"""Done when the pipeline has written its two tables to the student's schema."""

from mesh.workshop.course.evidence import Evidence
from mesh.workshop.course.outcome import DONE, Outcome, not_yet, wrong
from mesh.workshop.student import Student

TITLE = "pipeline"
TABLES = ("trips_of_boroughs", "amount_of_boroughs")


def check(student: Student, evidence: Evidence) -> Outcome:
    """Checks the task of running a pipeline by hand."""
    missing = [name for name in TABLES if evidence.student_table(student, name) is None]
    if not missing:
        return DONE
    if misplaced := evidence.misplaced_tables(student, missing):
        hint = f"Your pipeline wrote `{misplaced[0]}`: which schema did you choose when you created it?"
        return wrong("wrong schema name", hint)
    if len(missing) == len(TABLES):
        return not_yet("", f"None of the pipeline's tables is in your schema `{student.schema}` yet.")
    hint = f"`{missing[0]}` is missing: which error is in the event log of the last update?"
    return wrong("only some tables", hint)
