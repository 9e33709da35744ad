"""Done when the flow is deployed to dev from the student's branch, and the last run of its job succeeded."""

from mesh.workshop.course.evidence import Evidence
from mesh.workshop.course.outcome import Outcome, OutcomeState, not_yet, outcome_of_run, wrong
from mesh.workshop.student import Student

TITLE = "deploy dev"
FLOW = "acme/transport/taxinyc/prep/revenue"


def check(student: Student, evidence: Evidence) -> Outcome:
    """Checks the task of deploying to dev."""
    everywhere = evidence.deployments(student, FLOW, env=None)
    mine = [one for one in everywhere if one.deployment.environment == "dev"]
    own = [one for one in mine if one.branch == student.branch]
    named = [one for one in own if one.has_expected_names(student, FLOW.rpartition("/")[2])]
    if not everywhere:
        return _without_deployment(student, evidence)
    if not mine:
        hint = f"The flow is deployed to `{everywhere[0].deployment.environment}`"
        return wrong("not in dev", f"{hint}: which environment did you select, and how?")
    if not own and mine[0].branch == "main":
        return wrong(
            "deployed from main", "Names contain the branch, and yours was main: what does `git status` show?"
        )
    if not own:
        hint = f"The flow was deployed from `{mine[0].branch}`, and your branch is `{student.branch}`"
        return wrong("not your branch", f"{hint}: what does `git status` show?")
    if not named:
        hint = f"The schema is `{own[0].schema.name}`"
        question = "which part of the name does not follow the templates in `.brickopscfg`?"
        return wrong("wrong schema name", f"{hint}: {question}")
    outcomes = [outcome_of_run(one.job.last_run) for one in named if one.job]
    if not outcomes:
        return wrong("no job", "The schema exists without a job: how did the deployment end?")
    return next((one for one in outcomes if one.state is OutcomeState.DONE), outcomes[0])


def _without_deployment(student: Student, evidence: Evidence) -> Outcome:
    catalogs = {one.schema.partition(".")[0] for one in evidence.jobs}
    by_hand = [
        one.full_name
        for one in evidence.schemas
        if one.catalog in catalogs and one.deployment is None and student.email in one.contributors
    ]
    if by_hand:
        hint = f"You created `{by_hand[0]}` by hand: a deployment creates its own schema, and names it by a rule."
        return wrong("wrong schema name", hint)
    return not_yet("", "Nothing of yours is deployed to dev yet.")
