"""Done when the service principal, not a person, deployed the student's commit to prod and ran it."""

from mesh.workshop.course.evidence import Evidence, is_person
from mesh.workshop.course.outcome import Outcome, decisive_run, not_yet, outcome_of_run, wrong
from mesh.workshop.student import Student

TITLE = "actions"
FLOW = "acme/transport/taxinyc/prep/revenue"


def check(student: Student, evidence: Evidence) -> Outcome:
    """Checks the task of deploying with GitHub Actions."""
    jobs = evidence.production_jobs(FLOW)
    own = evidence.exclusive_commits(student, FLOW)
    mine = [run for job in jobs for run in job.runs if run.commit in own]
    automatic = [run for run in mine if not is_person(run.started_by)]
    if any(is_person(job.run_as) for job in jobs) and automatic:
        return wrong(
            "runs as a person", "The job in prod runs as a user: which `run_as` does org.yml declare?"
        )
    if automatic:
        return outcome_of_run(decisive_run(automatic))
    if len({run.commit for run in mine}) > 1:
        hint = "A person started the run of your second commit in prod: who should start it, and how?"
        return wrong("by hand", hint)
    if not own:
        return not_yet("", "You have no commit in dev yet: the workflow needs one to deploy to prod.")
    return not_yet("", "The workflow has not deployed a commit of yours to prod yet.")
