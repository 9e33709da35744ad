"""Jobs of a bundle as flows."""

from __future__ import annotations

from tests.mesh.commands.import_bundle.conftest import JOB, Importer


def test_a_notebook_without_compute_is_serverless(imported: Importer) -> None:
    """As in a bundle."""
    assert imported(JOB).flow() == {
        "tasks": [{"task_key": "load", "notebook_task": {"notebook_path": "load"}, "serverless": True}]
    }


def test_names_and_what_the_deployment_sets_are_left_out(imported: Importer) -> None:
    text = JOB.replace(
        "load:\n",
        "load:\n      name: load ${bundle.target}\n      parameters: [{name: schema, default: x}, {name: git_commit, default: y}, {name: a, default: 1}]\n",
    )

    made = imported(text)

    assert made.flow()["parameters"] == [{"name": "a", "default": 1}]
    assert "name" not in made.flow()
    assert [one.split(" (")[0] for one in made.remarks] == [
        "6: changed: parameter `schema`", "6: changed: parameter `git_commit`",
    ]  # fmt: skip


def test_a_parameter_of_a_task_cannot_override_the_catalog(imported: Importer) -> None:
    made = imported(JOB.replace("load.py}", "load.py, base_parameters: {catalog: main, day: x}}"))

    assert made.task()["notebook_task"]["base_parameters"] == {"day": "x"}
    assert "`catalog` (the deployment sets the job parameter of this name" in made.remarks[0]


def test_with_a_git_source_paths_are_those_of_that_repository(imported: Importer) -> None:
    git = "git_source: {git_url: 'https://github.com/a/b', git_provider: gitHub, git_branch: main}"

    made = imported(JOB.replace("load:\n", f"load:\n      {git}\n"))

    assert made.task()["notebook_task"] == {"notebook_path": "load.py", "source": "GIT"}
    assert made.code == []


def test_a_path_in_the_workspace_stays(imported: Importer) -> None:
    made = imported(JOB.replace("load.py", "/Shared/load"))

    assert made.task()["notebook_task"] == {"notebook_path": "/Shared/load", "source": "WORKSPACE"}


def test_presets_hold_where_a_job_says_nothing(imported: Importer) -> None:
    schedule = "schedule: {quartz_cron_expression: 0 0 6 * * ?, timezone_id: UTC}"
    presets = "presets: {jobs_max_concurrent_runs: 4, trigger_pause_status: PAUSED}\n"

    flow = imported(presets + JOB.replace("load:\n", f"load:\n      {schedule}\n")).flow()

    assert flow["max_concurrent_runs"] == 4
    assert flow["schedule"]["pause_status"] == "PAUSED"


def test_the_task_of_a_loop_is_a_task(imported: Importer) -> None:
    text = JOB.replace(
        "notebook_task: {notebook_path: load.py}",
        "for_each_task: {inputs: '[1]', task: {task_key: i, notebook_task: {notebook_path: load.py}}}",
    )

    loop = imported(text).task()

    assert loop["for_each_task"]["task"] == {
        "task_key": "i", "notebook_task": {"notebook_path": "load"}, "serverless": True,
    }  # fmt: skip
    assert "serverless" not in loop


def test_ids_of_resources_are_names_of_the_mesh(imported: Importer) -> None:
    text = """\
resources:
  clusters: {big: {cluster_name: big one, spark_version: 15.4.x-scala2.12, num_workers: 1, node_type_id: n}}
  sql_warehouses: {w: {name: w, cluster_size: Small, permissions: [{level: CAN_USE, group_name: users}]}}
  pipelines: {fill: {libraries: [{notebook: {path: load}}]}}
  jobs:
    other: {tasks: [{task_key: a, existing_cluster_id: "${resources.clusters.big.id}", notebook_task: {notebook_path: load}}]}
    load:
      tasks:
      - {task_key: a, run_job_task: {job_id: "${resources.jobs.other.id}"}}
      - {task_key: b, pipeline_task: {pipeline_id: "${resources.pipelines.fill.id}"}}
      - {task_key: c, sql_task: {warehouse_id: "${resources.sql_warehouses.w.id}", file: {path: c.sql}}}
"""
    made = imported(text, {"c.sql": "select 1;\n"})
    tasks = made.flow()["tasks"]

    assert tasks[0]["run_job_task"] == {"flow": "acme/sales/orders/prep/other"}
    assert tasks[1]["pipeline_task"] == {"flow": "acme/sales/orders/prep/fill"}
    assert tasks[2]["sql_task"]["warehouse_name"] == "w"
    assert made.task("other")["existing_cluster_name"] == "big"
    assert made.yaml("compute.yml") == {
        "clusters": {"big": {"spark_version": "15.4.x-scala2.12", "num_workers": 1, "node_type_id": "n"}},
        "sql_warehouses": {
            "w": {
                "cluster_size": "Small",
                "permissions": [{"permission_level": "CAN_USE", "group_name": "users"}],
            }
        },
    }


def test_a_parameter_that_names_own_data_is_in_the_tasks(imported: Importer) -> None:
    """The default of a job parameter cannot refer to another parameter."""
    text = """\
resources:
  schemas: {s: {catalog_name: main, name: sales}}
  jobs:
    load:
      parameters: [{name: table, default: "${resources.schemas.s.name}.orders"}]
      tasks:
      - {task_key: a, notebook_task: {notebook_path: load}}
      - {task_key: b, spark_python_task: {python_file: b.py, parameters: ["-t", "{{job.parameters.table}}"]}}
"""
    made = imported(text, {"b.py": "print(1)\n"})
    first, second = made.flow()["tasks"]

    assert "parameters" not in made.flow()
    assert first["notebook_task"]["base_parameters"] == {"table": "{{job.parameters.schema}}.orders"}
    assert second["spark_python_task"]["parameters"] == ["-t", "{{job.parameters.schema}}.orders"]
    assert made.remarks == [
        "5: changed: parameter `table` (in the tasks, as {{job.parameters.schema}}.orders)"
    ]


def test_a_default_that_only_a_bundle_can_compute_is_empty(imported: Importer) -> None:
    text = JOB.replace(
        "load:\n", "load:\n      parameters: [{name: home, default: '${workspace.root_path}'}]\n"
    )

    made = imported(text)

    assert made.flow()["parameters"] == [{"name": "home", "default": ""}]
    assert made.remarks[0].startswith("5: not taken: `home` contains `${workspace.root_path}`")


def test_what_is_not_taken_need_not_have_a_value(imported: Importer) -> None:
    assert imported(JOB.replace("load:\n", "load:\n      name: ${var.unknown}\n")).remarks == []
