"""A flow in a deployment."""

from __future__ import annotations

from dataclasses import astuple

from mesh.deployment.flow import FlowDeployment, entry_renames
from tests.mesh.conftest import FLOW, PRODUCTION, Deployed

FILE = f"{FLOW}/deployment.yml"
TASKS = "tasks: [{task_key: a, serverless: true}]"
PIPELINE = "libraries: [{notebook: {path: ./a}}]"


def flow(deployed: Deployed, text: str) -> FlowDeployment:
    return deployed({**PRODUCTION, FILE: f"{text}\n"}).flow("prep/revenue")


def renames(deployed: Deployed, text: str) -> list[tuple[str, str, str]]:
    [scope] = deployed({**PRODUCTION, FILE: f"renamed_from: income\n{text}\n"}).scopes
    return [astuple(rename) for rename in entry_renames(scope.project.flows[0])]


def test_the_first_job_is_the_job_of_the_flow(deployed: Deployed) -> None:
    jobs = f"jobs: [{{name: hourly, {TASKS}}}, {{name: nightly, {TASKS}}}]"
    two = flow(deployed, jobs)

    assert [job.id for job in two.jobs] == ["prep_revenue_hourly", "prep_revenue_nightly"]
    assert two.job is two.jobs[0]
    assert flow(deployed, "schemas: [revenue]").job is None


def test_all_jobs_include_the_job_that_starts_a_pipeline(deployed: Deployed) -> None:
    schedule = "schedule: {quartz_cron_expression: 0 0 6 * * ?, timezone_id: UTC}"
    scheduled = flow(deployed, f"{PIPELINE}\n{schedule}")

    assert scheduled.jobs == ()
    assert scheduled.all_jobs == (scheduled.pipelines[0].schedule,)
    assert flow(deployed, PIPELINE).all_jobs == ()


def test_each_entry_of_a_renamed_flow_keeps_its_resources(deployed: Deployed) -> None:
    assert renames(deployed, f"jobs: [{{name: nightly, {TASKS}}}]") == [
        ("job", "prep_income_nightly", "prep_revenue_nightly"),
        ("permissions", "prep_income_nightly", "prep_revenue_nightly"),
    ]
    assert renames(deployed, PIPELINE) == [
        ("job", "prep_income", "prep_revenue"),
        ("permissions", "prep_income", "prep_revenue"),
        ("pipeline", "prep_income", "prep_revenue"),
        ("permissions", "pipeline_prep_income", "pipeline_prep_revenue"),
    ]


def test_a_renamed_flow_without_a_job_may_have_had_one(deployed: Deployed) -> None:
    assert renames(deployed, "schemas: [revenue]") == [
        ("job", "prep_income", "prep_revenue"),
        ("permissions", "prep_income", "prep_revenue"),
    ]
    assert flow(deployed, "schemas: [revenue]").renames == ()
