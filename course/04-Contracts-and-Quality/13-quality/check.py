"""Done when a run in dev verified a rule that puts the trips outside of the five boroughs aside, and succeeded."""

from mesh.workshop.course.evidence import Evidence, StudentDeployment
from mesh.workshop.course.outcome import DONE, Outcome, not_yet, outcome_of_run, wrong
from mesh.workshop.student import Student

TITLE = "quality"
FLOW = "acme/transport/taxinyc/prep/revenue"
TASK, TABLE = "verify_quality", "revenue_by_borough"
QUARANTINE = f"{TABLE}_quarantine"
COLUMNS = ("pickup_borough",)
ROWS = {TABLE: COLUMNS, QUARANTINE: COLUMNS}
BOROUGHS = {"bronx", "brooklyn", "manhattan", "queens", "staten island"}


def check(student: Student, evidence: Evidence) -> Outcome:
    """Checks the task of putting bad rows into quarantine."""
    own = [one for one in evidence.deployments(student, FLOW) if one.branch == student.branch]
    outcomes = [_outcome(one, evidence) for one in own if one.schema.table(QUARANTINE)]
    if DONE in outcomes:
        return DONE
    hint = f"No schema of yours in dev has `{QUARANTINE}` yet: for which table is your rule?"
    return outcomes[0] if outcomes else not_yet("", hint)


def _outcome(deployment: StudentDeployment, evidence: Evidence) -> Outcome:
    """The outcome of one deployment that has a quarantine table."""
    runs = deployment.job.runs if deployment.job else ()
    verified = [run for run in runs if TASK in run.tasks]
    run = next((run for run in verified if run.state != "running"), verified[0] if verified else None)
    if run is None:
        return not_yet("not verified", f"No run has the task `{TASK}`: run the whole job.")
    if TASK in run.failed:
        hint = "Bad rows fail the run: look at them in quarantine. Should they fail it, or be counted?"
        return wrong("bad rows", hint)
    verdict = outcome_of_run(run)
    return verdict if verdict != DONE else _rows(deployment.schema.full_name, evidence)


def _rows(schema: str, evidence: Evidence) -> Outcome:
    """Whether the quarantine has the rows outside of the five boroughs, and no others."""
    found, put_aside = (evidence.rows.get(f"{schema}.{table}") for table in (TABLE, QUARANTINE))
    if found is None or put_aside is None:
        return not_yet("not readable", f"`{QUARANTINE}` exists, but its rows cannot be read now: try again soon.")
    elsewhere = {row for row in found if str(row[0]).lower() not in BOROUGHS}
    if {*put_aside} == elsewhere:
        return DONE
    if elsewhere - {*put_aside}:
        hint = f"A row of `{TABLE}` is outside of the five boroughs and not in quarantine: what does your rule allow?"
        return wrong("bad rows missing", hint)
    return wrong("good rows", "A row of one of the five boroughs is in quarantine: which rule does it violate?")
