"""Settings of jobs are merged downwards, and permissions have levels of their object type."""

from __future__ import annotations

import pytest

from mesh.deployment.job_settings import (
    Settings,
    folder_permissions,
    job_permissions,
    merge_settings,
    pipeline_permissions,
)
from mesh.deployment.scope import Scope
from mesh.model.permission import Permission
from tests.mesh.conftest import FLOW, PROJECT, RUN_AS, Deployed, Findings

ORG = "orgs/acme/defaults.yml"
DEFAULTS = f"{PROJECT}/defaults.yml"
OLA = "ola@acme.example"
MANY = ", ".join(f"k{number}: v" for number in range(22))


def merged(deployed: Deployed, files: dict[str, str], env: str = "prod") -> tuple[Scope, Settings]:
    """The only project's scope and settings."""
    [scope] = deployed(files, env).scopes
    return scope, merge_settings(scope.org, scope.domain, scope.project)


def levels(permissions: tuple[Permission, ...]) -> dict[str, str]:
    """The permission levels by principal."""
    return {one.principal: one.level for one in permissions}


def test_each_setting_has_the_position_of_its_declaration(deployed: Deployed) -> None:
    files = {ORG: "timeout_seconds: 60\ntags:\n  cost: '1'\n  unit: acme\n", DEFAULTS: "tags: {cost: '2'}\n"}
    _, given = merged(deployed, files)

    assert (given.tags["cost"].value, given.tags["cost"].origin) == ("2", f"{DEFAULTS}:1")
    assert (given.tags["unit"].value, given.tags["unit"].origin) == ("acme", f"{ORG}:4")
    assert given.timeout_seconds is not None
    assert (given.timeout_seconds.value, given.timeout_seconds.origin) == (60, f"{ORG}:1")
    assert (given.max_concurrent_runs.value, given.max_concurrent_runs.origin) == (1, "built in")


def test_zero_and_empty_lists_override_the_level_above(deployed: Deployed) -> None:
    above = "timeout_seconds: 60\nemail_notifications: {on_failure: [team@acme.example]}\n"
    below = "timeout_seconds: 0\nemail_notifications: {on_failure: []}\n"
    _, given = merged(deployed, {ORG: above, DEFAULTS: below})

    assert given.timeout_seconds is not None
    assert given.timeout_seconds.value == 0
    assert list(given.email_notifications["on_failure"].value) == []


def test_one_permission_becomes_the_level_of_job_pipeline_and_folder(deployed: Deployed) -> None:
    principals = {"runners": "CAN_MANAGE_RUN", "readers": "CAN_VIEW", "leads": "CAN_MANAGE"}
    declared = [f"{{group_name: {name}, permission_level: {level}}}" for name, level in principals.items()]
    groups = ", ".join(f"{name}: {{}}" for name in principals)
    files = {DEFAULTS: f"permissions: [{', '.join(declared)}]", "orgs/acme/org.yml": f"groups: {{{groups}}}"}
    scope, given = merged(deployed, files)

    assert levels(job_permissions(scope, given)) == principals
    assert levels(pipeline_permissions(scope, given)) == {**principals, "runners": "CAN_RUN"}
    assert levels(folder_permissions(scope)) == {
        "runners": "CAN_RUN",
        "readers": "CAN_READ",
        "leads": "CAN_MANAGE",
    }


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("", {}),
        (f"folder: /Users/{RUN_AS}/code, ", {}),
        ("folder: /Users/deployer/mesh, ", {RUN_AS: "CAN_MANAGE"}),
    ],
)
def test_the_principal_that_runs_files_in_another_folder_may_read_them(
    deployed: Deployed, folder: str, expected: dict[str, str]
) -> None:
    run_as = f"run_as: {{service_principal_name: {RUN_AS}}}"
    org = f"environments: {{prod: {{{folder}{run_as}}}, dev: {{{folder}{run_as}}}}}"

    assert levels(folder_permissions(merged(deployed, {"orgs/acme/org.yml": org})[0])) == expected
    assert levels(folder_permissions(merged(deployed, {"orgs/acme/org.yml": org}, "dev")[0])) == {}


@pytest.mark.parametrize(
    ("env", "principals"), [("prod", {OLA, "kari@acme.example"}), ("dev", {"kari@acme.example"})]
)
def test_the_deployer_of_a_personal_deployment_gets_no_permission_beside_ownership(
    deployed: Deployed, env: str, principals: set[str]
) -> None:
    declared = [f"{{user_name: {user}, permission_level: CAN_VIEW}}" for user in (OLA, "kari@acme.example")]
    scope, given = merged(deployed, {DEFAULTS: f"permissions: [{', '.join(declared)}]"}, env)

    assert levels(job_permissions(scope, given)).keys() == principals
    assert levels(folder_permissions(scope)).keys() == principals


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("tags: {git_commit: x}", "tag-taken"),
        (f"tags: {{{'k' * 128}: x}}", "bad-tag"),
        (f"tags: {{k: {'v' * 256}}}", "bad-tag"),
        (f"tags: {{{MANY}}}", "too-many-tags"),
        ("parameters: [{name: pipeline_env, default: x}]", "parameter-taken"),
        ("parameters: [{name: schema, default: x}]", "parameter-taken"),
        ("parameters: [{name: a, default: x}, {name: a, default: y}]", "parameter-twice"),
        ("parameters: [{name: api_token, default: abc}]", "secret-in-yaml"),
        ("parameters: [{name: secret_key, default: abc}]", "secret-in-yaml"),
        (f"permissions: [{{user_name: {OLA}, permission_level: IS_OWNER}}]", "owner-is-deployer"),
        (
            f"permissions: [{', '.join([f'{{user_name: {OLA}, permission_level: CAN_VIEW}}'] * 2)}]",
            "permission-twice",
        ),
    ],
)
def test_settings_that_no_job_may_have_are_reported(findings: Findings, text: str, code: str) -> None:
    assert [one.partition(":")[0] for one in findings({DEFAULTS: text})] == [code]


def test_a_flow_may_set_the_schema_that_it_uses(deployed: Deployed) -> None:
    text = "parameters: [{name: schema, default: mine}]\ntasks: [{task_key: a, serverless: true}]\n"
    job = deployed({f"{FLOW}/deployment.yml": text}).flow("prep/revenue").job

    assert job is not None
    assert {"name": "schema", "default": "mine"} in job.settings["parameters"]
