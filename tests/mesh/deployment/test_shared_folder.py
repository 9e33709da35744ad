"""Code of production in the folder that every user of a workspace may change."""

from __future__ import annotations

import pytest

from mesh.deployment.shared_folder import is_shared
from tests.mesh.conftest import FLOW, PROJECT, RUN_AS, Deployed, Findings

ORG = "orgs/acme/org.yml"
LIBS = {f"{PROJECT}/libs/fares.py": ""}
RUNS = f"run_as: {{service_principal_name: {RUN_AS}}}"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        *(("/Shared", True), ("/Shared/a", True), ("/Workspace/Shared/a", True), ("//Shared/./a", True)),
        *(("/Users/../Shared/a", True), ("/SharedCode/a", False), ("/Users/ola/Shared", False), ("/", False)),
    ],
)
def test_paths_in_the_shared_folder(path: str, expected: bool) -> None:
    assert is_shared(path) is expected


def test_production_without_a_service_principal_may_not_upload_to_the_shared_folder(
    findings: Findings,
) -> None:
    [found] = findings(LIBS)

    assert found.startswith("code-in-shared-folder: `prod` uploads code to /Shared,")
    assert "add `run_as: {service_principal_name: …}`" in found


def test_a_declared_folder_may_not_be_the_shared_folder(findings: Findings) -> None:
    org = f"environments: {{prod: {{{RUNS}, folder: /Workspace/Shared/mesh}}}}"

    [found] = findings({**LIBS, ORG: org})

    assert "(remove `folder`, or name a folder where only the deployer may write)" in found


@pytest.mark.parametrize("env", ["dev", "test", "local"])
def test_other_environments_may_use_the_shared_folder(deployed: Deployed, env: str) -> None:
    org = f"environments: {{{env}: {{folder: /Shared/mesh}}}}"

    assert deployed({**LIBS, ORG: org}, env).deployments


TASK = "{{task_key: a, serverless: true, {}}}"


@pytest.mark.parametrize(
    "text",
    [
        "tasks: [{task_key: a, serverless: true, notebook_task: {notebook_path: /Shared/x, source: WORKSPACE}}]",
        "tasks: [{task_key: a, serverless: true, spark_python_task: {python_file: /Workspace/Shared/x.py}}]",
        "tasks: [{task_key: a, sql_task: {warehouse_id: w, file: {path: /Shared/x.sql, source: WORKSPACE}}}]",
        "tasks: [{task_key: a, existing_cluster_id: c, libraries: [{whl: /Workspace/Shared/x.whl}]}]",
        """
tasks: [{task_key: a, environment_key: e}]
environments: [{environment_key: e, spec: {client: '2', dependencies: ['-r /Workspace/Shared/x.txt']}}]
""",
        """
tasks:
  - task_key: a
    new_cluster:
      spark_version: x
      num_workers: 1
      node_type_id: n
      init_scripts: [{workspace: {destination: /Shared/x.sh}}]
""",
        """
tasks:
  - task_key: a
    for_each_task:
      inputs: '[1]'
      task: {task_key: b, serverless: true, notebook_task: {notebook_path: /Shared/x, source: WORKSPACE}}
""",
        "libraries: [{file: {path: /Workspace/Shared/x.py}}]",
        "libraries: [{glob: {include: /Workspace/Shared/x/**}}]",
    ],
)
def test_code_that_production_runs_may_not_be_in_the_shared_folder(
    deployed: Deployed, findings: Findings, text: str
) -> None:
    org = f"environments: {{prod: {{{RUNS}}}, dev: {{}}}}"
    files = {f"{FLOW}/deployment.yml": text, ORG: org}

    [found] = findings(files)

    assert found.startswith("code-in-shared-folder: `/")
    assert "runs in production, but every user of a workspace may change /Shared" in found
    assert deployed(files, "dev").deployments


def test_parameters_and_logs_may_be_in_the_shared_folder(deployed: Deployed) -> None:
    text = """
parameters: [{name: path, default: /Shared/data}]
tasks:
  - task_key: a
    notebook_task: {notebook_path: a, base_parameters: {path: /Shared/data}}
    new_cluster:
      spark_version: x
      num_workers: 1
      node_type_id: n
      cluster_log_conf: {dbfs: {destination: /Shared/logs}}
"""
    assert deployed({f"{FLOW}/deployment.yml": text}).deployments


SCRIPT = "{num_workers: 1, spark_version: 15.4.x-scala2.12, node_type_id: x, init_scripts: [{workspace: {destination: PATH}}]}"
POLICY = "{definition: {init_scripts.0.workspace.destination: {type: fixed, value: PATH}}}"


@pytest.mark.parametrize("level", ["orgs/acme", "orgs/acme/domains/transport", PROJECT])
@pytest.mark.parametrize(
    "compute",
    [
        f"clusters: {{c: {SCRIPT}}}",
        f"job_clusters: {{nightly: {SCRIPT}}}",
        f"cluster_policies: {{p: {POLICY}}}",
    ],
)
def test_init_scripts_of_production_may_not_be_in_the_shared_folder(
    findings: Findings, deployed: Deployed, level: str, compute: str
) -> None:
    """They run as the principal of the job, with its secrets."""
    task = "tasks: [{task_key: a, job_cluster_key: nightly}]"
    if "job_clusters" not in compute:
        task = "tasks: [{task_key: a, serverless: true}]"
    files = {ORG: f"environments: {{prod: {{{RUNS}}}, dev: {{}}}}", f"{FLOW}/deployment.yml": task}
    shared = {f"{level}/compute.yml": compute.replace("PATH", "/Shared/install.sh")}

    [found] = findings({**files, **shared})
    assert found.startswith("code-in-shared-folder: `/Shared/install.sh` runs in production,")
    deployed({**files, **shared}, "dev")
    deployed({**files, f"{level}/compute.yml": compute.replace("PATH", "/Volumes/a/b/install.sh")})


def test_a_template_that_no_job_of_production_uses_is_no_finding(deployed: Deployed) -> None:
    compute = f"job_clusters: {{nightly: {SCRIPT.replace('PATH', '/Shared/x.sh')}}}"

    deployed({ORG: f"environments: {{prod: {{{RUNS}}}}}", "orgs/acme/compute.yml": compute})
