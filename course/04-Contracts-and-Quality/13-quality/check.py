"""Done when a deployment to dev has a quarantine table, and its last run succeeded all the same."""

from mesh.workshop.course.evidence import Evidence
from mesh.workshop.course.outcome import DONE, Outcome, not_yet, outcome_of_run, wrong
from mesh.workshop.student import Student

TITLE = "quality"
FLOW = "acme/transport/taxinyc/prep/revenue"
TASK, TABLE = "verify_quality", "revenue_by_borough_quarantine"


def check(student: Student, evidence: Evidence) -> Outcome:
    """Checks the task of putting bad rows into quarantine."""
    own = [one for one in evidence.deployments(student, FLOW) if one.branch == student.branch]
    with_quarantine = [one for one in own if one.schema.table(TABLE)]
    runs = [one.job.last_run for one in with_quarantine if one.job and one.job.last_run]
    if any(run.state == "succeeded" for run in runs):
        return DONE
    if runs and TASK in runs[0].failed:
        hint = "Bad rows fail the run: look at them in quarantine. Should they fail it, or be counted?"
        return wrong("bad rows", hint)
    if runs:
        return outcome_of_run(runs[0])
    return not_yet("", f"No schema of yours in dev has `{TABLE}` yet: for which table is your rule?")
