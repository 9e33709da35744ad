"""Flows: schemas, jobs and pipelines, in the order in which they depend on each other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from datamesh.bindings import databricks
from datamesh.flow import Flow
from mesh.deployment.flow import FlowDeployment
from mesh.deployment.job import Job
from mesh.deployment.pipeline import Pipeline
from tests.constructs.test_schema import SCHEMA

FLOW = FlowDeployment(
    id="prep_revenue",
    path="acme/transport/taxinyc/prep/revenue",
    file="orgs/acme/domains/transport/projects/taxinyc/flows/prep/revenue/deployment.yml",
    catalog="acme_transport",
    schema_names=(SCHEMA.name,),
    schemas=(SCHEMA,),
    jobs=(Job("load", "taxinyc_load", {"name": "taxinyc_load"}),),
    pipelines=(Pipeline("trips", "taxinyc_trips", SCHEMA.name, {"name": "taxinyc_trips"}),),
)


def resources(synth: Any, flow: FlowDeployment, **options: Any) -> dict[str, Any]:
    """The resources of a flow whose code is one folder."""

    def build(scope: Any) -> None:
        code = databricks.directory.Directory(scope, "code", path="/x")
        Flow(scope, flow, [code], **options)

    resources: dict[str, Any] = synth(build)["resource"]
    return resources


def test_jobs_and_pipelines_are_created_after_their_schemas_and_code(synth) -> None:
    created = resources(synth, FLOW)
    needed = ["databricks_schema.prep_revenue", "databricks_directory.code"]

    assert created["databricks_job"] == {"load": {"name": "taxinyc_load", "depends_on": needed}}
    assert created["databricks_pipeline"]["trips"]["depends_on"] == needed


def test_jobs_from_git_do_not_wait_for_files_in_the_workspace(synth) -> None:
    """Pipelines do: Databricks runs them from files of the workspace only."""
    created = resources(synth, FLOW, from_git=True)

    assert created["databricks_job"]["load"]["depends_on"] == ["databricks_schema.prep_revenue"]
    assert created["databricks_pipeline"]["trips"]["depends_on"] == [
        "databricks_schema.prep_revenue",
        "databricks_directory.code",
    ]


def test_the_keeper_may_manage_schemas_that_get_another_owner(synth) -> None:
    created = resources(
        synth, replace(FLOW, schemas=(replace(SCHEMA, owner="team", grants=()),)), keeper="ola"
    )

    assert created["databricks_grants"]["prep_revenue"]["grant"] == [
        {"principal": "ola", "privileges": ["MANAGE"]}
    ]


def test_a_flow_without_jobs_and_pipelines_has_only_its_schemas(synth) -> None:
    stack = synth(lambda scope: Flow(scope, replace(FLOW, jobs=(), pipelines=())))

    assert stack["resource"].keys() == {"databricks_schema", "databricks_grants"}
