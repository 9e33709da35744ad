"""A scope decides stack, state key and folders of a deployment, and who shares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from mesh.deployment.scope import Scope
from mesh.errors import OutsideError
from tests.mesh.conftest import PROJECT, RUN_AS, Deployed, Findings

ORG = "orgs/acme/org.yml"
NAMING = ".brickopscfg/config.yml"
OLA = "ola@acme.example"
COMMIT = "c" * 40


def scope_of(deployed: Deployed, env: str, files: Mapping[str, str] | None = None) -> Scope:
    """The scope of the only project."""
    [scope] = deployed(files or {}, env).scopes
    return scope


def test_a_personal_deployment_has_the_identity_in_all_its_names(deployed: Deployed) -> None:
    scope = scope_of(deployed, "dev")

    assert scope.stack == f"acme-transport-taxinyc-dev-{OLA}-main-cccccccc"
    assert scope.state_key == f"acme/transport/taxinyc/dev/{OLA}/main/{COMMIT}"
    assert scope.home == f"/Users/{OLA}/mesh"
    assert scope.folder_name("acme/transport/taxinyc") == "acme-transport-taxinyc-dev-main-cccccccc"
    assert not scope.shared


def test_a_shared_deployment_has_no_identity_in_its_names(deployed: Deployed) -> None:
    scope = scope_of(deployed, "prod")

    assert scope.stack == "acme-transport-taxinyc-prod"
    assert scope.state_key == "acme/transport/taxinyc/prod"
    assert scope.home == "/Shared/mesh"
    assert scope.folder_name("acme/transport/taxinyc") == "acme-transport-taxinyc-prod"
    assert scope.shared


def test_production_uploads_to_the_home_of_the_principal_that_runs_the_files(deployed: Deployed) -> None:
    org = (
        "environments: {prod: {run_as: {service_principal_name: sp}}, dev: {}}\n"
        f"service_principals: {{sp: {{application_id: {RUN_AS}}}}}\n"
    )

    assert scope_of(deployed, "prod", {ORG: org}).upload_home == f"/Users/{RUN_AS}/mesh"
    assert scope_of(deployed, "dev", {ORG: org}).upload_home == f"/Users/{OLA}/mesh"


def test_a_declared_folder_holds_the_uploads_of_shared_deployments(deployed: Deployed) -> None:
    org = f"""environments:
  prod: {{folder: /Workspace/Code/mesh/, run_as: {{service_principal_name: {RUN_AS}}}}}
  dev: {{folder: /Code}}
"""

    production = scope_of(deployed, "prod", {ORG: org})
    assert (production.upload_home, production.home) == ("/Code/mesh", "/Shared/mesh")
    assert scope_of(deployed, "dev", {ORG: org}).upload_home == f"/Users/{OLA}/mesh"


@pytest.mark.parametrize(("env", "protected"), [("prod", True), ("dev", False), ("local", False)])
def test_only_data_that_other_people_use_is_protected(deployed: Deployed, env: str, protected: bool) -> None:
    assert scope_of(deployed, env).protected is protected


def test_a_shared_development_environment_is_protected_except_on_this_machine(deployed: Deployed) -> None:
    templates = '{job: {other: "{project}"}, pipeline: {other: "{project}_p"}, db: {other: "{db}"}}'
    files = {NAMING: f"naming: {templates}\n"}

    assert scope_of(deployed, "dev", files).protected
    assert not scope_of(deployed, "local", files).protected


@pytest.mark.parametrize(
    ("fact", "remedy"), [("user", "MESH_USER"), ("branch", "MESH_GIT_BRANCH"), ("commit", "MESH_GIT_COMMIT")]
)
def test_an_unknown_fact_that_names_need_is_an_error_with_its_variable(
    deployed: Deployed, fact: str, remedy: str
) -> None:
    scope = scope_of(deployed, "dev")
    if fact == "commit":
        lacking = replace(scope, commit="")
    else:
        git = replace(scope.git, user=None) if fact == "user" else replace(scope.git, branch=None)
        lacking = replace(scope, git=git)

    with pytest.raises(OutsideError, match=remedy):
        _ = lacking.identity


def test_a_fact_that_no_name_needs_may_be_unknown(deployed: Deployed) -> None:
    scope = scope_of(deployed, "prod")

    assert replace(scope, git=replace(scope.git, user=None, branch=None)).identity.key == ()


def test_production_names_may_not_contain_the_identity(findings: Findings) -> None:
    run_as = f"run_as: {{service_principal_name: {RUN_AS}}}"
    found = findings({ORG: f"environments: {{live: {{mode: production, {run_as}}}}}"}, "live")

    [wrong] = [one for one in found if one.startswith("production-names-personal: ")]
    assert all(f"naming.{resource}" in wrong for resource in ("job", "pipeline", "db"))
    assert "naming.catalog" not in wrong


def test_a_declared_development_environment_needs_the_user_in_schema_names(findings: Findings) -> None:
    files = {
        NAMING: 'naming: {db: {prod: "{db}", other: "{env}_{db}"}}\n',
        ORG: "environments: {dev: {mode: development}}\n",
    }

    [wrong] = findings(files, "dev")
    assert wrong.startswith("names-not-user-scoped: ")


@pytest.mark.parametrize("field", ["flow", "flowtype"])
def test_a_flow_without_type_has_no_field_for_names_of_data(
    findings: Findings, deployed: Deployed, field: str
) -> None:
    """Brickops would compute another name in its notebooks."""
    files = {
        f"{PROJECT}/flows/tips/deployment.yml": "tasks: [{task_key: load, serverless: true}]",
        f"{PROJECT}/flows/tips/load.py": "",
    }
    naming = f"naming: {{KIND: {{other: '{{domain}}_{{{field}}}'}}}}"

    assert findings({**files, ".brickopscfg/config.yml": naming.replace("KIND", "db")}, "local") == [
        f"flow-without-type: naming.db uses `{{{field}}}`, which brickops misreads in flows/tips/ "
        "(move the flow to flows/<flowtype>/tips/, or use other fields)"
    ]
    deployed({**files, ".brickopscfg/config.yml": naming.replace("KIND", "job")}, "local")
