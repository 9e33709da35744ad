"""Typical mistakes of the course, for the scripted student: each function does a task in a wrong way.

`make_mistake` makes one after the earlier tasks were done; the task itself can be done after it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from databricks.sdk.service.jobs import JobRunAs, JobSettings

from tests.course.later_mistakes import LATER_MISTAKES
from tests.course.pages import COURSE, folder_of, page
from tests.course.student import Student
from tests.course.workspace import client, similar_schema

_PROJECT = Path("orgs/acme/domains/transport/projects/taxinyc")
_REVENUE = _PROJECT / "flows/prep/revenue"


def make_mistake(mistake: Callable[[Student], None], student: Student) -> None:
    """Makes a mistake; then restores the clone, but not the workspace."""
    before = student.type("git rev-parse HEAD main; git remote get-url origin").split()
    try:
        mistake(student)
    finally:
        head, main, origin = before
        student.type(
            f"git switch --quiet --force {student.branch}; git reset --quiet --hard {head}; git clean -fdq orgs\n"
            f"git branch --quiet --force main {main}; git remote set-url origin {origin}; mesh local up"
        )
        if origin != _own_origin(student).as_uri():
            shutil.rmtree(_own_origin(student), ignore_errors=True)
        else:
            student.type("git push --quiet --force origin main")


def schema_name_typed_by_hand(student: Student) -> None:
    """Task 1 into a schema with a similar name."""
    name = similar_schema(student)
    student.type(f"mesh local notebook {_notebook('01-explore/explore.py')} --param schema={name}")


def trips_without_borough_left_out(student: Student) -> None:
    """Task 1 with a table without some trips."""
    _run_changed(
        student, "01-explore/explore.py", "trips.groupBy", 'trips.dropna(subset="pickup_borough").groupBy'
    )


def only_the_first_notebook(student: Student) -> None:
    """Task 2 with one of four tables."""
    _run_by_hand(student, "borough_population")


def all_into_a_schema_typed_by_hand(student: Student) -> None:
    """Task 2 into a schema with a similar name."""
    name = similar_schema(student)
    student.type(f"mesh local notebook {_notebook('02-run-by-hand/by_hand.py')} --param schema={name}")


def sorted_the_wrong_way(student: Student) -> None:
    """Task 3 with the borough with the lowest revenue."""
    _run_changed(student, "03-study-output/study.py", "F.desc(", "F.asc(")


def every_borough_kept(student: Student) -> None:
    """Task 3 with a row for each borough."""
    _run_changed(student, "03-study-output/study.py", "ordered.limit(1)", "ordered")


def main_deployed(student: Student) -> None:
    """Task 4 from `main` instead of the student's branch."""
    student.type("git switch --quiet main; git merge --quiet --ff-only -")
    student.task("04-deploy-dev")


def deployed_and_not_run(student: Student) -> None:
    """Task 4 without a run."""
    student.type("mesh deploy --env dev transport/taxinyc")


def last_run_failed(student: Student) -> None:
    """Task 4 with a notebook that fails."""
    file = student.clone / _REVENUE / "revenue_per_inhabitant.py"
    file.write_text(file.read_text() + '\nraise ValueError("not yet")\n')
    student.type("git commit --quiet --all --message 'Not yet'; mesh deploy --env dev transport/taxinyc")
    student.type("if mesh local run prep/revenue --env dev; then exit 99; fi")


def not_committed(student: Student) -> None:
    """Task 5 without the commit."""
    student.task("05-redeploy", lambda block: "With a commit" not in block.below)


def committed_and_not_deployed(student: Student) -> None:
    """Task 5 up to the commit."""
    student.task("05-redeploy", lambda block: block.language == "diff")
    student.type("git commit --quiet --all --message 'Count the trips'")


def another_commit_without_the_column(student: Student) -> None:
    """Task 5 with a commit that changes something else."""
    file = student.clone / _REVENUE / "deployment.yml"
    file.write_text(file.read_text().replace("description: What", "description: All that"))
    student.type("git commit --quiet --all --message 'All that'; mesh deploy --env dev transport/taxinyc")
    student.type("mesh local run prep/revenue --env dev")


def runs_as_student(student: Student) -> None:
    """Task 6 with a job that the student changed by hand to run as the student; a deployment refuses that."""
    production_not_run(student)
    workspace = client(student)
    [job] = workspace.jobs.list(name="transport_taxinyc_prod_revenue")
    settings = JobSettings(run_as=JobRunAs(user_name=student.email))
    workspace.jobs.update(job.job_id or 0, new_settings=settings)
    student.type("mesh local run prep/revenue --env prod")


def never_tried_in_dev(student: Student) -> None:
    """Task 6 with a commit that was never deployed to dev."""
    student.type(
        f"mkdir -p {_PROJECT}/explore; echo '# one more thing' >> {_PROJECT}/explore/later.py; git add --all; git commit --quiet -m Later"
    )
    student.task("06-deploy-prod")


def production_not_run(student: Student) -> None:
    """Task 6 without a run."""
    student.task("06-deploy-prod", lambda block: "mesh local run" not in block.text)
    student.type("mesh deploy --env prod transport/taxinyc")


def applied_by_hand(student: Student) -> None:
    """Task 7 by hand instead of the workflow."""
    blocks = [block.text for block in page("07-github-actions").steps()]
    lines = (line for text in blocks for line in text.splitlines() if "MESH_USER" not in line)
    student.type("\n".join(lines).replace("<place>", student.place))


# mistakes and unfinished work, by the folder of the task
MISTAKES: Mapping[str, tuple[Callable[[Student], None], ...]] = {
    "01-explore": (schema_name_typed_by_hand, trips_without_borough_left_out),
    "02-run-by-hand": (all_into_a_schema_typed_by_hand, only_the_first_notebook),
    "03-study-output": (sorted_the_wrong_way, every_borough_kept),
    "04-deploy-dev": (main_deployed, last_run_failed),
    "05-redeploy": (not_committed, another_commit_without_the_column),
    "06-deploy-prod": (runs_as_student, never_tried_in_dev),
    "07-github-actions": (applied_by_hand,),
    **LATER_MISTAKES,
}
UNFINISHED: Mapping[str, tuple[Callable[[Student], None], ...]] = {
    "04-deploy-dev": (deployed_and_not_run,),
    "05-redeploy": (committed_and_not_deployed,),
    "06-deploy-prod": (production_not_run,),
}


def _own_origin(student: Student) -> Path:
    """The bare clone of task 6."""
    return student.clone.with_name("datamesh-origin.git")


def _notebook(name: str) -> str:
    task, _, file = name.partition("/")
    return str(Path(COURSE.name, (folder_of(task) / file).relative_to(COURSE)))


def _run_by_hand(student: Student, notebook: str) -> None:
    where = f"--param catalog=training --param schema={student.user} --param libs=../../../libs"
    student.type(f"mesh local notebook {_REVENUE}/{notebook}.py {where}")


def _run_changed(student: Student, name: str, old: str, new: str) -> None:
    """Runs a notebook of the course with a change, and reverts the change."""
    file = student.clone / _notebook(name)
    original = file.read_text()
    assert old in original
    file.write_text(original.replace(old, new))
    try:
        student.type(f"mesh local notebook {_notebook(name)} --param schema={student.user}")
    finally:
        file.write_text(original)
