"""Done when the student's schema has a table of the trips per borough that counts all trips."""

from collections import Counter

from mesh.workshop.course.evidence import Evidence
from mesh.workshop.course.outcome import DONE, Outcome, not_yet, wrong
from mesh.workshop.student import Student

TITLE = "explore"
TABLE = "trips_per_borough"
COLUMNS = ("pickup_borough", "trips")
ROWS = {TABLE: COLUMNS}
ALL_TRIPS = (
    "select coalesce(pickup_borough, 'Unknown') as pickup_borough, count(*) as trips "
    "from training.taxinyc_trips.yellow_taxi_trips_curated_sample group by 1"
)
QUERIES = (ALL_TRIPS,)


def check(student: Student, evidence: Evidence) -> Outcome:
    """Checks the task of exploring the data."""
    table = evidence.student_table(student, TABLE)
    if table is None:
        return _without_table(student, evidence)
    if missing := [name for name in COLUMNS if name not in table.columns]:
        hint = f"`{TABLE}` has no column `{missing[0]}`: compare it with the task's page."
        return wrong("wrong columns", hint)
    rows = evidence.rows.get(f"{student.schema}.{TABLE}")
    if rows is None or ALL_TRIPS not in evidence.query_results:
        return not_yet("not readable", f"`{TABLE}` exists, but its rows cannot be read now: try again soon.")
    found, expected = Counter(rows), Counter(evidence.query_results[ALL_TRIPS])
    if found == expected:
        return DONE
    boroughs = {row[0] for row in found}
    if None in boroughs or len(boroughs) < len({row[0] for row in expected}):
        return wrong(
            "boroughs missing", "Not every trip has a borough. Which trips are missing in your table?"
        )
    if len(rows) > len(expected):
        return wrong("too many rows", "A borough has more than one row: which columns did you group by?")
    return wrong("wrong counts", "The trips of all boroughs should add up to the number of all trips.")


def _without_table(student: Student, evidence: Evidence) -> Outcome:
    if misplaced := evidence.misplaced_tables(student, [TABLE]):
        hint = f"You wrote `{misplaced[0]}`: what is the name of your schema, and what is in the widget?"
        return wrong("wrong schema name", hint)
    schema = evidence.schema(student.schema)
    if schema and schema.table(TABLE):
        hint = f"`{TABLE}` in your schema was not written by you: drop it, and write your own."
        return wrong("somebody else's table", hint)
    return not_yet("", f"There is no table `{TABLE}` in your schema `{student.schema}` yet.")
