"""The stack of one deployment of a project."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from datamesh.bindings import cdktf
from mesh.deployment.deployment import Deployment
from mesh.deployment.identity import Identity
from mesh.model.backend import Backend
from mesh.model.environment import Environment, RunAs
from mesh.model.rename import Rename
from stacks import ProjectStack
from tests.constructs.test_flow import FLOW
from tests.constructs.test_project import PROJECT
from tests.constructs.test_schema import SCHEMA

OWNED = replace(
    PROJECT,
    flows=(replace(FLOW, schemas=(replace(SCHEMA, owner="team", grants=()),), jobs=(), pipelines=()),),
    volumes=(),
)


def synthesize(deployment: Deployment) -> dict[str, Any]:
    """The Terraform JSON of the stack."""
    stack: dict[str, Any] = json.loads(
        cdktf.Testing.synth(ProjectStack(cdktf.Testing.app(), deployment, Path("/mesh")))
    )
    return stack


def test_the_stack_has_the_backend_and_the_workspace_of_its_environment() -> None:
    environment = Environment("prod", workspace="https://prod.example")
    backend = Backend("s3", {"bucket": "states", "key": "taxinyc"})
    stack = synthesize(replace(PROJECT, environment=environment, backend=backend))

    assert stack["terraform"]["backend"] == {"s3": {"bucket": "states", "key": "taxinyc"}}
    assert stack["provider"] == {"databricks": [{"host": "https://prod.example"}]}


def test_renamed_resources_are_moved_in_the_state() -> None:
    flow = replace(FLOW, schemas=(), renames=(Rename("job", "prep_sales", "prep_revenue"),))
    stack = synthesize(replace(PROJECT, flows=(flow,), volumes=()))

    assert stack["moved"] == [{"from": "databricks_job.prep_sales", "to": "databricks_job.prep_revenue"}]


def test_a_stack_without_renames_has_no_moved_blocks() -> None:
    assert "moved" not in synthesize(PROJECT)


def test_a_personal_deployment_refuses_other_deployers() -> None:
    """Its names contain the user, so another user would create them for somebody else."""
    stack = synthesize(replace(OWNED, identity=Identity(user="ola@acme.example")))

    [check] = stack["data"]["databricks_current_user"]["deployer"]["lifecycle"]["postcondition"]
    assert check["condition"] == '${lower(self.user_name) == lower("ola@acme.example")}'
    assert "databricks_grants" not in stack["resource"]


def test_the_deployer_keeps_manage_on_schemas_with_another_owner() -> None:
    stack = synthesize(OWNED)

    assert stack["resource"]["databricks_grants"]["prep_revenue"]["grant"] == [
        {"principal": "${data.databricks_current_user.deployer.user_name}", "privileges": ["MANAGE"]}
    ]


def test_the_deployer_keeps_nothing_where_jobs_run_as_another_principal() -> None:
    environment = Environment("prod", run_as=RunAs(service_principal_name="robot"))
    stack = synthesize(replace(OWNED, environment=environment))

    assert stack["resource"].keys() == {"databricks_cluster_policy", "databricks_schema"}
    assert "data" not in stack


def test_text_of_the_mesh_is_escaped() -> None:
    flow = replace(FLOW, schemas=(replace(SCHEMA, comment="${file(1)}"),), jobs=(), pipelines=())
    stack = synthesize(replace(PROJECT, flows=(flow,), volumes=()))

    assert stack["resource"]["databricks_schema"]["prep_revenue"]["comment"] == "$${file(1)}"
