"""The checks of the first part: done, typical mistakes, and unfinished work."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mesh.workshop.course.evidence import Evidence, Schema
from mesh.workshop.course.outcome import OutcomeState
from mesh.workshop.course.task import Task, read_tasks
from tests.support.classroom import (
    ADA,
    BO,
    CATALOG,
    FIRST,
    OTHER,
    ROBOT,
    SECOND,
    dev,
    evidence,
    own_schema,
    prod,
    run,
    table,
)

PART = "course/02-"
ALL = read_tasks(Path(__file__).resolve().parents[4])
TASKS = {one.name: one for one in ALL if one.folder.startswith(PART)}
EXPLORE, BY_HAND, STUDY, DEV, REDEPLOY, PROD, ACTIONS = TASKS.values()
NOTHING = evidence()

BOROUGHS = (("Bronx", "9"), ("Queens", "65"), ("Unknown", "3"))
TRIPS = f"{ADA.schema}.trips_per_borough"
ALL_TRIPS = {EXPLORE.queries[0]: BOROUGHS}
EXPLORED = own_schema(table("trips_per_borough", "pickup_borough", "trips"))
FOUR = ("borough_population", "revenue_by_borough", "revenue_by_tripmonth", "revenue_per_inhabitant")
BY_HAND_DONE = own_schema(*map(table, FOUR))
STUDIED = own_schema(
    table("best_borough", "pickup_borough", "amount"),
    table("revenue_per_inhabitant", "borough", "population", "amount", "revenue_per_inhabitant"),
)
BEST, SOURCE = f"{ADA.schema}.best_borough", f"{ADA.schema}.revenue_per_inhabitant"
# rounded to cents, both would be 0.16
PER_INHABITANT = (("Bronx", "1000", "163.00"), ("Manhattan", "2000", "329.00"), ("Queens", "0", "5.00"))
OLD, NEW = ("pickup_borough", "amount"), ("pickup_borough", "amount", "trips")
TWICE = (dev(run(), columns=OLD), dev(run(), commit=SECOND, columns=NEW, minutes=5))


def explored(*rows: tuple[str | None, str]) -> Evidence:
    return evidence(EXPLORED, rows={TRIPS: rows}, query_results=ALL_TRIPS)


def studied(*best: tuple[str, str]) -> Evidence:
    return evidence(STUDIED, rows={BEST: best, SOURCE: PER_INHABITANT})


@pytest.mark.parametrize("task", ALL, ids=lambda one: one.name)
def test_no_task_is_done_in_an_empty_workspace_or_by_another_student(task: Task) -> None:
    """In an empty workspace, and in a workspace where another student has done everything."""
    others = evidence(
        replace(EXPLORED, full_name=BO.schema, tables=tuple(table(name, by=BO) for name in FOUR)),
        dev(run(), of=BO, columns=OLD),
        dev(run(), of=BO, commit=SECOND, columns=NEW),
        prod(run(commit=SECOND, by=BO.email), run(commit=SECOND, by=ROBOT)),
        query_results=ALL_TRIPS,
    )

    assert task.check(ADA, NOTHING).state is OutcomeState.NOT_YET
    assert task.check(ADA, others).state is OutcomeState.NOT_YET
    assert task.check(ADA, others).reason == ""


@pytest.mark.parametrize(
    ("task", "read"),
    [
        (EXPLORE, explored(*reversed(BOROUGHS))),
        (BY_HAND, evidence(BY_HAND_DONE)),
        (
            STUDY,
            studied(
                ("Manhattan", "329.00"),
            ),
        ),
        (
            STUDY,
            studied(
                ("Manhattan", "329"),
            ),
        ),
        (DEV, evidence(dev(run()))),
        # later deployments do not undo a task
        (DEV, evidence(dev(run()), dev(commit=SECOND, minutes=5))),
        (DEV, evidence(dev(run("running", minutes=5), run()))),
        (DEV, evidence(dev(run()), dev(branch="main", commit=SECOND, minutes=5))),
        (REDEPLOY, evidence(*TWICE)),
        (REDEPLOY, evidence(*TWICE, dev(commit=OTHER, minutes=9))),
        (PROD, evidence(*TWICE, prod(run(commit=SECOND)))),
        (PROD, evidence(*TWICE, prod(run(commit=SECOND, by=ROBOT)))),
        # another student's deployment changes the job, but not its earlier runs
        (
            PROD,
            evidence(
                *TWICE, prod(run("failed", commit=OTHER, by=BO.email), run(commit=SECOND), commit=OTHER)
            ),
        ),
        (PROD, evidence(*TWICE, prod(run("failed", commit=SECOND, minutes=5), run(commit=SECOND)))),
        (ACTIONS, evidence(*TWICE, prod(run(commit=SECOND, by=ROBOT)))),
    ],
)
def test_a_task_is_done_when_the_evidence_shows_it(task: Task, read: Evidence) -> None:
    assert task.check(ADA, read).state is OutcomeState.DONE


def test_all_tasks_are_done_at_the_end_of_the_part() -> None:
    """Later tasks do not undo earlier ones."""
    own = own_schema(*EXPLORED.tables, *(table(name) for name in FOUR[:3]), *STUDIED.tables)
    read = evidence(
        own,
        *TWICE,
        prod(run(commit=SECOND), run(commit=SECOND, by=ROBOT)),
        rows={TRIPS: BOROUGHS, BEST: (("Manhattan", "329.00"),), SOURCE: PER_INHABITANT},
        query_results=ALL_TRIPS,
    )

    assert [task.check(ADA, read).state for task in TASKS.values()] == [OutcomeState.DONE] * len(TASKS)


@pytest.mark.parametrize(
    ("task", "read", "reason", "hint"),
    [
        (EXPLORE, evidence(own_schema(table("trips_per_borough"), name="training.default")), "wrong schema name", "You wrote `training.default.trips_per_borough`: what is the name of your schema, and what is in the widget?"),
        (EXPLORE, evidence(own_schema(table("trips_per_borough"), of=BO)), "wrong schema name", "You wrote `training.boking.trips_per_borough`: what is the name of your schema, and what is in the widget?"),
        (EXPLORE, evidence(own_schema(table("trips_per_borough", by=BO))), "somebody else's table", "`trips_per_borough` in your schema was not written by you: drop it, and write your own."),
        (EXPLORE, evidence(own_schema(table("trips_per_borough", "pickup_borough", "count"))), "wrong columns", "`trips_per_borough` has no column `trips`: compare it with the task's page."),
        (EXPLORE, explored(("Bronx", "9"), ("Queens", "65")), "boroughs missing", "Not every trip has a borough. Which trips are missing in your table?"),
        (EXPLORE, explored(("Bronx", "9"), ("Queens", "65"), (None, "3")), "boroughs missing", "Not every trip has a borough. Which trips are missing in your table?"),
        (EXPLORE, explored(*BOROUGHS, ("Bronx", "1")), "too many rows", "A borough has more than one row: which columns did you group by?"),
        (EXPLORE, explored(("Bronx", "9"), ("Queens", "64"), ("Unknown", "3")), "wrong counts", "The trips of all boroughs should add up to the number of all trips."),
        (BY_HAND, evidence(own_schema(*map(table, FOUR[:3]))), "only some tables", "`revenue_per_inhabitant` is missing: did its notebook run, and did the tables that it reads exist by then?"),
        (BY_HAND, evidence(own_schema(*map(table, FOUR), name="training.ada_lovelace")), "wrong schema name", "You wrote `training.ada_lovelace.borough_population`: what is the name of your schema, and what is in the widget?"),
        (BY_HAND, evidence(own_schema(*map(table, FOUR), of=BO)), "wrong schema name", "You wrote `training.boking.borough_population`: what is the name of your schema, and what is in the widget?"),
        (BY_HAND, evidence(own_schema(*map(table, FOUR[1:]), table(FOUR[0], by=BO))), "somebody else's table", "`borough_population` in your schema was not written by you: drop it, and write your own."),
        (STUDY, studied(("Bronx", "163.00")), "not the best borough", "Another borough has more revenue per inhabitant: do you sort by the unrounded number?"),
        (STUDY, studied(("Manhattan", "0.16")), "wrong amount", "The borough is right. `amount` is its total revenue, in dollars."),
        (STUDY, studied(("Manhattan", "much")), "wrong amount", "The borough is right. `amount` is its total revenue, in dollars."),
        (STUDY, studied(("Manhattan", "329.00"), ("Bronx", "163.00")), "not one row", "`best_borough` has 2 rows: the answer is one row."),
        (STUDY, studied(), "not one row", "`best_borough` has no rows: the answer is one row."),
        (STUDY, evidence(own_schema(table("best_borough", "borough", "amount"))), "wrong columns", "`best_borough` has no column `pickup_borough`: compare it with the task's page."),
        (STUDY, evidence(own_schema(table("best_borough", *OLD))), "nothing to compare", "Your schema has no `revenue_per_inhabitant` any more: which table is the answer computed from?"),
        (STUDY, evidence(own_schema(table("best_borough", *OLD), name="training.ada")), "wrong schema name", "You wrote `training.ada.best_borough`: what is the name of your schema?"),
        (DEV, evidence(dev(run(), branch="main")), "deployed from main", "Names contain the branch, and yours was main: what does `git status` show?"),
        (DEV, evidence(dev(run(), branch=BO.branch)), "not your branch", "The flow was deployed from `feat-gh2110-lyon`, and your branch is `feat-gh1615-assisi`: what does `git status` show?"),
        (DEV, evidence(dev(run(), env="test")), "not in dev", "The flow is deployed to `test`: which environment did you select, and how?"),
        (DEV, evidence(dev(run("failed", "revenue_by_borough"))), "run failed", "In the last run of the job, `revenue_by_borough` failed: open the run and read the first error."),
        (DEV, evidence(dev(run("failed"))), "run failed", "In the last run of the job, it failed: open the run and read the first error."),
        (DEV, evidence(dev(run("cancelled"))), "run cancelled", "The last run of the job was cancelled: run it again."),
        (DEV, evidence((replace(dev()[0], full_name=f"{CATALOG}.my_revenue"), replace(dev()[1], schema=f"{CATALOG}.my_revenue"))), "wrong schema name", "The schema is `my_revenue`: which part of the name does not follow the templates in `.brickopscfg`?"),
        (DEV, evidence(dev()[0]), "no job", "The schema exists without a job: how did the deployment end?"),
        (DEV, evidence(Schema(f"{CATALOG}.ada", frozenset({ADA.email})), dev(run(), of=BO)), "wrong schema name", f"You created `{CATALOG}.ada` by hand: a deployment creates its own schema, and names it by a rule."),
        (REDEPLOY, evidence(dev(run(minutes=5), run(), columns=OLD)), "same commit twice", "The job ran again at the same commit as before: which parts does a deployment's name have?"),
        (REDEPLOY, evidence(dev(run(), columns=NEW, commit=SECOND)), "first deployment missing", "The deployment without the change should still exist: what happened to it?"),
        (REDEPLOY, evidence(dev(run(), columns=OLD), dev(run(), branch="main", commit=SECOND, columns=NEW, minutes=5)), "not your branch", "There is another deployment, from `main`: which branch should have the change?"),
        (REDEPLOY, evidence(dev(run(), columns=OLD), dev(run(), commit=SECOND, columns=(*OLD, "trip_count"), minutes=5)), "wrong column name", "`revenue_by_borough` has a new column `trip_count`: compare its name with the task's page."),
        (REDEPLOY, evidence(dev(run(), columns=OLD), dev(run(), commit=SECOND, columns=OLD, minutes=5)), "column missing", "The second deployment ran, but its `revenue_by_borough` is unchanged: does your commit contain the change?"),
        (REDEPLOY, evidence(dev(run(), columns=OLD), dev(run("failed", "revenue_by_borough"), commit=SECOND, minutes=5)), "run failed", "In the last run of the job, `revenue_by_borough` failed: open the run and read the first error."),
        (PROD, evidence(*TWICE, prod(run(commit=SECOND), run_as=ADA.email)), "runs as a person", "The job in prod runs as a user: which `run_as` does org.yml declare?"),
        (PROD, evidence(*TWICE, prod(run_as=ADA.email)), "runs as a person", "The job in prod runs as a user: which `run_as` does org.yml declare?"),
        (PROD, evidence(*TWICE, prod(run(commit=OTHER), commit=OTHER)), "never in dev", "You ran `0badc0de` in prod: in which environment was it tested before?"),
        (PROD, evidence(prod(run(commit=OTHER), commit=OTHER)), "never in dev", "You ran `0badc0de` in prod: in which environment was it tested before?"),
        (PROD, evidence(*TWICE, prod(run("failed", "borough_population", commit=SECOND))), "run failed", "In the last run of the job, `borough_population` failed: open the run and read the first error."),
        (ACTIONS, evidence(*TWICE, prod(run(commit=FIRST), run(commit=SECOND))), "by hand", "A person started the run of your second commit in prod: who should start it, and how?"),
        (ACTIONS, evidence(*TWICE, prod(run(commit=SECOND, by=ROBOT), run_as=BO.email)), "runs as a person", "The job in prod runs as a user: which `run_as` does org.yml declare?"),
        (ACTIONS, evidence(*TWICE, prod(run("failed", "borough_population", commit=SECOND, by=ROBOT))), "run failed", "In the last run of the job, `borough_population` failed: open the run and read the first error."),
    ],
)  # fmt: skip
def test_a_typical_mistake_is_wrong_with_a_hint(
    task: Task, read: Evidence, reason: str, hint: str
) -> None:
    outcome = task.check(ADA, read)

    assert (outcome.state, outcome.reason, outcome.hint) == (OutcomeState.WRONG, reason, hint)


@pytest.mark.parametrize(
    ("task", "read", "reason", "hint"),
    [
        (EXPLORE, NOTHING, "", "There is no table `trips_per_borough` in your schema `training.adalovelace` yet."),
        (EXPLORE, evidence(EXPLORED, query_results=ALL_TRIPS), "not readable", "`trips_per_borough` exists, but its rows cannot be read now: try again soon."),
        (BY_HAND, NOTHING, "", "None of the flow's tables is in your schema `training.adalovelace` yet."),
        (STUDY, evidence(STUDIED), "not readable", "Your tables exist, but cannot be read now: try again soon."),
        (DEV, NOTHING, "", "Nothing of yours is deployed to dev yet."),
        (DEV, evidence(dev()), "not run", "The job is deployed and has never run: run it."),
        (DEV, evidence(dev(run("running"))), "running", "The job is running: wait until it ends."),
        (REDEPLOY, NOTHING, "", "Nothing is deployed to dev from your branch yet: do the previous task first."),
        (REDEPLOY, evidence(dev(run(), columns=OLD)), "", "One commit of yours is deployed: change the notebook, commit, and deploy again."),
        (REDEPLOY, evidence(dev(run(), columns=OLD), dev(commit=SECOND, minutes=5)), "not run", "The job is deployed and has never run: run it."),
        # a corrected mistake of the previous task
        (REDEPLOY, evidence(dev(run(), branch="main", commit=OTHER, columns=OLD), dev(run(), columns=OLD, minutes=5)), "", "One commit of yours is deployed: change the notebook, commit, and deploy again."),
        (PROD, NOTHING, "", "You have nothing in dev yet, so nothing can go to prod."),
        (PROD, evidence(*TWICE), "", "None of your commits in dev has run in prod yet."),
        (PROD, evidence(*TWICE, prod()), "not run", "Your commit is deployed to prod, and its job has not run since: run it."),
        (ACTIONS, NOTHING, "", "You have no commit in dev yet: the workflow needs one to deploy to prod."),
        (ACTIONS, evidence(*TWICE, prod(run(commit=SECOND))), "", "The workflow has not deployed a commit of yours to prod yet."),
    ],
)  # fmt: skip
def test_an_unfinished_task_is_not_yet_done_with_a_hint(task: Task, read: Evidence, reason: str, hint: str) -> None:
    outcome = task.check(ADA, read)

    assert (outcome.state, outcome.reason, outcome.hint) == (OutcomeState.NOT_YET, reason, hint)


def test_a_shared_commit_counts_for_the_student_who_ran_it() -> None:
    """A student without a change deploys the commit at which all branches begin."""
    both = (dev(run()), dev(run(), of=BO))
    read = evidence(*both, prod(run(commit=FIRST, by=BO.email), commit=FIRST))

    assert PROD.check(BO, read).state is OutcomeState.DONE
    assert PROD.check(ADA, read).state is OutcomeState.NOT_YET


def test_the_reason_contains_no_text_of_a_student() -> None:
    """Branches, columns and tasks may have any name; only the hint repeats it."""
    rude = "rude"
    cases = [
        (DEV, evidence(dev(run("failed", rude)))),
        (DEV, evidence(dev(run(), branch=rude))),
        (
            REDEPLOY,
            evidence(dev(run(), columns=OLD), dev(run(), commit=SECOND, columns=(*OLD, rude), minutes=5)),
        ),
    ]
    outcomes = [task.check(ADA, read) for task, read in cases]

    assert [rude in outcome.hint for outcome in outcomes] == [True, True, True]
    assert [rude in outcome.reason for outcome in outcomes] == [False, False, False]
