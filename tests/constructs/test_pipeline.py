"""A pipeline with its permissions and its schedule."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from datamesh.pipeline import Pipeline
from mesh.deployment.job import Job
from mesh.deployment.pipeline import Pipeline as Model
from mesh.documents.provider_fields import shape
from mesh.model.compute_object import Lookup
from mesh.model.permission import Permission
from mesh.model.pipeline import PipelineFile
from tests.constructs.test_job_fields import PROVIDER_SCHEMA, TURNS, arrived, paths, value
from tests.mesh.conftest import FLOW, PRODUCTION, Deployed, deployed
from tests.support.terraform_schema import violations

__all__ = ["deployed"]

# Set by the deployment, read by the provider alone, or for pipelines outside Unity Catalog
NOT_TO_SAY = {"target", "storage", "timeouts", "latest_updates", "expected_last_modified"}
NOT_TO_SAY |= {"cause", "cluster_id", "creator_user_name", "health", "last_modified", "run_as_user_name"}
NOT_TO_SAY |= {"state", "url"}
NOT_IN_YAML = {
    "catalog",
    "target",
    "storage",
    "pipeline_tasks",
    "data_sampling",
    "pipeline_type",
    "git_source",
}
OURS = {"node", "driver_node", "policy_name", "instance_pool_name", "driver_instance_pool_name", "schedule"}


def synthesized(*models: Model) -> dict[str, Any]:
    from datamesh.bindings import cdktf

    stack = cdktf.TerraformStack(cdktf.Testing.app(), "test")
    for model in models:
        Pipeline(stack, model)
    made: dict[str, Any] = json.loads(cdktf.Testing.synth(stack))
    return made


def test_settings_are_passed_on_in_terraforms_spelling() -> None:
    settings = {
        "name": "taxi_dlt",
        "catalog": "transport",
        "schema": "tips",
        "libraries": [{"notebook": {"path": "/Shared/a"}}],
        "clusters": [{"label": "default", "num_workers": 1}],
        "notifications": [{"email_recipients": ["a@acme.example"], "alerts": ["on-update-success"]}],
    }
    made = synthesized(Model("prep_tips", "taxi_dlt", "tips", settings))

    assert made["resource"]["databricks_pipeline"]["prep_tips"] | {"//": None} == {
        "//": None,
        "name": "taxi_dlt",
        "catalog": "transport",
        "schema": "tips",
        "library": [{"notebook": {"path": "/Shared/a"}}],
        "cluster": [{"label": "default", "num_workers": 1}],
        "notification": [{"email_recipients": ["a@acme.example"], "alerts": ["on-update-success"]}],
    }
    assert list(made["resource"]) == ["databricks_pipeline"]


def test_a_schedule_is_a_job_that_refers_to_the_pipeline() -> None:
    task = {"task_key": "tips", "pipeline_task": {"pipeline_id": Lookup("pipeline", "prep_tips")}}
    job = Job("prep_tips", "taxi_dlt", {"name": "taxi_dlt", "tasks": [task]})
    permissions = (Permission("group_name", "finance", "CAN_RUN"),)
    made = synthesized(Model("prep_tips", "taxi_dlt", "tips", {}, permissions, job, protected=True))[
        "resource"
    ]

    [scheduled] = made["databricks_job"]["prep_tips"]["task"]
    assert scheduled["pipeline_task"] == {"pipeline_id": "${databricks_pipeline.prep_tips.id}"}
    assert made["databricks_pipeline"]["prep_tips"]["lifecycle"] == {"prevent_destroy": True}
    [permission] = made["databricks_permissions"].values()
    assert permission["pipeline_id"] == "${databricks_pipeline.prep_tips.id}"
    assert permission["access_control"] == [{"group_name": "finance", "permission_level": "CAN_RUN"}]


def test_a_pipeline_of_another_stack_is_looked_up_by_its_name() -> None:
    task = {
        "task_key": "go",
        "pipeline_task": {"pipeline_id": Lookup("pipeline", None, {"name": "their_dlt"})},
    }
    job = Job("prep_tips", "taxi_dlt", {"name": "taxi_dlt", "tasks": [task]})
    made = synthesized(Model("prep_tips", "taxi_dlt", "tips", {}, (), job))

    assert made["data"]["databricks_pipelines"]["their_dlt"]["pipeline_name"] == "their_dlt"
    [task] = made["resource"]["databricks_job"]["prep_tips"]["task"]
    assert task["pipeline_task"] == {"pipeline_id": "${one(data.databricks_pipelines.their_dlt.ids)}"}


def whole_pipeline(turn: int) -> dict[str, Any]:
    """A pipeline that sets everything, of alternatives those of the turn."""
    known = PipelineFile.shape()
    # a pipeline is continuous or has a trigger
    left_out = OURS | NOT_IN_YAML | {"name", "schema", ("trigger", "continuous")[turn % 2]}
    declared = {name: value(field, turn) for name, field in known.fields.items() if name not in left_out}
    one = declared["libraries"][0] | {"notebook": {"path": "/a"}}
    declared["libraries"] = [
        {kind: inner if kind != "file" else {"path": "/b.py"}}
        for kind, inner in one.items()
        if kind != "glob"
    ] + [{"glob": {"include": "/c/**"}}]
    return declared | {"name": f"turn{turn}", "serverless": False}


@pytest.fixture
def made(deployed: Deployed) -> dict[str, Any]:
    """The Terraform JSON of pipelines that together set everything."""
    declared = {"pipelines": [whole_pipeline(turn) for turn in TURNS]}
    files = {**PRODUCTION, f"{FLOW}/deployment.yml": yaml.safe_dump(declared), f"{FLOW}/x/a.py": ""}
    return synthesized(*deployed(files).flow("prep/revenue").pipelines)


def test_every_field_arrives(made: dict[str, Any]) -> None:
    """Sets every block and attribute of the bindings from YAML."""
    pipelines = made["resource"]["databricks_pipeline"].values()
    known = {path for path in paths(shape("pipeline")) if path[0] not in NOT_TO_SAY}

    assert len(known) > 150
    assert sorted(known.difference(*map(arrived, pipelines))) == []


@pytest.mark.skipif(
    not Path(PROVIDER_SCHEMA).exists(), reason="the real provider's schema is not beside this checkout"
)
def test_the_real_provider_accepts_every_field(made: dict[str, Any]) -> None:
    assert list(violations(made, json.loads(PROVIDER_SCHEMA.read_text()))) == []
