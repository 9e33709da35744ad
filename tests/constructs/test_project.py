"""A project: all its flows, data objects and compute, in one state."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from datamesh.project import Project
from mesh.deployment.compute import ComputeObjects
from mesh.deployment.deployment import Deployment
from mesh.deployment.identity import Identity
from mesh.deployment.job import Job
from mesh.model.backend import Backend
from mesh.model.cluster_policy import ClusterPolicy
from mesh.model.code import CodeFile, GitCode, WorkspaceCode
from mesh.model.compute_object import Lookup
from mesh.model.environment import Environment
from mesh.model.experiment import Experiment
from tests.constructs.test_flow import FLOW
from tests.constructs.test_schema import SCHEMA
from tests.constructs.test_volume import LANDING

GIT = GitCode("https://git.example.com/acme/mesh", "c0ffee", "")
FILES = WorkspaceCode("/x", (CodeFile("load", Path("load.py"), "/x/load", "PYTHON", b"1"),))
SMALL = Lookup("cluster_policy", "small")
CLUSTERS = [{"job_cluster_key": "a", "new_cluster": {"spark_version": "x", "policy_id": SMALL}}]
JOB = Job("load", "load", {"name": "load", "job_clusters": CLUSTERS})
PROJECT = Deployment(
    org="acme",
    domain="transport",
    project="taxinyc",
    path="acme/transport/taxinyc",
    owner=None,
    environment=Environment("prod"),
    identity=Identity(),
    stack="acme-transport-taxinyc-prod",
    state_key="acme/transport/taxinyc/prod",
    backend=Backend("s3", {"bucket": "states", "key": "acme/transport/taxinyc/prod"}),
    foundations=(),
    code=GIT,
    uploads=None,
    libs=None,
    inputs=(),
    flows=(replace(FLOW, jobs=(JOB,), pipelines=()),),
    volumes=(LANDING,),
    registered_models=(),
    compute=ComputeObjects(cluster_policies=(ClusterPolicy("small", "small", {"definition": "{}"}),)),
)


def test_volumes_and_jobs_refer_to_schemas_and_compute_of_the_same_project(synth) -> None:
    stack = synth(lambda scope: Project(scope, PROJECT))

    resources = stack["resource"]
    assert stack.keys() == {"resource"}
    assert resources["databricks_volume"]["prep_revenue_landing"]["schema_name"] == (
        "${databricks_schema.prep_revenue.name}"
    )
    assert resources["databricks_job"]["load"] == {
        "name": "load",
        "job_cluster": [
            {
                "job_cluster_key": "a",
                "new_cluster": {
                    "spark_version": "x",
                    "policy_id": "${databricks_cluster_policy.small.id}",
                },
            }
        ],
        "depends_on": ["databricks_schema.prep_revenue"],
    }


def test_jobs_that_run_files_of_the_workspace_wait_for_them(synth) -> None:
    resources = synth(lambda scope: Project(scope, replace(PROJECT, code=FILES, uploads=FILES)))["resource"]

    assert resources["databricks_notebook"]["load"]["path"] == "/x/load"
    assert resources["databricks_job"]["load"]["depends_on"] == [
        "databricks_schema.prep_revenue",
        "databricks_notebook.load",
    ]


def test_jobs_from_git_wait_for_files_only_where_flows_share_code(synth) -> None:
    """Shared code is always in the workspace, because jobs import it from there."""
    waits = {
        libs: synth(lambda scope, libs=libs: Project(scope, replace(PROJECT, uploads=FILES, libs=libs)))[
            "resource"
        ]["databricks_job"]["load"]["depends_on"]
        for libs in (None, "/x/libs")
    }

    assert waits == {
        None: ["databricks_schema.prep_revenue"],
        "/x/libs": ["databricks_schema.prep_revenue", "databricks_notebook.load"],
    }


def test_only_the_flow_that_declares_an_experiment_waits_for_it(synth) -> None:
    experiment = Experiment("prep_revenue", FLOW.path, "/x/experiments", "/x/experiments/revenue", {})
    other = replace(
        FLOW, id="other", path="other", schemas=(), pipelines=(), jobs=(replace(JOB, id="other"),)
    )
    declaring = replace(FLOW, jobs=(JOB,), pipelines=(), experiment=experiment)
    project = replace(PROJECT, flows=(declaring, other), code=FILES, volumes=())
    jobs = synth(lambda scope: Project(scope, project))["resource"]["databricks_job"]

    assert jobs["load"]["depends_on"] == [
        "databricks_schema.prep_revenue",
        "databricks_mlflow_experiment.prep_revenue",
    ]
    assert "depends_on" not in jobs["other"]


def test_the_keeper_may_manage_schemas_with_another_owner(synth) -> None:
    flow = replace(FLOW, schemas=(replace(SCHEMA, owner="taxi-team", grants=()),), jobs=(), pipelines=())
    project = replace(PROJECT, flows=(flow,), volumes=())
    grants = synth(lambda scope: Project(scope, project, "deployer"))["resource"]["databricks_grants"]

    assert grants == {
        "prep_revenue": {
            "schema": "${databricks_schema.prep_revenue.id}",
            "grant": [{"principal": "deployer", "privileges": ["MANAGE"]}],
        }
    }
