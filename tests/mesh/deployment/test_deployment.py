"""A deployment holds all names of one project, and reports those that clash or do not resolve."""

from __future__ import annotations

from dataclasses import astuple

import pytest

from mesh.deployment.deployment import Deployment
from mesh.model.code import GitCode, WorkspaceCode
from tests.mesh.conftest import FLOW, PROJECT, Deployed, Findings

TASKS = "tasks: [{task_key: a, serverless: true}]\n"
ONE_TASK = {"deployment.yml": TASKS, "a.py": ""}
TIPS = f"{PROJECT}/flows/prep/tips"
TWO = {f"{TIPS}/deployment.yml": TASKS, f"{TIPS}/a.py": ""}


def only_deployment(deployed: Deployed, files: dict[str, str], env: str = "prod") -> Deployment:
    """The deployment of the only project."""
    [one] = deployed(files, env).deployments
    return one


def test_a_deployment_comes_after_the_foundations_of_its_org(deployed: Deployed) -> None:
    one = only_deployment(deployed, {"orgs/acme/org.yml": "groups: {}"})

    assert one.foundations == ("acme-foundation-main", "acme-workspace-prod")


@pytest.mark.parametrize(
    ("files", "owner"),
    [
        ({"orgs/acme/org.yml": "owner: platform"}, "platform"),
        ({"orgs/acme/org.yml": "owner: platform", f"{PROJECT}/project.yml": "owner: taxi"}, "taxi"),
        ({}, None),
    ],
)
def test_the_nearest_level_names_the_owner(
    deployed: Deployed, files: dict[str, str], owner: str | None
) -> None:
    groups = "\ngroups: {platform: {}, taxi: {}}\n"
    declared = {file: text + groups if file.endswith("org.yml") else text for file, text in files.items()}

    assert only_deployment(deployed, declared).owner == owner


def test_code_comes_from_git_or_is_uploaded_as_the_environment_declares(deployed: Deployed) -> None:
    from_git = only_deployment(deployed, {}, "dev")
    uploaded = only_deployment(deployed, {}, "local")

    assert isinstance(from_git.code, GitCode)
    assert from_git.uploads is None
    assert isinstance(uploaded.code, WorkspaceCode)
    assert uploaded.uploads is not None
    assert [file.path.rpartition("/")[2] for file in uploaded.uploads.files] == ["a.py"]


def test_a_flow_without_tasks_has_schemas_but_no_job(deployed: Deployed) -> None:
    one = only_deployment(deployed, {f"{FLOW}/deployment.yml": "schemas: {revenue: {}}\n"})
    [flow] = one.flows

    assert flow.job is None
    assert flow.all_jobs == ()
    assert [schema.full_name for schema in one.schemas] == ["transport.revenue"]


def test_a_job_gets_the_schema_of_each_flow_that_it_reads(deployed: Deployed) -> None:
    files = {**TWO, f"{FLOW}/deployment.yml": "reads: {tips: prep/tips}\n" + TASKS}
    job = deployed(files).flow("prep/revenue").job

    assert job is not None
    parameters = {one["name"]: one["default"] for one in job.settings["parameters"]}
    assert (parameters["tips_catalog"], parameters["tips_schema"]) == ("transport", "tips")


def test_an_unknown_flow_in_reads_is_reported_with_the_nearest_name(findings: Findings) -> None:
    [wrong] = findings({**TWO, f"{FLOW}/deployment.yml": "reads: {tips: prep/tip}\n" + TASKS})

    assert wrong.startswith("unknown-flow: flow `prep/tip`")
    assert "prep/tips" in wrong


def test_two_flows_never_create_one_schema(findings: Findings) -> None:
    files = {**TWO, f"{TIPS}/deployment.yml": "schemas: [Revenue]\n" + TASKS}
    [wrong] = findings(files)

    assert wrong.startswith("schema-made-twice: ")


def test_two_flows_never_get_one_terraform_name(findings: Findings) -> None:
    flow = f"{PROJECT}/flows/prep/revenue_x"
    part = f"{PROJECT}/flows/prep/revenue/x"
    files = {f"{folder}/{name}": text for folder in (flow, part) for name, text in ONE_TASK.items()}
    found = findings({f"{FLOW}/deployment.yml": "schemas: {other: {}}\n", **files})

    assert {one.partition(":")[0] for one in found} == {"same-terraform-name"}


def test_a_schema_name_that_unity_catalog_refuses_is_reported(findings: Findings) -> None:
    templates = f'{{db: {{prod: "{"x" * 250}_{{db}}", other: "{{db}}"}}}}'
    [wrong] = findings({".brickopscfg/config.yml": f"naming: {templates}\n"})

    assert wrong.startswith("name-too-long: ")
    assert "258 characters" in wrong


def test_former_flows_give_renames_of_all_their_objects(deployed: Deployed) -> None:
    one = only_deployment(deployed, {})
    assert one.renames == ()

    renamed = only_deployment(deployed, {f"{FLOW}/deployment.yml": "renamed_from: prep/income\n" + TASKS})
    assert {astuple(step) for step in renamed.renames} >= {
        ("job", "prep_income", "prep_revenue"),
        ("permissions", "prep_income", "prep_revenue"),
    }
