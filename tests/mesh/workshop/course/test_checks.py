"""Each task of the course: done only after it was, and each typical mistake with its hint."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mesh.workshop.course.evidence import Evidence, Schema
from mesh.workshop.course.outcome import State
from mesh.workshop.course.task import Task, tasks
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

TASKS = {one.name: one for one in tasks(Path(__file__).resolve().parents[4])}
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
    return evidence(EXPLORED, rows={TRIPS: rows}, answers=ALL_TRIPS)


def studied(*best: tuple[str, str]) -> Evidence:
    return evidence(STUDIED, rows={BEST: best, SOURCE: PER_INHABITANT})


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_nothing_is_done_before_it_was(task: Task) -> None:
    """An empty workspace, and one in which another student has done everything."""
    others = evidence(
        replace(EXPLORED, full_name=BO.schema, tables=tuple(table(name, by=BO) for name in FOUR)),
        dev(run(), of=BO, columns=OLD),
        dev(run(), of=BO, commit=SECOND, columns=NEW),
        prod(run(commit=SECOND, by=BO.email), run(commit=SECOND, by=ROBOT)),
        answers=ALL_TRIPS,
    )

    assert task.check(ADA, NOTHING).state is State.NOT_YET
    assert task.check(ADA, others).state is State.NOT_YET
    assert task.check(ADA, others).why == ""


@pytest.mark.parametrize(
    ("task", "seen"),
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
        # what comes after does not take back what was done
        (DEV, evidence(dev(run()), dev(commit=SECOND, minutes=5))),
        (DEV, evidence(dev(run("running", minutes=5), run()))),
        (DEV, evidence(dev(run()), dev(branch="main", commit=SECOND, minutes=5))),
        (REDEPLOY, evidence(*TWICE)),
        (REDEPLOY, evidence(*TWICE, dev(commit=OTHER, minutes=9))),
        (PROD, evidence(*TWICE, prod(run(commit=SECOND)))),
        (PROD, evidence(*TWICE, prod(run(commit=SECOND, by=ROBOT)))),
        # the next student's deployment changes the job, and not what ran before
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
def test_it_is_done_when_the_workspace_shows_it(task: Task, seen: Evidence) -> None:
    assert task.check(ADA, seen).state is State.DONE


@pytest.mark.parametrize(
    ("task", "seen", "why", "hint"),
    [
        (EXPLORE, evidence(own_schema(table("trips_per_borough"), name="training.default")), "wrong schema name", "You wrote `training.default.trips_per_borough`: what is your own schema called, and what does the widget say?"),
        (EXPLORE, evidence(own_schema(table("trips_per_borough"), of=BO)), "wrong schema name", "You wrote `training.boking.trips_per_borough`: what is your own schema called, and what does the widget say?"),
        (EXPLORE, evidence(own_schema(table("trips_per_borough", by=BO))), "somebody else's table", "`trips_per_borough` in your schema is not by you: drop it, and write your own."),
        (EXPLORE, evidence(own_schema(table("trips_per_borough", "pickup_borough", "count"))), "wrong columns", "`trips_per_borough` has no column `trips`: compare it with what the page asks for."),
        (EXPLORE, explored(("Bronx", "9"), ("Queens", "65")), "boroughs missing", "Not every trip has a borough. Which ones does your table leave out?"),
        (EXPLORE, explored(("Bronx", "9"), ("Queens", "65"), (None, "3")), "boroughs missing", "Not every trip has a borough. Which ones does your table leave out?"),
        (EXPLORE, explored(*BOROUGHS, ("Bronx", "1")), "too many rows", "There is more than one row for a borough: what did you group by?"),
        (EXPLORE, explored(("Bronx", "9"), ("Queens", "64"), ("Unknown", "3")), "wrong counts", "The trips of all boroughs should add up to all trips that there are."),
        (BY_HAND, evidence(own_schema(*map(table, FOUR[:3]))), "only some tables", "`revenue_per_inhabitant` is missing: did its notebook run, and was what it reads there by then?"),
        (BY_HAND, evidence(own_schema(*map(table, FOUR), name="training.ada_lovelace")), "wrong schema name", "You wrote `training.ada_lovelace.borough_population`: what is your own schema called, and what does the widget say?"),
        (BY_HAND, evidence(own_schema(*map(table, FOUR), of=BO)), "wrong schema name", "You wrote `training.boking.borough_population`: what is your own schema called, and what does the widget say?"),
        (BY_HAND, evidence(own_schema(*map(table, FOUR[1:]), table(FOUR[0], by=BO))), "somebody else's table", "`borough_population` in your schema is not by you: drop it, and write your own."),
        (STUDY, studied(("Bronx", "163.00")), "not the best borough", "Another borough earns more for each inhabitant: do you order by the figure, unrounded?"),
        (STUDY, studied(("Manhattan", "0.16")), "wrong amount", "The borough is right. Its amount is what it earns in all, in dollars."),
        (STUDY, studied(("Manhattan", "much")), "wrong amount", "The borough is right. Its amount is what it earns in all, in dollars."),
        (STUDY, studied(("Manhattan", "329.00"), ("Bronx", "163.00")), "not one row", "`best_borough` has 2 rows: the question has one answer."),
        (STUDY, studied(), "not one row", "`best_borough` has no rows: the question has one answer."),
        (STUDY, evidence(own_schema(table("best_borough", "borough", "amount"))), "wrong columns", "`best_borough` has no column `pickup_borough`: compare it with what the page asks for."),
        (STUDY, evidence(own_schema(table("best_borough", *OLD))), "nothing to compare", "Your schema has no `revenue_per_inhabitant` any more: what is the answer from?"),
        (STUDY, evidence(own_schema(table("best_borough", *OLD), name="training.ada")), "wrong schema name", "You wrote `training.ada.best_borough`: what is your own schema called?"),
        (DEV, evidence(dev(run(), branch="main")), "deployed from main", "Names hold the branch, and yours was main: what does git say?"),
        (DEV, evidence(dev(run(), branch=BO.branch)), "not the own branch", "It was deployed from `feat-gh2110-lyon`, and your branch is `feat-gh1615-assisi`: what does git say?"),
        (DEV, evidence(dev(run(), env="test")), "not in dev", "It is deployed to `test`: which environment did you say, and how?"),
        (DEV, evidence(dev(run("failed", "revenue_by_borough"))), "run failed", "In the last run of its job `revenue_by_borough` failed: open that run and read the first error."),
        (DEV, evidence(dev(run("failed"))), "run failed", "In the last run of its job it failed: open that run and read the first error."),
        (DEV, evidence(dev(run("cancelled"))), "run cancelled", "The last run of its job was cancelled: run it again."),
        (DEV, evidence((replace(dev()[0], full_name=f"{CATALOG}.my_revenue"), replace(dev()[1], schema=f"{CATALOG}.my_revenue"))), "wrong schema name", "The schema is `my_revenue`: what in it is not by the rule of `.brickopscfg`?"),
        (DEV, evidence(dev()[0]), "no job", "The schema is there without a job: how did the deployment end?"),
        (DEV, evidence(Schema(f"{CATALOG}.ada", frozenset({ADA.email})), dev(run(), of=BO)), "wrong schema name", f"You made `{CATALOG}.ada` yourself: a deployment makes its own schema, and names it by a rule."),
        (REDEPLOY, evidence(dev(run(minutes=5), run(), columns=OLD)), "same commit twice", "It ran again, at the same commit as before: what does a deployment take its name from?"),
        (REDEPLOY, evidence(dev(run(), columns=NEW, commit=SECOND)), "first one gone", "There should be one without the change beside it: what became of it?"),
        (REDEPLOY, evidence(dev(run(), columns=OLD), dev(run(), branch="main", commit=SECOND, columns=NEW, minutes=5)), "not the own branch", "There is one more, from `main`: which branch should the change be on?"),
        (REDEPLOY, evidence(dev(run(), columns=OLD), dev(run(), commit=SECOND, columns=(*OLD, "trip_count"), minutes=5)), "wrong column name", "`revenue_by_borough` has a new column `trip_count`: compare its name with what the page asks for."),
        (REDEPLOY, evidence(dev(run(), columns=OLD), dev(run(), commit=SECOND, columns=OLD, minutes=5)), "column missing", "The second deployment ran, and its `revenue_by_borough` is as before: is the change in what you committed?"),
        (REDEPLOY, evidence(dev(run(), columns=OLD), dev(run("failed", "revenue_by_borough"), commit=SECOND, minutes=5)), "run failed", "In the last run of its job `revenue_by_borough` failed: open that run and read the first error."),
        (PROD, evidence(*TWICE, prod(run(commit=SECOND), run_as=ADA.email)), "runs as a person", "The job in prod acts as a user: who does org.yml say it should be?"),
        (PROD, evidence(*TWICE, prod(run_as=ADA.email)), "runs as a person", "The job in prod acts as a user: who does org.yml say it should be?"),
        (PROD, evidence(*TWICE, prod(run(commit=OTHER), commit=OTHER)), "never in dev", "You ran `0badc0de` in prod: where was it tried before?"),
        (PROD, evidence(prod(run(commit=OTHER), commit=OTHER)), "never in dev", "You ran `0badc0de` in prod: where was it tried before?"),
        (PROD, evidence(*TWICE, prod(run("failed", "borough_population", commit=SECOND))), "run failed", "In the last run of its job `borough_population` failed: open that run and read the first error."),
        (ACTIONS, evidence(*TWICE, prod(run(commit=FIRST), run(commit=SECOND))), "by hand", "Your second commit in prod was started by a person: who should have, and what starts it?"),
        (ACTIONS, evidence(*TWICE, prod(run(commit=SECOND, by=ROBOT), run_as=BO.email)), "runs as a person", "The job in prod acts as a user: who does org.yml say it should be?"),
        (ACTIONS, evidence(*TWICE, prod(run("failed", "borough_population", commit=SECOND, by=ROBOT))), "run failed", "In the last run of its job `borough_population` failed: open that run and read the first error."),
    ],
)  # fmt: skip
def test_a_typical_mistake_is_wrong_and_says_where_to_look(
    task: Task, seen: Evidence, why: str, hint: str
) -> None:
    found = task.check(ADA, seen)

    assert (found.state, found.why, found.hint) == (State.WRONG, why, hint)


@pytest.mark.parametrize(
    ("task", "seen", "why", "hint"),
    [
        (EXPLORE, NOTHING, "", "There is no table `trips_per_borough` in your own schema `training.adalovelace` yet."),
        (EXPLORE, evidence(EXPLORED, answers=ALL_TRIPS), "not readable", "`trips_per_borough` is there, and its rows cannot be read now: try again soon."),
        (BY_HAND, NOTHING, "", "None of the flow's tables is in your own schema `training.adalovelace` yet."),
        (STUDY, evidence(STUDIED), "not readable", "Your tables are there, and cannot be read now: try again soon."),
        (DEV, NOTHING, "", "Nothing of yours is deployed to dev yet."),
        (DEV, evidence(dev()), "not run", "It is deployed, and its job has never run: run it."),
        (DEV, evidence(dev(run("running"))), "running", "Its job is running: wait for the end."),
        (REDEPLOY, NOTHING, "", "Nothing is deployed to dev from your branch yet: that is the task before."),
        (REDEPLOY, evidence(dev(run(), columns=OLD)), "", "One commit of yours is deployed: change the notebook, and deploy the next one."),
        (REDEPLOY, evidence(dev(run(), columns=OLD), dev(commit=SECOND, minutes=5)), "not run", "It is deployed, and its job has never run: run it."),
        # what was wrong with the task before, and was put right
        (REDEPLOY, evidence(dev(run(), branch="main", commit=OTHER, columns=OLD), dev(run(), columns=OLD, minutes=5)), "", "One commit of yours is deployed: change the notebook, and deploy the next one."),
        (PROD, NOTHING, "", "Nothing of yours is in dev yet, so nothing can go to prod."),
        (PROD, evidence(*TWICE), "", "None of the commits that you have in dev has run in prod yet."),
        (PROD, evidence(*TWICE, prod()), "not run", "Your commit is in prod, and its job has not run since: run it."),
        (ACTIONS, NOTHING, "", "No commit of your own is in dev yet: the workflow needs one to bring to prod."),
        (ACTIONS, evidence(*TWICE, prod(run(commit=SECOND))), "", "The workflow has not brought a commit of yours to prod yet."),
    ],
)  # fmt: skip
def test_what_is_missing_is_said(task: Task, seen: Evidence, why: str, hint: str) -> None:
    found = task.check(ADA, seen)

    assert (found.state, found.why, found.hint) == (State.NOT_YET, why, hint)


def test_a_commit_that_others_have_too_counts_for_the_one_who_ran_it() -> None:
    """Who has not changed anything yet deploys the commit that everybody began with."""
    both = (dev(run()), dev(run(), of=BO))
    seen = evidence(*both, prod(run(commit=FIRST, by=BO.email), commit=FIRST))

    assert PROD.check(BO, seen).state is State.DONE
    assert PROD.check(ADA, seen).state is State.NOT_YET


def test_what_the_class_sees_holds_nothing_that_a_student_wrote() -> None:
    """A branch, a column or a task may be called anything; only the hint repeats it."""
    rude = "rude"
    seen = [
        (DEV, evidence(dev(run("failed", rude)))),
        (DEV, evidence(dev(run(), branch=rude))),
        (
            REDEPLOY,
            evidence(dev(run(), columns=OLD), dev(run(), commit=SECOND, columns=(*OLD, rude), minutes=5)),
        ),
    ]
    found = [task.check(ADA, one) for task, one in seen]

    assert [rude in one.hint for one in found] == [True, True, True]
    assert [rude in one.why for one in found] == [False, False, False]
