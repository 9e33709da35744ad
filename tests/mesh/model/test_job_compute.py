"""What the tasks of a job run on: clusters, environments, and what each kind of task needs."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mesh.conftest import PROJECT, Deployed, Findings
from tests.mesh.model.conftest import BESIDE, FILE

INNER = "{task_key: b, max_retries: 1, serverless: true, notebook_task: {notebook_path: a}}"


@pytest.mark.parametrize(
    ("task", "code"),
    [
        ("{task_key: a, condition_task: {left: '1', op: EQUAL_TO, right: '1'}}", None),
        ("{task_key: a, run_job_task: {job_id: 5}}", None),
        ("{task_key: a, pipeline_task: {pipeline_id: p}}", None),
        ("{task_key: a, dashboard_task: {dashboard_id: d}}", None),
        ("{task_key: a, notebook_task: {notebook_path: a, warehouse_id: w}}", None),
        ("{task_key: a, environment_key: libs}", None),
        ("{task_key: a, serverless: true, environment_key: libs}", None),
        ("{task_key: a, python_wheel_task: {package_name: p}}", "task-without-compute"),
        ("{task_key: a, serverless: true, existing_cluster_id: c}", "task-with-two-computes"),
        ("{task_key: a, sql_task: {query: {query_id: q}}}", "missing-field"),
        (
            "{task_key: a, sql_task: {query: {query_id: q}, warehouse_id: w, warehouse_name: w}}",
            "conflicting-fields",
        ),
        ("{task_key: a b, run_job_task: {job_id: 5}}", "wrong-value"),
        ("{task_key: a, run_job_task: {job_id: 5}, pipeline_task: {pipeline_id: p}}", "task-of-two-kinds"),
        ("{task_key: a, serverless: true, notebook_task: {notebook_path: a, source: git}}", "wrong-value"),
        (
            "{task_key: a, serverless: true, notebook_task: {notebook_path: /Workspace/a}}",
            "notebook-outside",
        ),
        ("{task_key: a, condition_task: {left: '1', op: EQUALS, right: '1'}}", "wrong-value"),
        ("{task_key: a, serverless: true, timeout_seconds: -1}", "out-of-range"),
        ("{task_key: a, serverless: true, max_retries: -1}", None),
        ("{task_key: a, serverless: true, max_retries: -2}", "out-of-range"),
        (
            f"{{task_key: a, for_each_task: {{inputs: '[1]', concurrency: 101, task: {INNER}}}}}",
            "out-of-range",
        ),
        ("{task_key: a, new_cluster: {node_type_id: n, num_workers: 1}}", "without-runtime"),
        ("{task_key: a, new_cluster: {policy_name: small, num_workers: 1}}", None),
        ("{task_key: a, job_cluster_key: mien}", "unknown-job-cluster"),
        ("{task_key: a, environment_key: lib}", "unknown-environment-key"),
        (
            "{task_key: a, max_retries: 1, condition_task: {left: '1', op: EQUAL_TO, right: '1'}}",
            "task-not-retried",
        ),
        (f"{{task_key: a, max_retries: 0, for_each_task: {{inputs: '[1]', task: {INNER}}}}}", None),
        (
            f"{{task_key: a, max_retries: 1, for_each_task: {{inputs: '[1]', task: {INNER}}}}}",
            "task-not-retried",
        ),
        ("{task_key: a, job_cluster_key: mine}", None),
    ],
)
def test_a_task_needs_what_its_kind_needs(
    deployed: Deployed, findings: Findings, task: str, code: str | None
) -> None:
    text = (
        "job_clusters: [{job_cluster_key: mine, new_cluster: {node_type_id: n, num_workers: 1, spark_version: 15.4.x-scala2.12}}]\n"
        f"environments: [{{environment_key: libs}}]\ntasks: [{task}]\n"
    )
    if code is None:
        assert deployed({FILE: text}).flow("prep/revenue").job is not None
    else:
        assert [one.partition(":")[0] for one in findings({FILE: text})] == [code]


def test_a_job_cluster_of_the_file_overrides_the_template_with_its_key(job: Any) -> None:
    """It may have the fields of a template."""
    text = (
        "job_clusters: [{job_cluster_key: small, new_cluster: {policy_name: cheap, num_workers: 3}}]\n"
        "tasks:\n- {task_key: a, job_cluster_key: small}\n- {task_key: b, job_cluster_key: big, notebook_task: {notebook_path: a}}"
    )
    template = "{node_type_id: n, num_workers: 1, spark_version: s}"
    made = job(text, **{f"{PROJECT}/compute.yml": f"job_clusters: {{small: {template}, big: {template}}}"})
    own, templated = made.settings["job_clusters"]
    assert (own["job_cluster_key"], own["new_cluster"]["num_workers"]) == ("small", 3)
    assert str(own["new_cluster"]["policy_id"]) == "id of cluster policy cheap"
    assert (templated["job_cluster_key"], templated["new_cluster"]["num_workers"]) == ("big", 1)


@pytest.mark.parametrize(
    "text",
    [
        "job_clusters: [{job_cluster_key: m, new_cluster: {node_type_id: n, spark_version: v}}, {job_cluster_key: m, new_cluster: {node_type_id: n, spark_version: v}}]",
        "environments: [{environment_key: m}, {environment_key: m}]",
    ],
)
def test_duplicate_keys_are_findings(findings: Findings, text: str) -> None:
    [wrong] = findings({FILE: f"{text}\ntasks: [{{task_key: a, serverless: true}}]"})
    assert wrong.startswith("key-twice: `m` is declared twice in")


WITHOUT_ENVIRONMENT = """
tasks:
- {task_key: d, serverless: true, dbt_task: {project_directory: models, commands: [dbt run], warehouse_id: w}}
- task_key: e
  for_each_task: {inputs: "[1]", task: {task_key: i, serverless: true, spark_python_task: {python_file: load.py}}}
- {task_key: n, serverless: true, notebook_task: {notebook_path: a}}
- {task_key: w, serverless: true, python_wheel_task: {package_name: taxi, entry_point: main}}
- {task_key: x, job_cluster_key: common-job-cluster, spark_python_task: {python_file: load.py}}
"""


def test_serverless_python_wheels_and_dbt_get_an_environment(job: Any) -> None:
    """Databricks requires one for them, not for notebooks."""
    made = job(WITHOUT_ENVIRONMENT, **BESIDE).settings
    d, e, n, w, x = made["tasks"]

    dbt = {"environment_version": "4", "dependencies": ["dbt-databricks>=1.8.0,<2.0.0"]}
    assert made["environments"] == [
        {"environment_key": "dbt", "spec": dbt},
        {"environment_key": "default", "spec": {"environment_version": "4"}},
    ]
    inner = e["for_each_task"]["task"]
    assert [one.get("environment_key") for one in (d, inner, n, w, x)] == [
        "dbt",
        "default",
        None,
        "default",
        None,
    ]


def test_a_declared_environment_is_not_replaced(job: Any) -> None:
    """Neither one that a task names, nor one with the name of the default."""
    declared = {"environment_key": "default", "spec": {"environment_version": "3", "dependencies": ["numpy"]}}
    text = (
        "environments: [{environment_key: default, spec: {environment_version: '3', dependencies: [numpy]}}]\n"
        "tasks:\n"
        "- {task_key: p, serverless: true, spark_python_task: {python_file: load.py}}\n"
        "- {task_key: q, environment_key: default, spark_python_task: {python_file: load.py}}\n"
    )
    made = job(text, **BESIDE).settings

    assert made["environments"] == [declared]
    assert [task["environment_key"] for task in made["tasks"]] == ["default", "default"]
