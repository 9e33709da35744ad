"""The evidence that tasks are checked against."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mesh.workshop.course.evidence import Schema, Table, is_person
from tests.support.classroom import (
    ADA,
    BO,
    CATALOG,
    FIRST,
    FLOW,
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


def test_a_table_without_contributors_counts_as_written_by_the_student() -> None:
    assert Table("t").is_written_by(ADA)
    assert table("t").is_written_by(ADA)
    assert not table("t", by=BO).is_written_by(ADA)


def test_the_last_run_is_the_newest_that_has_ended() -> None:
    running, failed, succeeded = run("running"), run("failed"), run()

    assert dev(running, failed, succeeded)[1].last_run == failed
    assert dev(running)[1].last_run == running
    assert dev()[1].last_run is None


def test_names_of_a_deployment_are_compared_with_the_templates() -> None:
    [deployment] = evidence(dev()).deployments(ADA, FLOW)
    wrong_tag = replace(deployment, job=replace(dev()[1], tags={"deployment": "dev_x"}))

    assert deployment.has_expected_names(ADA, "revenue")
    assert not deployment.has_expected_names(BO, "revenue")
    assert not deployment.has_expected_names(ADA, "costs")
    assert not wrong_tag.has_expected_names(ADA, "revenue")


def test_deployments_are_the_students_own_and_the_newest_first() -> None:
    deployments = evidence(
        dev(), dev(commit=SECOND, minutes=5), dev(commit=OTHER, env="test"), dev(of=BO)
    ).deployments(ADA, FLOW)

    assert [each.commit for each in deployments] == [SECOND, FIRST]


def test_an_interrupted_deployment_has_a_schema_and_no_job() -> None:
    [deployment] = evidence(dev()[0]).deployments(ADA, FLOW)

    assert (deployment.commit, deployment.job) == (FIRST, None)


def test_commits_that_another_user_has_deployed_are_not_exclusive() -> None:
    both = evidence(dev(), dev(commit=SECOND), dev(of=BO))

    assert both.exclusive_commits(ADA, FLOW) == {SECOND}
    assert both.exclusive_commits(BO, FLOW) == set()


def test_misplaced_tables_are_the_students_tables_in_other_schemas() -> None:
    read = evidence(
        own_schema(table("trips")),
        own_schema(table("Trips"), table("other"), name="training.default"),
        own_schema(table("trips", by=BO), of=BO),
        dev(columns=("amount",)),
    )

    assert read.misplaced_tables(ADA, ["trips", "revenue_by_borough"]) == ["training.default.Trips"]


def test_a_student_table_is_in_the_students_schema_and_written_by_the_student() -> None:
    read = evidence(own_schema(table("trips"), table("copied", by=BO)))

    assert read.student_table(ADA, "trips") == table("trips")
    assert read.student_table(ADA, "copied") is None
    assert read.student_table(BO, "trips") is None


def test_production_jobs_have_the_tag_of_prod() -> None:
    read = evidence(dev(), prod())

    assert [job.schema for job in read.production_jobs(FLOW)] == [f"{CATALOG}.revenue"]
    assert read.production_jobs("acme/x/y/prep/revenue") == []


def test_schemas_are_found_in_any_case() -> None:
    assert evidence(Schema("training.Data")).schema("Training.data") == Schema("training.Data")


def test_a_service_principal_is_not_a_person() -> None:
    assert is_person(ADA.email)
    assert not is_person(ROBOT)
