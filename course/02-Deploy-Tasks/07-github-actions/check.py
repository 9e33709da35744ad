"""Done when the service principal deployed the student's commit to prod and ran it: nobody by hand."""

from mesh.workshop.course.evidence import Evidence, is_person
from mesh.workshop.course.outcome import Outcome, newest, not_yet, of_run, wrong
from mesh.workshop.student import Student

TITLE = "actions"
FLOW = "acme/transport/taxinyc/prep/revenue"


def check(student: Student, evidence: Evidence) -> Outcome:
    """How far a student is with deploying by GitHub Actions."""
    jobs = evidence.production(FLOW)
    own = evidence.commits(student, FLOW)
    mine = [run for job in jobs for run in job.runs if run.commit in own]
    automatic = [run for run in mine if not is_person(run.by)]
    if any(is_person(job.run_as) for job in jobs) and automatic:
        return wrong("runs as a person", "The job in prod acts as a user: who does org.yml say it should be?")
    if automatic:
        return of_run(newest(automatic))
    if len({run.commit for run in mine}) > 1:
        hint = "Your second commit in prod was started by a person: who should have, and what starts it?"
        return wrong("by hand", hint)
    if not own:
        return not_yet("", "No commit of your own is in dev yet: the workflow needs one to bring to prod.")
    return not_yet("", "The workflow has not brought a commit of yours to prod yet.")
