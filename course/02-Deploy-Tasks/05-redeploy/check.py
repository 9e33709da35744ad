"""Done when a second commit is deployed beside the first, and its table has the new column."""

from mesh.workshop.course.evidence import Deployed, Evidence
from mesh.workshop.course.outcome import DONE, Outcome, State, not_yet, of_run, wrong
from mesh.workshop.student import Student

TITLE = "redeploy"
FLOW = "acme/transport/taxinyc/prep/revenue"
TABLE, COLUMN = "revenue_by_borough", "trips"
BEFORE = {"pickup_borough", "amount"}


def check(student: Student, evidence: Evidence) -> Outcome:
    """How far a student is with deploying a change."""
    mine = evidence.deployed(student, FLOW)
    own = [one for one in mine if one.branch == student.branch]
    commits = {one.commit for one in own}
    changed = [one for one in own if COLUMN in _columns(one)]
    if changed and len(commits) > 1:
        return DONE
    if changed:
        return wrong("first one gone", "There should be one without the change beside it: what became of it?")
    if not own:
        return not_yet("", "Nothing is deployed to dev from your branch yet: that is the task before.")
    if len(commits) == 1:
        if mine[0] not in own and mine[0].commit not in commits:
            hint = f"There is one more, from `{mine[0].branch}`: which branch should the change be on?"
            return wrong("not the own branch", hint)
        return _one(own[0])
    newest = own[0]
    if extra := sorted(_columns(newest) - BEFORE):
        hint = f"`{TABLE}` has a new column `{extra[0]}`: compare its name with what the page asks for."
        return wrong("wrong column name", hint)
    ran = of_run(newest.job.last_run if newest.job else None)
    if ran.state is not State.DONE:
        return ran
    hint = f"The second deployment ran, and its `{TABLE}` is as before: is the change in what you committed?"
    return wrong("column missing", hint)


def _one(only: Deployed) -> Outcome:
    """What to say of a single commit."""
    succeeded = [run for run in (only.job.runs if only.job else ()) if run.state == "succeeded"]
    if len(succeeded) > 1:
        hint = "It ran again, at the same commit as before: what does a deployment take its name from?"
        return wrong("same commit twice", hint)
    return not_yet("", "One commit of yours is deployed: change the notebook, and deploy the next one.")


def _columns(one: Deployed) -> set[str]:
    table = one.schema.table(TABLE)
    return {column.lower() for column in table.columns} if table else set()
