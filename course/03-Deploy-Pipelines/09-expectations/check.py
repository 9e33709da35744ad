"""Done when the pipeline drops trips without a borough, and keeps those that were paid back."""

from mesh.workshop.course.evidence import Evidence, Row
from mesh.workshop.course.outcome import DONE, Outcome, not_yet, wrong
from mesh.workshop.student import Student

TITLE = "expect"
TABLE = "amount_of_boroughs"
COLUMNS = ("pickup_borough", "amount")
ROWS = {TABLE: COLUMNS}
AMOUNTS = (
    "select pickup_borough, cast(cast(sum(total_amount) as decimal(18,2)) as string) as amount "
    "from training.taxinyc_trips.yellow_taxi_trips_curated_sample where pickup_borough is not null group by 1"
)
QUERIES = (AMOUNTS,)


def check(student: Student, evidence: Evidence) -> Outcome:
    """Checks the task of adding expectations."""
    if evidence.student_table(student, TABLE) is None:
        return not_yet("", f"There is no table `{TABLE}` in your schema yet: do the previous task first.")
    rows = evidence.rows.get(f"{student.schema}.{TABLE}")
    if rows is None or AMOUNTS not in evidence.query_results:
        return not_yet("not readable", f"`{TABLE}` exists, but its rows cannot be read now: try again soon.")
    expected = _sorted(evidence.query_results[AMOUNTS])
    if _sorted(rows) == expected:
        return DONE
    if any(borough is None for borough, _ in rows):
        return not_yet("", "A row has no borough: does an expectation drop such trips, or only count them?")
    if [borough for borough, _ in _sorted(rows)] != [borough for borough, _ in expected]:
        return wrong("boroughs missing", "More than the trips without a borough is gone: what did you expect?")
    return wrong("wrong amounts", "An amount differs: which trips are dropped that should only be counted?")


def _sorted(rows: tuple[Row, ...]) -> list[Row]:
    return sorted(rows, key=lambda row: tuple(map(str, row)))
