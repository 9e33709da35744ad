"""Done when a run in prod as the service principal succeeded, at a commit that the student had in dev."""

from mesh.workshop.course.evidence import Evidence, Run, is_person
from mesh.workshop.course.outcome import Outcome, decisive_run, not_yet, outcome_of_run, wrong
from mesh.workshop.student import Student

TITLE = "prod"
FLOW = "acme/transport/taxinyc/prep/revenue"


def check(student: Student, evidence: Evidence) -> Outcome:
    """Checks the task of deploying to prod."""
    in_dev = {one.commit for one in evidence.deployments(student, FLOW)}
    only_mine = evidence.exclusive_commits(student, FLOW)
    jobs = evidence.production_jobs(FLOW)
    runs = [(run, job) for job in jobs for run in job.runs]
    mine = [(run, job) for run, job in runs if _is_mine(run, student, in_dev, only_mine)]
    untested = [run for run, _ in runs if run.started_by == student.email and run.commit not in in_dev]
    now = [job for job in jobs if job.tags.get("git_commit") in only_mine]
    if any(is_person(job.run_as) for job in (*(job for _, job in mine), *now)):
        return wrong(
            "runs as a person", "The job in prod runs as a user: which `run_as` does org.yml declare?"
        )
    if mine:
        return outcome_of_run(decisive_run(run for run, _ in mine))
    if now:
        return not_yet("not run", "Your commit is deployed to prod, and its job has not run since: run it.")
    if untested:
        hint = f"You ran `{(untested[0].commit or 'no commit')[:8]}` in prod"
        return wrong("never in dev", f"{hint}: in which environment was it tested before?")
    if not in_dev:
        return not_yet("", "You have nothing in dev yet, so nothing can go to prod.")
    return not_yet("", "None of your commits in dev has run in prod yet.")


def _is_mine(run: Run, student: Student, in_dev: set[str], only_mine: set[str]) -> bool:
    """True if the run is at the student's commit; a shared commit counts for who started the run."""
    return run.commit in only_mine or (run.commit in in_dev and run.started_by == student.email)
