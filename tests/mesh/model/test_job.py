"""Jobs in deployment.yml: fields are passed on unchanged, except those that the mesh sets."""

from __future__ import annotations

from typing import Any

import pytest

from mesh.deployment.job import Job
from mesh.errors import MeshError
from mesh.model.code import WorkspaceCode
from tests.mesh.conftest import FLOW, PROJECT, Deployed, Findings

FILE = f"{FLOW}/deployment.yml"
HEARD = "{on_failure: [team@acme.example]}"
CALLED = "{on_failure: [{id: hook}]}"
INNER = "{task_key: b, max_retries: 1, serverless: true, notebook_task: {notebook_path: a}}"
STARTS = {
    "schedule": "{quartz_cron_expression: 0 0 1 * * ?, timezone_id: UTC}",
    "trigger": "{periodic: {interval: 1, unit: DAYS}}",
    "continuous": "{task_retry_mode: NEVER}",
}
NOTIFIED = f"""
email_notifications: {HEARD}
webhook_notifications: {CALLED}
tasks:
- {{task_key: a, serverless: true, email_notifications: {HEARD}, webhook_notifications: {CALLED}}}
- task_key: each
  email_notifications: {HEARD}
  for_each_task:
    inputs: "[1]"
    task: {{task_key: b, serverless: true, notebook_task: {{notebook_path: a}}, email_notifications: {HEARD}}}
"""


@pytest.fixture
def job(deployed: Deployed) -> Any:
    """The job of one deployment.yml, with other files."""

    def of(text: str, env: str = "prod", **files: str) -> Job:
        made = deployed({FILE: text, **files}, env).flow("prep/revenue").job
        assert made is not None
        return made

    return of


def test_all_errors_of_a_job_are_reported_at_once_at_any_depth(deployed: Deployed) -> None:
    """Unknown names, wrong types and missing fields, each with line and remedy."""
    text = (
        "tasks:\n"
        "- task_key: a\n"
        "  sql_task:\n"
        "    warehouse_id: w\n"
        "    alert:\n"
        "      alert_id: x\n"
        "      subscriptions:\n"
        "      - {user_nam: ola@acme.example}\n"
        "queue: {}\n"
        "health: {rules: [{metric: RUN_DURATION_SECONDS, op: GREATER_THAN, value: '60'}]}\n"
        "job_clusters:\n"
        "- job_cluster_key: mine\n"
        "  new_cluster: {num_workers: 1, node: {min_cores: four}, spark_version: 15.4.x-scala2.12}\n"
        "- job_cluster_key: other\n"
        "  new_cluster: {num_workers: 1, node: {min_cores: -1}, spark_version: 15.4.x-scala2.12}\n"
    )
    with pytest.raises(MeshError) as caught:
        deployed({FILE: text})
    assert [str(one).removeprefix(FILE) for one in caught.value.findings] == [
        ":8:10: unknown field `user_nam` in subscriptions (did you mean `user_name`?)",
        ":9:8: `enabled` is missing in queue (add it)",
        ':10:74: `value` is `"60"`: should be a number',
        ':13:51: `min_cores` is `"four"`: should be a number',
        ":15:51: `min_cores` is `-1`: should be greater than or equal to 0",
    ]


def test_in_development_notifications_are_dropped(job: Any) -> None:
    """All notifications of the job and of each task."""
    dev, prod = job(NOTIFIED, "dev").settings, job(NOTIFIED).settings

    assert "notifications" not in str(dev)
    assert str(prod).count("notifications") == 6
    assert prod["tasks"][1]["for_each_task"]["task"]["email_notifications"] == {
        "on_failure": ["team@acme.example"]
    }


@pytest.mark.parametrize("name", STARTS)
def test_in_development_triggers_are_paused(job: Any, name: str) -> None:
    text = f"{name}: {STARTS[name]}{NOTIFIED}"
    assert job(text, "dev").settings[name]["pause_status"] == "PAUSED"
    assert "pause_status" not in job(text).settings[name]


@pytest.mark.parametrize("name", STARTS)
def test_an_explicit_pause_status_is_kept_in_development(job: Any, name: str) -> None:
    text = f"{name}: {STARTS[name].replace('{', '{pause_status: UNPAUSED, ', 1)}{NOTIFIED}"
    assert job(text, "dev").settings[name]["pause_status"] == "UNPAUSED"


FILES_OF_TASKS = """
tasks:
- {task_key: p, serverless: true, spark_python_task: {python_file: load.py}}
- {task_key: s, sql_task: {file: {path: sql/load.sql}, warehouse_id: w}}
- {task_key: d, serverless: true, dbt_task: {project_directory: models, commands: [dbt run]}}
- task_key: e
  for_each_task:
    inputs: "[1]"
    task: {task_key: i, serverless: true, spark_python_task: {python_file: load.py}}
"""
BESIDE = {f"{FLOW}/load.py": "", f"{FLOW}/sql/load.sql": "", f"{FLOW}/models/dbt_project.yml": ""}


@pytest.mark.parametrize("env", ["prod", "local"])
def test_files_of_every_kind_of_task_are_beside_the_deployment(job: Any, env: str) -> None:
    """In git or in the uploaded folder."""
    p, s, d, e = job(FILES_OF_TASKS, env, **BESIDE).settings["tasks"]
    inner = e["for_each_task"]["task"]
    source = "GIT" if env == "prod" else "WORKSPACE"
    found = (
        p["spark_python_task"]["python_file"],
        s["sql_task"]["file"]["path"],
        d["dbt_task"]["project_directory"],
    )

    assert [path.partition(FLOW)[1:] for path in found] == [
        (FLOW, "/load.py"),
        (FLOW, "/sql/load.sql"),
        (FLOW, "/models"),
    ]
    assert found[0].startswith(FLOW) == (env == "prod")
    assert inner["spark_python_task"] == p["spark_python_task"]
    assert {p["spark_python_task"]["source"], s["sql_task"]["file"]["source"], d["dbt_task"]["source"]} == {
        source
    }


def test_files_of_tasks_must_exist(findings: Findings) -> None:
    missing = findings({FILE: FILES_OF_TASKS})
    assert [one.partition(" (")[0] for one in missing] == [
        f"notebook-missing: Python file `{FLOW}/load.py` does not exist",
        f"notebook-missing: SQL file `{FLOW}/sql/load.sql` does not exist",
        f"notebook-missing: dbt project `{FLOW}/models` does not exist",
        f"notebook-missing: Python file `{FLOW}/load.py` does not exist",
    ]


def test_a_folder_in_place_of_a_file_is_a_finding(findings: Findings) -> None:
    text = FILES_OF_TASKS.replace("sql/load.sql", "models")
    [wrong] = findings({FILE: text, **BESIDE})
    assert wrong.startswith(f"notebook-missing: SQL file `{FLOW}/models` is not a file")


@pytest.mark.parametrize("path", ["s3://bucket/load.py", "dbfs:/load.py", "/Workspace/Code/load.py"])
def test_paths_of_files_outside_the_mesh_are_unchanged(job: Any, path: str) -> None:
    text = f"tasks: [{{task_key: p, serverless: true, spark_python_task: {{python_file: '{path}'}}}}]"
    [task] = job(text).settings["tasks"]
    source = {"source": "WORKSPACE"} if path.startswith("/") else {}
    assert task["spark_python_task"] == {"python_file": path, **source}


@pytest.mark.parametrize("path", ["/Workspace/Code/load", "/Users/ola@acme.example/load"])
@pytest.mark.parametrize(
    ("task", "block"),
    [
        ("serverless: true, spark_python_task: {python_file: PATH}", ("spark_python_task",)),
        ("sql_task: {file: {path: PATH}, warehouse_id: w}", ("sql_task", "file")),
        (
            "serverless: true, dbt_task: {project_directory: PATH, commands: [dbt run], warehouse_id: w}",
            ("dbt_task",),
        ),
    ],
)
def test_a_workspace_path_beside_git_code_names_its_source(
    job: Any, task: str, block: tuple[str, ...], path: str
) -> None:
    """Without it, Databricks looks for SQL files and dbt projects in the repository."""
    text = f"tasks: [{{task_key: t, {task.replace('PATH', path)}}}]"

    def source(env: str) -> Any:
        [settings] = job(text, env).settings["tasks"]
        for step in block:
            settings = settings[step]
        return settings.get("source")

    assert (source("prod"), source("local")) == ("WORKSPACE", None)


DBT = "tasks: [{{task_key: d, serverless: true, dbt_task: {{commands: [dbt run], {}}}}}]"


@pytest.mark.parametrize("warehouse", ["warehouse_id: w", "warehouse_name: w"])
def test_dbt_on_a_warehouse_writes_to_the_schema_of_its_flow(job: Any, warehouse: str) -> None:
    """Databricks' default is the schema `default`; what the file names wins."""

    def target(text: str) -> list[str | None]:
        [task] = job(DBT.format(text)).settings["tasks"]
        return [task["dbt_task"].get("catalog"), task["dbt_task"].get("schema")]

    assert target(warehouse) == ["transport", "revenue"]
    assert target(f"{warehouse}, schema: other") == ["transport", "other"]
    assert target(f"{warehouse}, catalog: lake") == ["lake", None]
    assert target("source: WORKSPACE") == [None, None]


def test_the_profiles_of_dbt_are_beside_the_deployment(job: Any, findings: Findings) -> None:
    text = DBT.format("project_directory: models, profiles_directory: profiles")
    files = {f"{FLOW}/models/dbt_project.yml": "", f"{FLOW}/profiles/profiles.yml": ""}
    for env, place in (("prod", FLOW), ("local", f"/{FLOW}")):
        [task] = job(text, env, **files).settings["tasks"]
        assert task["dbt_task"]["profiles_directory"].endswith(f"{place}/profiles")
    wrong = files | {FILE: text.replace("profiles}", "other}")}
    assert findings(wrong) == [
        f"notebook-missing: dbt profiles folder `{FLOW}/other` does not exist (add it, or correct the name)"
    ]
    empty = text.replace("models", "empty").replace("profiles}", "other}")
    wrong = {f"{FLOW}/empty/readme.md": "", f"{FLOW}/other/readme.md": "", FILE: empty}
    assert [one.partition(" (")[0] for one in findings(wrong)] == [
        f"notebook-missing: dbt project `{FLOW}/empty` has no dbt_project.yml, which dbt looks for there",
        f"notebook-missing: dbt profiles folder `{FLOW}/other` has no profiles.yml, which dbt looks for there",
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            "warehouse_name: w, profiles_directory: /Workspace/p",
            "conflicting-fields: `dbt_task` has profiles_directory and warehouse_name (keep one)",
        ),
        (
            "catalog: lake",
            "missing-field: `catalog` needs warehouse_id or warehouse_name (add it, or remove `catalog`)",
        ),
    ],
)
def test_fields_of_dbt_that_databricks_refuses_together(
    findings: Findings, fields: str, expected: str
) -> None:
    """Databricks SDK, `jobs.DbtTask`."""
    assert findings({FILE: DBT.format(fields)}) == [expected]


def test_files_that_tasks_run_outside_the_project_are_inputs(deployed: Deployed) -> None:
    """A change of such a file is a change of the project."""
    text = "tasks: [{task_key: p, serverless: true, spark_python_task: {python_file: tools/load.py, source: GIT}}]"
    mesh = deployed({FILE: text, "tools/load.py": ""})
    assert "tools/load.py" in mesh.deployments[0].inputs


def test_a_workspace_gets_the_files_of_tasks(deployed: Deployed) -> None:
    [one] = deployed({FILE: FILES_OF_TASKS, **BESIDE}, "local").deployments
    assert isinstance(one.code, WorkspaceCode)
    paths = {file.path for file in one.code.files}
    assert {f"{one.code.folder}/{path}" for path in BESIDE} <= paths


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


def test_only_a_condition_has_an_outcome(deployed: Deployed, findings: Findings) -> None:
    """The finding is at the task that waits for the outcome."""
    condition = "{task_key: c, condition_task: {left: '1', op: EQUAL_TO, right: '1'}}"
    text = (
        f"tasks:\n- {condition}\n- {{task_key: a, serverless: true}}\n"
        "- {task_key: b, serverless: true, notebook_task: {notebook_path: a}, depends_on: [{task_key: %s, outcome: 'true'}]}\n"
    )
    assert deployed({FILE: text % "c"}).flow("prep/revenue").job is not None
    assert findings({FILE: text % "a"}) == [
        "outcome-without-condition: task `a` has no outcome, because it is not a condition_task (remove `outcome`)"
    ]
    assert findings({FILE: text.replace("'true'", "'yes'") % "c"}) == [
        'wrong-value: a condition ends with `"true"` or `"false"`, never `yes` (write one of them)'
    ]


def test_a_setting_of_a_level_above_may_not_break_a_rule_of_the_job(findings: Findings) -> None:
    """The message says where it is set."""
    text = "continuous: {}\ncontrol_run_state: true\ntasks: [{task_key: a, serverless: true}]"
    assert findings({FILE: text, "orgs/acme/defaults.yml": "max_concurrent_runs: 2"}) == [
        "conflicting-fields: `control_run_state` needs `max_concurrent_runs: 1`, but orgs/acme/defaults.yml:1 "
        "sets 2 (set it to 1)"
    ]


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


def test_a_git_source_of_this_repository_is_pinned_and_another_is_kept(job: Any, findings: Findings) -> None:
    """A job reads code from one repository only."""
    text = "git_source: {{git_url: '{}', git_provider: gitHub, git_branch: main}}\ntasks: [{}]"
    ours = job(text.format("https://github.com/acme/mesh.git", "{task_key: a, serverless: true}"))
    assert ours.settings["git_source"]["git_commit"] == "c" * 40
    task = "{task_key: a, serverless: true, notebook_task: {notebook_path: train, source: GIT}}"
    theirs = job(text.format("https://github.com/acme/models", task))
    assert theirs.settings["git_source"]["git_branch"] == "main"
    assert theirs.settings["tasks"][0]["notebook_task"] == {"notebook_path": "train", "source": "GIT"}
    [wrong] = findings(
        {FILE: text.format("https://github.com/acme/models", "{task_key: a, serverless: true}")}
    )
    assert wrong.startswith("not-in-git-source: ")


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


def test_a_secret_in_a_job_is_a_finding(findings: Findings) -> None:
    """A reference to a secret is not."""
    cluster = "{node_type_id: n, spark_version: v, docker_image: {url: u, basic_auth: {username: a, password: hunter2}}}"
    [wrong] = findings({FILE: f"tasks: [{{task_key: a, new_cluster: {cluster}}}]"})
    assert wrong.startswith("secret-in-yaml: ")


def test_a_file_of_comments_has_nothing_to_deploy(deployed: Deployed) -> None:
    assert deployed({FILE: "# later\n"}).flow("prep/revenue").job is None


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
