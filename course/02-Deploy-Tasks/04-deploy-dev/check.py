"""Done when the flow is deployed to dev from the student's own branch, and its job's last run succeeded."""

from mesh.workshop.course.evidence import Evidence
from mesh.workshop.course.outcome import Outcome, State, not_yet, of_run, wrong
from mesh.workshop.student import Student

TITLE = "deploy dev"
FLOW = "acme/transport/taxinyc/prep/revenue"


def check(student: Student, evidence: Evidence) -> Outcome:
    """How far a student is with deploying to dev."""
    everywhere = evidence.deployed(student, FLOW, env=None)
    mine = [one for one in everywhere if one.identity.env == "dev"]
    own = [one for one in mine if one.branch == student.branch]
    named = [one for one in own if one.well_named(student, FLOW.rpartition("/")[2])]
    if not everywhere:
        return _nothing(student, evidence)
    if not mine:
        hint = f"It is deployed to `{everywhere[0].identity.env}`: which environment did you say, and how?"
        return wrong("not in dev", hint)
    if not own and mine[0].branch == "main":
        return wrong("deployed from main", "Names hold the branch, and yours was main: what does git say?")
    if not own:
        hint = f"It was deployed from `{mine[0].branch}`, and your branch is `{student.branch}`"
        return wrong("not the own branch", f"{hint}: what does git say?")
    if not named:
        hint = f"The schema is `{own[0].schema.name}`: what in it is not by the rule of `.brickopscfg`?"
        return wrong("wrong schema name", hint)
    outcomes = [of_run(one.job.last_run) for one in named if one.job]
    if not outcomes:
        return wrong("no job", "The schema is there without a job: how did the deployment end?")
    return next((one for one in outcomes if one.state is State.DONE), outcomes[0])


def _nothing(student: Student, evidence: Evidence) -> Outcome:
    catalogs = {one.schema.partition(".")[0] for one in evidence.jobs}
    by_hand = [
        one.full_name
        for one in evidence.schemas
        if one.catalog in catalogs and one.identity is None and student.email in one.people
    ]
    if by_hand:
        hint = f"You made `{by_hand[0]}` yourself: a deployment makes its own schema, and names it by a rule."
        return wrong("wrong schema name", hint)
    return not_yet("", "Nothing of yours is deployed to dev yet.")
