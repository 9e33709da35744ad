"""Done when a run of a deployment to dev verified the contract and succeeded."""

from mesh.workshop.course.evidence import Evidence
from mesh.workshop.course.outcome import Outcome, decisive_run, not_yet, outcome_of_run, wrong
from mesh.workshop.student import Student

TITLE = "contract"
FLOW = "acme/transport/taxinyc/prep/revenue"
TASK = "verify_inhabitants"


def check(student: Student, evidence: Evidence) -> Outcome:
    """Checks the task of keeping a contract."""
    own = [one for one in evidence.deployments(student, FLOW) if one.branch == student.branch]
    runs = [run for one in own if one.job for run in one.job.runs if TASK in run.tasks]
    decisive = decisive_run(runs)
    if decisive is None:
        hint = f"No run of yours in dev has the task `{TASK}`: where is the contract, and is it deployed?"
        return not_yet("", hint)
    if TASK in decisive.failed:
        hint = f"`{TASK}` failed: which rule does its output name, and which rows violate it?"
        return wrong("contract violated", hint)
    return outcome_of_run(decisive)
