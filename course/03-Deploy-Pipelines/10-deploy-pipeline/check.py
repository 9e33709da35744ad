"""Done when two commits of the pipeline are deployed and updated, and one has the new column."""

from mesh.workshop.course.evidence import Evidence, StudentDeployment
from mesh.workshop.course.outcome import DONE, Outcome, OutcomeState, not_yet, outcome_of_run, wrong
from mesh.workshop.student import Student

TITLE = "deploy pl."
FLOW = "acme/transport/taxinyc/prep/dltrevenue"
PIPELINE = True
TABLE, COLUMN = "checked_trips", "tip_amount"


def check(student: Student, evidence: Evidence) -> Outcome:
    """Checks the task of deploying a pipeline twice."""
    own = [one for one in evidence.deployments(student, FLOW) if one.branch == student.branch]
    if not own:
        return not_yet("", "The pipeline is not deployed to dev from your branch yet.")
    updated = [one for one in own if one.schema.table(TABLE)]
    changed = [one for one in updated if _has_column(one)]
    if changed and len(updated) > 1:
        return DONE
    if changed:
        hint = "The deployment without the change should have tables, too: was it updated, and does it exist?"
        return wrong("first version missing", hint)
    ran = outcome_of_run(own[0].job.last_run if own[0].job else None, "pipeline")
    if ran.state is not OutcomeState.DONE:
        return ran
    if len(updated) == 1:
        return not_yet("", "One commit of yours is deployed: change the notebook, commit, and deploy again.")
    hint = f"The newest deployment was updated, but its `{TABLE}` has no `{COLUMN}`: what is in your commit?"
    return wrong("column missing", hint)


def _has_column(deployment: StudentDeployment) -> bool:
    table = deployment.schema.table(TABLE)
    return table is not None and COLUMN in (column.lower() for column in table.columns)
