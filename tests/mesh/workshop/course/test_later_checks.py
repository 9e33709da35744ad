"""The checks of pipelines, contracts and quality rules: done, typical mistakes, and unfinished work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from mesh.workshop.course.evidence import Evidence, Job, Row, Run, Schema
from mesh.workshop.course.outcome import OutcomeState
from mesh.workshop.course.task import Task, read_tasks
from tests.support.classroom import (
    ADA,
    BO,
    FIRST,
    OTHER,
    PROJECT,
    ROBOT,
    SECOND,
    dev,
    evidence,
    own_schema,
    prod,
    run,
    table,
)

TASKS = [one for one in read_tasks(Path(__file__).resolve().parents[4]) if one.folder[:9] > "course/02"]
BY_HAND, EXPECT, TWO_PIPELINES, PIPELINE_PROD, CONTRACT, QUALITY, ALL = TASKS
FLOW = f"{PROJECT}/prep/dltrevenue"
NOTHING = evidence()

BOTH = ("trips_of_boroughs", "amount_of_boroughs")
AMOUNTS: tuple[Row, ...] = (("Bronx", "5729.17"), ("Queens", "40844.72"))
OLD, NEW = ("pickup_borough", "total_amount"), ("pickup_borough", "total_amount", "tip_amount")
VERIFIED = ("revenue_by_borough", "verify_inhabitants", "verify_quality")
QUARANTINE = "revenue_by_borough_quarantine"
FOUND = ("Bronx", "EWR", "Queens", "Unknown")


def expected(*rows: Row) -> Evidence:
    """The table of the pipeline by hand has these rows."""
    tables = own_schema(table("amount_of_boroughs", "pickup_borough", "amount"))
    name = f"{ADA.schema}.amount_of_boroughs"
    return evidence(tables, rows={name: rows}, query_results={EXPECT.queries[0]: AMOUNTS})


def pipeline(pair: tuple[Schema, Job], *updates: Run, columns: Iterable[str] = ()) -> tuple[Schema, Job]:
    """A deployment of a job as a deployment of the pipeline."""
    schema, job = pair
    name = schema.full_name.replace("revenue", "dltrevenue")
    tables = (table("checked_trips", *columns),) if columns else ()
    changed = replace(job, id=f"p{job.id}", flow=FLOW, schema=name, runs=updates)
    return replace(schema, full_name=name, tables=tables), changed


def updated(state: str = "succeeded", commit: str = SECOND) -> Run:
    """An update of a pipeline."""
    return replace(run(commit=commit, by=""), state=state)


def verified(one: Run) -> Run:
    """The run with tasks that verify contract and quality."""
    return replace(one, tasks=VERIFIED)


def quarantined(*runs: Run, commit: str = FIRST, minutes: int = 0) -> tuple[Schema, Job]:
    """A deployment with a quarantine table."""
    schema, job = dev(*runs, commit=commit, minutes=minutes)
    return replace(schema, tables=(*schema.tables, table(QUARANTINE, "pickup_borough"))), job


def put_aside(*boroughs: str, runs: Iterable[Run] = ()) -> Evidence:
    """These rows of the table are in the quarantine of a deployment that was verified."""
    schema, job = quarantined(*runs or [verified(run())])
    names = f"{schema.full_name}.revenue_by_borough", f"{schema.full_name}.{QUARANTINE}"
    rows = dict(zip(names, ([(one,) for one in of] for of in (FOUND, boroughs)), strict=True))
    return evidence((schema, job), rows={name: tuple(of_table) for name, of_table in rows.items()})


def and_deployed(read: Evidence, *later: tuple[Schema, Job]) -> Evidence:
    """The same with other deployments."""
    more = evidence(*later)
    return replace(read, schemas=(*read.schemas, *more.schemas), jobs=(*read.jobs, *more.jobs))


FIRST_PIPELINE = pipeline(dev(), updated(commit=FIRST), columns=OLD)
SECOND_PIPELINE = pipeline(dev(commit=SECOND, minutes=5), updated(), columns=NEW)
TWICE = (FIRST_PIPELINE, SECOND_PIPELINE)


@pytest.mark.parametrize("task", TASKS, ids=lambda one: one.name)
def test_a_task_is_not_done_by_another_student(task: Task) -> None:
    others = evidence(
        own_schema(*(table(name, by=BO) for name in BOTH), of=BO),
        pipeline(dev(of=BO), updated(commit=FIRST), columns=OLD),
        pipeline(dev(of=BO, commit=SECOND), updated(), columns=NEW),
        pipeline(prod(), updated()),
        dev(verified(run()), of=BO, commit=SECOND),
        prod(verified(run(commit=SECOND, by=ROBOT))),
    )

    assert task.check(ADA, others).state is OutcomeState.NOT_YET
    assert task.check(ADA, others).reason == ""


@pytest.mark.parametrize(
    ("task", "read"),
    [
        (BY_HAND, evidence(own_schema(*map(table, BOTH)))),
        (EXPECT, expected(*reversed(AMOUNTS))),
        (TWO_PIPELINES, evidence(*TWICE)),
        # a later deployment that fails does not undo the task
        (TWO_PIPELINES, evidence(*TWICE, pipeline(dev(commit=OTHER, minutes=9), updated("failed")))),
        (PIPELINE_PROD, evidence(*TWICE, pipeline(prod(), updated()))),
        (PIPELINE_PROD, evidence(*TWICE, pipeline(prod(commit=OTHER), updated("failed", OTHER), updated()))),
        (CONTRACT, evidence(dev(verified(run())))),
        (
            CONTRACT,
            evidence(
                dev(verified(run("failed", "verify_inhabitants"))),
                dev(verified(run()), commit=SECOND, minutes=5),
                dev(commit=OTHER, minutes=9),
            ),
        ),
        # a later run of another task that fails does not undo the task
        (CONTRACT, evidence(dev(replace(run("failed", "verify_quality", minutes=5), tasks=("verify_quality",)), verified(run())))),
        (QUALITY, put_aside("EWR", "Unknown")),
        (QUALITY, put_aside("EWR", "Unknown", runs=[verified(run("failed", "verify_quality")), verified(run())][::-1])),
        # a run of another task, and a later deployment that fails, do not undo the task
        (QUALITY, put_aside("EWR", "Unknown", runs=[run("failed", "revenue_by_borough", minutes=5), verified(run())])),
        (QUALITY, and_deployed(put_aside("EWR", "Unknown"), quarantined(verified(run("failed", "verify_quality")), commit=SECOND, minutes=5))),
        (ALL, evidence(dev(commit=SECOND), prod(verified(run(commit=SECOND, by=ROBOT))))),
    ],
)  # fmt: skip
def test_a_task_is_done_when_the_evidence_shows_it(task: Task, read: Evidence) -> None:
    assert task.check(ADA, read).state is OutcomeState.DONE


@pytest.mark.parametrize(
    ("task", "read", "reason", "hint"),
    [
        (BY_HAND, evidence(own_schema(*map(table, BOTH), name="training.ada")), "wrong schema name", "Your pipeline wrote `training.ada.trips_of_boroughs`: which schema did you choose when you created it?"),
        (BY_HAND, evidence(own_schema(table(BOTH[0]))), "only some tables", "`amount_of_boroughs` is missing: which error is in the event log of the last update?"),
        (EXPECT, expected(AMOUNTS[0]), "boroughs missing", "More than the trips without a borough is gone: what did you expect?"),
        (EXPECT, expected(("Bronx", "5800.00"), AMOUNTS[1]), "wrong amounts", "An amount differs: which trips are dropped that should only be counted?"),
        (TWO_PIPELINES, evidence(SECOND_PIPELINE), "first version missing", "The deployment without the change should have tables, too: was it updated, and does it exist?"),
        (TWO_PIPELINES, evidence(FIRST_PIPELINE, pipeline(dev(commit=SECOND, minutes=5), updated(), columns=OLD)), "column missing", "The newest deployment was updated, but its `checked_trips` has no `tip_amount`: what is in your commit?"),
        (TWO_PIPELINES, evidence(FIRST_PIPELINE, pipeline(dev(commit=SECOND, minutes=5), updated("failed"))), "run failed", "In the last run of the pipeline, it failed: open the run and read the first error."),
        (PIPELINE_PROD, evidence(*TWICE, pipeline(prod(run_as=ADA.email), updated())), "runs as a person", "The pipeline in prod runs as a user: which `run_as` does org.yml declare?"),
        (PIPELINE_PROD, evidence(*TWICE, pipeline(prod(), updated("failed"))), "run failed", "In the last run of the pipeline, it failed: open the run and read the first error."),
        (CONTRACT, evidence(dev(verified(run("failed", "verify_inhabitants")))), "contract violated", "`verify_inhabitants` failed: which rule does its output name, and which rows violate it?"),
        (CONTRACT, evidence(dev(verified(run("failed", "revenue_by_borough")))), "run failed", "In the last run of the job, `revenue_by_borough` failed: open the run and read the first error."),
        # the rule was tried on the tables of a run that succeeded
        (QUALITY, put_aside("EWR", "Unknown", runs=[verified(run("failed", "verify_quality", minutes=5)), verified(run())]), "bad rows", "Bad rows fail the run: look at them in quarantine. Should they fail it, or be counted?"),
        (QUALITY, put_aside(), "bad rows missing", "A row of `revenue_by_borough` is outside of the five boroughs and not in quarantine: what does your rule allow?"),
        (QUALITY, put_aside("Unknown"), "bad rows missing", "A row of `revenue_by_borough` is outside of the five boroughs and not in quarantine: what does your rule allow?"),
        (QUALITY, put_aside("EWR", "Queens", "Unknown"), "good rows", "A row of one of the five boroughs is in quarantine: which rule does it violate?"),
        (QUALITY, evidence(quarantined(verified(run("cancelled")))), "run cancelled", "The last run of the job was cancelled: run it again."),
        (ALL, evidence(dev(commit=SECOND), prod(verified(run(commit=SECOND)))), "by hand", "A person started the run that verified your contract in prod: who should start it, and how?"),
        (ALL, evidence(dev(commit=SECOND), prod(verified(run(commit=SECOND, by=ROBOT)), run_as=BO.email)), "runs as a person", "The job in prod runs as a user: which `run_as` does org.yml declare?"),
        (ALL, evidence(dev(commit=SECOND), prod(verified(run("failed", "verify_quality", commit=SECOND, by=ROBOT)))), "run failed", "In the last run of the job, `verify_quality` failed: open the run and read the first error."),
    ],
)  # fmt: skip
def test_a_typical_mistake_is_wrong_with_a_hint(task: Task, read: Evidence, reason: str, hint: str) -> None:
    outcome = task.check(ADA, read)

    assert (outcome.state, outcome.reason, outcome.hint) == (OutcomeState.WRONG, reason, hint)


@pytest.mark.parametrize(
    ("task", "read", "reason", "hint"),
    [
        (BY_HAND, NOTHING, "", "None of the pipeline's tables is in your schema `training.adalovelace` yet."),
        (EXPECT, NOTHING, "", "There is no table `amount_of_boroughs` in your schema yet: do the previous task first."),
        (EXPECT, evidence(own_schema(table("amount_of_boroughs"))), "not readable", "`amount_of_boroughs` exists, but its rows cannot be read now: try again soon."),
        (EXPECT, expected(*AMOUNTS, (None, "3898.61")), "", "A row has no borough: does an expectation drop such trips, or only count them?"),
        (TWO_PIPELINES, NOTHING, "", "The pipeline is not deployed to dev from your branch yet."),
        (TWO_PIPELINES, evidence(pipeline(dev())), "not run", "The pipeline is deployed and has never run: run it."),
        (TWO_PIPELINES, evidence(FIRST_PIPELINE), "", "One commit of yours is deployed: change the notebook, commit, and deploy again."),
        (PIPELINE_PROD, NOTHING, "", "No commit of the pipeline is deployed to dev by you alone, so none can go to prod."),
        (PIPELINE_PROD, evidence(*TWICE), "", "None of your commits in dev has reached the pipeline in prod yet."),
        (PIPELINE_PROD, evidence(*TWICE, pipeline(prod())), "not run", "Your commit is deployed to prod, and its pipeline was not updated since."),
        (CONTRACT, evidence(dev(run())), "", "No run of yours in dev has the task `verify_inhabitants`: where is the contract, and is it deployed?"),
        (QUALITY, evidence(quarantined(verified(run()))), "not readable", "`revenue_by_borough_quarantine` exists, but its rows cannot be read now: try again soon."),
        # a run of another task decides nothing about the rule
        (QUALITY, put_aside("EWR", "Unknown", runs=[run()]), "not verified", "No run has the task `verify_quality`: run the whole job."),
        (QUALITY, evidence(dev(run())), "", "No schema of yours in dev has `revenue_by_borough_quarantine` yet: for which table is your rule?"),
        (ALL, evidence(dev(commit=SECOND), prod(run(commit=SECOND, by=ROBOT))), "", "No run in prod has verified your contract and the quality rules yet."),
    ],
)  # fmt: skip
def test_an_unfinished_task_is_not_yet_done_with_a_hint(task: Task, read: Evidence, reason: str, hint: str) -> None:
    outcome = task.check(ADA, read)

    assert (outcome.state, outcome.reason, outcome.hint) == (OutcomeState.NOT_YET, reason, hint)
