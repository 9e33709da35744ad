"""Done when an update in prod as the service principal succeeded, at a commit that only the student had in dev."""

from mesh.workshop.course.evidence import Evidence, is_person
from mesh.workshop.course.outcome import Outcome, decisive_run, not_yet, outcome_of_run, wrong
from mesh.workshop.student import Student

TITLE = "pl. prod"
FLOW = "acme/transport/taxinyc/prep/dltrevenue"
PIPELINE = True


def check(student: Student, evidence: Evidence) -> Outcome:
    """Checks the task of bringing a pipeline to prod."""
    pipelines = evidence.production_jobs(FLOW)
    own = evidence.exclusive_commits(student, FLOW)
    updates = [update for one in pipelines for update in one.runs if update.commit in own]
    deployed = [one for one in pipelines if one.tags.get("git_commit") in own]
    if any(is_person(one.run_as) for one in pipelines if updates or one in deployed):
        return wrong(
            "runs as a person", "The pipeline in prod runs as a user: which `run_as` does org.yml declare?"
        )
    if updates:
        return outcome_of_run(decisive_run(updates), "pipeline")
    if deployed:
        return not_yet("not run", "Your commit is deployed to prod, and its pipeline was not updated since.")
    if not own:
        return not_yet("", "No commit of the pipeline is deployed to dev by you alone, so none can go to prod.")
    return not_yet("", "None of your commits in dev has reached the pipeline in prod yet.")
