"""Done when the student's own schema has the trips per borough, and they are all the trips there are."""

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
    """How far a student is with exploring the data."""
    table = evidence.own_table(student, TABLE)
    if table is None:
        return _elsewhere(student, evidence)
    if missing := [name for name in COLUMNS if name not in table.columns]:
        hint = f"`{TABLE}` has no column `{missing[0]}`: compare it with what the page asks for."
        return wrong("wrong columns", hint)
    rows = evidence.rows.get(f"{student.schema}.{TABLE}")
    if rows is None or ALL_TRIPS not in evidence.answers:
        return not_yet(
            "not readable", f"`{TABLE}` is there, and its rows cannot be read now: try again soon."
        )
    found, expected = Counter(rows), Counter(evidence.answers[ALL_TRIPS])
    if found == expected:
        return DONE
    boroughs = {row[0] for row in found}
    if None in boroughs or len(boroughs) < len({row[0] for row in expected}):
        return wrong(
            "boroughs missing", "Not every trip has a borough. Which ones does your table leave out?"
        )
    if len(rows) > len(expected):
        return wrong("too many rows", "There is more than one row for a borough: what did you group by?")
    return wrong("wrong counts", "The trips of all boroughs should add up to all trips that there are.")


def _elsewhere(student: Student, evidence: Evidence) -> Outcome:
    if strays := evidence.strays(student, [TABLE]):
        hint = f"You wrote `{strays[0]}`: what is your own schema called, and what does the widget say?"
        return wrong("wrong schema name", hint)
    schema = evidence.schema(student.schema)
    if schema and schema.table(TABLE):
        hint = f"`{TABLE}` in your schema is not by you: drop it, and write your own."
        return wrong("somebody else's table", hint)
    return not_yet("", f"There is no table `{TABLE}` in your own schema `{student.schema}` yet.")
