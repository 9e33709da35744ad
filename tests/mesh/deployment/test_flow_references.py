"""References from jobs to jobs of other flows."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from mesh.deployment.stack_order import in_order
from mesh.model.compute_object import Lookup
from tests.mesh.conftest import FLOW, PROJECT, Deployed, Findings

OTHER = "orgs/acme/domains/transport/projects/parking/flows/prep/fines"


def running(*flows: str) -> str:
    """A deployment.yml whose tasks run the jobs of flows."""
    tasks = (f"{{task_key: t{i}, run_job_task: {{flow: {flow}}}}}" for i, flow in enumerate(flows))
    return f"tasks: [{', '.join(tasks)}]"


def flows(**said: str) -> Mapping[str, str]:
    """Flows of the project, by name."""
    return {f"{PROJECT}/flows/prep/{name}/deployment.yml": text for name, text in said.items()}


def test_a_job_of_the_same_stack_is_run_by_reference(deployed: Deployed) -> None:
    mesh = deployed(flows(all=running("prep/revenue")))
    job, revenue = mesh.flow("prep/all").job, mesh.flow("prep/revenue").job
    assert job is not None
    assert revenue is not None
    [task] = job.settings["tasks"]
    assert task["run_job_task"]["job_id"] == Lookup("job", "prep_revenue", {"name": revenue.name})
    assert "flow" not in task["run_job_task"]


@pytest.mark.parametrize("env", ["dev", "prod"])
def test_a_job_of_another_project_is_looked_up_by_its_name(deployed: Deployed, env: str) -> None:
    """That project is deployed first."""
    mesh = deployed({f"{OTHER}/deployment.yml": running("taxinyc/prep/revenue")}, env)
    fines, revenue = mesh.flow("prep/fines").job, mesh.flow("prep/revenue").job
    assert fines is not None
    assert revenue is not None
    assert fines.settings["tasks"][0]["run_job_task"]["job_id"] == Lookup("job", None, {"name": revenue.name})
    parking, taxinyc = mesh.deployments
    assert (parking.runs, taxinyc.runs) == ((taxinyc.stack,), ())
    assert in_order([*mesh.deployments]) == [taxinyc, parking]


def test_a_job_with_a_shared_name_is_run_only_from_its_own_stack(
    findings: Findings, deployed: Deployed
) -> None:
    """Parts of a flow may have equal names, so a lookup by name would be ambiguous."""
    parts = {
        f"{PROJECT}/flows/ml/model/{part}/deployment.yml": text
        for part, text in (("fit", running("model/validation")), ("validation", running("prep/revenue")))
    }
    fit = deployed(parts).flow("ml/model/fit").job
    assert fit is not None
    assert fit.settings["tasks"][0]["run_job_task"]["job_id"].logical_id == "ml_model_validation"
    assert findings({**parts, f"{OTHER}/deployment.yml": running("model/validation")}) == [
        "job-name-shared: the job of `acme/transport/taxinyc/ml/model/validation` has the same name as that of "
        "`acme/transport/taxinyc/ml/model/fit` (give one of them a name in `jobs` of its flow: other "
        "projects look it up by name)"
    ]


def test_an_unknown_flow_or_a_flow_without_a_job_is_reported(findings: Findings) -> None:
    found = findings(flows(all=running("prep/revenu", "prep/empty"), empty=""))
    assert found == [
        "unknown-flow: flow `prep/revenu` with a job is not in the mesh (did you mean `prep/revenue`?)",
        "unknown-flow: flow `prep/empty` with a job is not in the mesh (flows: prep/all, prep/revenue)",
    ]


@pytest.mark.parametrize(
    ("task", "code"),
    [
        ("{task_key: a, run_job_task: {flow: prep/revenue, job_id: 5}}", "conflicting-fields"),
        ("{task_key: a, run_job_task: {job_parameters: {a: b}}}", "missing-field"),
        ("{task_key: a, run_job_task: {flow: 5}}", "wrong-type"),
    ],
)
def test_a_job_is_named_by_flow_or_by_id(findings: Findings, task: str, code: str) -> None:
    assert [one.partition(":")[0] for one in findings(flows(all=f"tasks: [{task}]"))] == [code]


def test_all_cycles_are_reported_with_their_paths(findings: Findings) -> None:
    """Also through for-each tasks, and of a flow with itself."""
    each = "tasks: [{task_key: e, for_each_task: {inputs: '[1]', task: {task_key: i, run_job_task: {flow: prep/a}}}}]"
    cycles = flows(
        a=running("prep/b"), b=running("prep/c"), c=each, self=running("prep/revenue", "prep/self")
    )
    path = "acme/transport/taxinyc/prep"
    assert sorted(findings(cycles)) == [
        f"run-job-cycle: flows run each other's jobs: `{path}/a` → `{path}/b` → `{path}/c` → `{path}/a` "
        "(remove one run_job_task)",
        f"run-job-cycle: flows run each other's jobs: `{path}/self` → `{path}/self` (remove one run_job_task)",
    ]


def test_projects_cannot_wait_for_each_other(findings: Findings) -> None:
    """Even if no flows do: neither project could be deployed first."""
    files = {
        ".brickopscfg/config.yml": 'naming: {job: {prod: "{project}_{flow}", other: "{project}_{flow}"}}',
        **flows(all=running("parking/prep/fines")),
        f"{OTHER}/deployment.yml": "tasks: [{task_key: a, condition_task: {left: '1', op: EQUAL_TO, right: '1'}}]",
        f"{OTHER.replace('fines', 'permits')}/deployment.yml": running("taxinyc/prep/revenue"),
    }
    [wrong] = findings(files)
    assert wrong.startswith(
        "run-job-cycle: projects run each other's jobs, so none can be deployed first: `acme-transport-"
    )


def test_a_cycle_in_one_environment_is_reported_in_that_environment(
    deployed: Deployed, findings: Findings
) -> None:
    over = "environments: {prod: {tasks: [{task_key: back, run_job_task: {flow: prep/all}}]}}"
    files = {
        **flows(all=running("prep/revenue")),
        f"{FLOW}/deployment.yml": f"tasks: [{{task_key: a, serverless: true}}]\n{over}",
    }
    assert deployed(files, "dev").flow("prep/all").job is not None
    [wrong] = findings(files)
    assert wrong.startswith("run-job-cycle: ")
