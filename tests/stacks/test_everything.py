"""A mesh that sets every field, checked against the real provider."""

from __future__ import annotations

import json
import shutil
from typing import Any

import pytest

from tests.stacks.test_synthesized import PROVIDER_SCHEMA, ROOT, synthesize
from tests.support.git_repository import Repository
from tests.support.terraform_schema import violations

EVERYTHING = ROOT / "tests" / "everything"

Made = dict[str, dict[str, dict[str, Any]]]


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """Every stack of every environment, of a copy with one commit."""
    repository = Repository.new(tmp_path_factory.mktemp("everything") / "mesh")
    shutil.copytree(EVERYTHING, repository.path, dirs_exist_ok=True)
    repository.commit()
    return {env: synthesize(repository.path, env) for env in ("local", "dev", "prod")}


def made(stacks: dict[str, dict[str, str]], env: str, stack: str) -> dict[str, Any]:
    """One stack, by the beginning of its name."""
    text = next(text for name, text in stacks[env].items() if name.startswith(stack))
    synthesized: dict[str, Any] = json.loads(text)
    return synthesized


@pytest.mark.skipif(
    not PROVIDER_SCHEMA.exists(), reason="the real provider's schema is not beside this checkout"
)
@pytest.mark.parametrize("env", ["local", "dev", "prod"])
def test_the_real_provider_accepts_all_stacks(stacks: dict[str, dict[str, str]], env: str) -> None:
    schema = json.loads(PROVIDER_SCHEMA.read_text())
    assert [wrong for text in stacks[env].values() for wrong in violations(json.loads(text), schema)] == []


def test_every_resource_type_is_in_the_right_stack(stacks: dict[str, dict[str, str]]) -> None:
    """Resources of a metastore, of a workspace and of a project."""
    kinds = {
        stack: sorted(kind.removeprefix("databricks_") for kind in made(stacks, "prod", stack)["resource"])
        for stack in ("acme-foundation", "acme-workspace", "acme-transport")
    }
    assert kinds == {
        "acme-foundation": ["catalog", "external_location", "grants", "storage_credential"],
        "acme-workspace": [
            "cluster",
            "cluster_policy",
            "group",
            "group_member",
            "instance_pool",
            "permissions",
            "service_principal",
            "sql_endpoint",
            "user",
        ],
        "acme-transport": [
            "directory",
            "grants",
            "job",
            "mlflow_experiment",
            "notebook",
            "permissions",
            "pipeline",
            "registered_model",
            "schema",
            "volume",
            "workspace_file",
        ],
    }


def test_catalogs_depend_on_their_external_locations(
    stacks: dict[str, dict[str, str]],
) -> None:
    catalog = made(stacks, "prod", "acme-foundation")["resource"]["databricks_catalog"]["acme_transport"]
    assert catalog["depends_on"] == ["databricks_external_location.drop"]


def test_renamed_resources_are_moved_in_the_state(stacks: dict[str, dict[str, str]]) -> None:
    moved = {(one["from"], one["to"]) for one in made(stacks, "prod", "acme-transport")["moved"]}
    assert {
        ("databricks_job.prep_earnings", "databricks_job.prep_revenue"),
        ("databricks_schema.prep_earnings_tips", "databricks_schema.prep_revenue_tips"),
        ("databricks_grants.prep_earnings_revenue_landing", "databricks_grants.prep_revenue_revenue_landing"),
        ("databricks_permissions.prep_earnings", "databricks_permissions.prep_revenue"),
        ("databricks_mlflow_experiment.ml_faremodel", "databricks_mlflow_experiment.ml_taximodel"),
        (
            "databricks_permissions.experiment_ml_faremodel",
            "databricks_permissions.experiment_ml_taximodel",
        ),
    } <= moved


def test_a_job_combines_settings_of_all_levels(stacks: dict[str, dict[str, str]]) -> None:
    job = made(stacks, "prod", "acme-transport")["resource"]["databricks_job"]["prep_revenue"]
    assert (job["tags"]["cost_center"], job["tags"]["team"]) == ("4711", "taxi")
    assert job["email_notifications"] == {"on_failure": ["platform@acme.example"]}
    tasks = {task["task_key"]: task for task in job["task"]}
    assert [tasks[key]["max_retries"] for key in ("load", "sum", "report")] == [3, 1, 1]
    parameters = {one["name"]: one["default"] for one in job["parameter"]}
    assert (parameters["limit"], parameters["city"], parameters["schema"]) == ("10", "New York", "revenue")
    assert job["run_as"] == {"service_principal_name": "7f1c0d6e-0000-4000-8000-000000000001"}


def test_both_flowtypes_of_a_flow_use_one_experiment(stacks: dict[str, dict[str, str]]) -> None:
    """It keeps the former name of the flow; the second part runs after the first."""
    project = made(stacks, "prod", "acme-transport")["resource"]
    experiment = project["databricks_mlflow_experiment"]["ml_taximodel"]
    assert experiment["name"] == "/Shared/mesh/experiments/acme-transport-taxis-prod/ml_faremodel"
    assert experiment["lifecycle"] == {"ignore_changes": ["tags"], "prevent_destroy": True}
    jobs = [project["databricks_job"][f"ml_taximodel_{part}"] for part in ("training", "validation")]
    told = [{one["name"]: one["default"] for one in job["parameter"]}["experiment"] for job in jobs]
    assert told == [experiment["name"]] * 2
    task = next(one for one in jobs[0]["task"] if one["task_key"] == "validation")
    assert task["run_job_task"] == {"job_id": "${databricks_job.ml_taximodel_validation.id}"}
    levels = project["databricks_permissions"]["experiment_ml_taximodel"]["access_control"]
    assert {one.get("group_name"): one["permission_level"] for one in levels}["taxi-team"] == "CAN_EDIT"
