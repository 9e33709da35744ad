"""Done when a run in prod, as the service principal, succeeded at a commit that the student had in dev."""

from mesh.workshop.course.evidence import Evidence, Run, is_person
from mesh.workshop.course.outcome import Outcome, newest, not_yet, of_run, wrong
from mesh.workshop.student import Student

TITLE = "prod"
FLOW = "acme/transport/taxinyc/prep/revenue"


def check(student: Student, evidence: Evidence) -> Outcome:
    """How far a student is with deploying to prod."""
    in_dev = {one.commit for one in evidence.deployed(student, FLOW)}
    only_mine = evidence.commits(student, FLOW)
    jobs = evidence.production(FLOW)
    runs = [(run, job) for job in jobs for run in job.runs]
    mine = [(run, job) for run, job in runs if _is_mine(run, student, in_dev, only_mine)]
    strange = [run for run, _ in runs if run.by == student.email and run.commit not in in_dev]
    now = [job for job in jobs if job.tags.get("git_commit") in only_mine]
    if any(is_person(job.run_as) for job in (*(job for _, job in mine), *now)):
        return wrong("runs as a person", "The job in prod acts as a user: who does org.yml say it should be?")
    if mine:
        return of_run(newest(run for run, _ in mine))
    if now:
        return not_yet("not run", "Your commit is in prod, and its job has not run since: run it.")
    if strange:
        hint = f"You ran `{(strange[0].commit or 'no commit')[:8]}` in prod: where was it tried before?"
        return wrong("never in dev", hint)
    if not in_dev:
        return not_yet("", "Nothing of yours is in dev yet, so nothing can go to prod.")
    return not_yet("", "None of the commits that you have in dev has run in prod yet.")


def _is_mine(run: Run, student: Student, in_dev: set[str], only_mine: set[str]) -> bool:
    """Whether a run is at the student's commit: one that several have counts for who started it."""
    return run.commit in only_mine or (run.commit in in_dev and run.by == student.email)
