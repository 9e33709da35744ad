"""Done when a run that the service principal started in prod verified contract and quality, and succeeded."""

from mesh.workshop.course.evidence import Evidence, is_person
from mesh.workshop.course.outcome import Outcome, decisive_run, not_yet, outcome_of_run, wrong
from mesh.workshop.student import Student

TITLE = "all"
FLOW = "acme/transport/taxinyc/prep/revenue"
TASKS = {"verify_inhabitants", "verify_quality"}


def check(student: Student, evidence: Evidence) -> Outcome:
    """Checks the task of deploying contract and quality rules with the workflows."""
    jobs = evidence.production_jobs(FLOW)
    own = evidence.exclusive_commits(student, FLOW)
    verified = [run for job in jobs for run in job.runs if run.commit in own and {*run.tasks} >= TASKS]
    automatic = [run for run in verified if not is_person(run.started_by)]
    if automatic and any(is_person(job.run_as) for job in jobs):
        return wrong(
            "runs as a person", "The job in prod runs as a user: which `run_as` does org.yml declare?"
        )
    if automatic:
        return outcome_of_run(decisive_run(automatic))
    if verified:
        hint = "A person started the run that verified your contract in prod: who should start it, and how?"
        return wrong("by hand", hint)
    return not_yet("", "No run in prod has verified your contract and the quality rules yet.")
