"""Done when two commits are deployed side by side, and the table of one has the new column."""

from mesh.workshop.course.evidence import Evidence, StudentDeployment
from mesh.workshop.course.outcome import DONE, Outcome, OutcomeState, not_yet, outcome_of_run, wrong
from mesh.workshop.student import Student

TITLE = "redeploy"
FLOW = "acme/transport/taxinyc/prep/revenue"
TABLE, COLUMN = "revenue_by_borough", "trips"
BEFORE = {"pickup_borough", "amount"}


def check(student: Student, evidence: Evidence) -> Outcome:
    """Checks the task of deploying a change."""
    mine = evidence.deployments(student, FLOW)
    own = [one for one in mine if one.branch == student.branch]
    commits = {one.commit for one in own}
    changed = [one for one in own if COLUMN in _columns(one)]
    if changed and len(commits) > 1:
        return DONE
    if changed:
        return wrong(
            "first deployment missing",
            "The deployment without the change should still exist: what happened to it?",
        )
    if not own:
        return not_yet("", "Nothing is deployed to dev from your branch yet: do the previous task first.")
    if len(commits) == 1:
        if mine[0] not in own and mine[0].commit not in commits:
            hint = (
                f"There is another deployment, from `{mine[0].branch}`: which branch should have the change?"
            )
            return wrong("not your branch", hint)
        return _single_commit(own[0])
    newest = own[0]
    if extra := sorted(_columns(newest) - BEFORE):
        hint = f"`{TABLE}` has a new column `{extra[0]}`: compare its name with the task's page."
        return wrong("wrong column name", hint)
    ran = outcome_of_run(newest.job.last_run if newest.job else None)
    if ran.state is not OutcomeState.DONE:
        return ran
    hint = f"The second deployment ran, but its `{TABLE}` is unchanged: does your commit contain the change?"
    return wrong("column missing", hint)


def _single_commit(only: StudentDeployment) -> Outcome:
    """The outcome if only one commit is deployed."""
    succeeded = [run for run in (only.job.runs if only.job else ()) if run.state == "succeeded"]
    if len(succeeded) > 1:
        hint = "The job ran again at the same commit as before: which parts does a deployment's name have?"
        return wrong("same commit twice", hint)
    return not_yet("", "One commit of yours is deployed: change the notebook, commit, and deploy again.")


def _columns(deployment: StudentDeployment) -> set[str]:
    table = deployment.schema.table(TABLE)
    return {column.lower() for column in table.columns} if table else set()
