"""Owners of tables: where a job sets them, and where it would lose its table."""

from __future__ import annotations

import json
import sys
from types import SimpleNamespace

import pytest

from tests.mesh.conftest import FLOW, PRODUCTION, RUN_AS, Deployed, Findings

DEPLOYMENT = f"{FLOW}/deployment.yml"
OWNED = "tables: {trips: {owner: taxi-team}}\n"
TASKS = "tasks: [{task_key: a, serverless: true}]\n"
OTHER = "7f1c0d6e-0000-4000-8000-000000000002"
AS_OTHER = f"run_as: {{service_principal_name: {OTHER}}}\n"


def given(deployed: Deployed, files: dict[str, str], env: str = "prod") -> dict[str, str]:
    """The owners that the task receives."""
    [flow] = [flow for one in deployed(files, env).deployments for flow in one.flows]
    [job] = flow.jobs
    notebook = job.settings["tasks"][-1]["notebook_task"]
    owners: dict[str, str] = json.loads(notebook["base_parameters"]["table_owners"])
    return owners


def test_production_gives_the_table_away_because_its_principal_may_still_replace_it(
    deployed: Deployed,
) -> None:
    assert given(deployed, {**PRODUCTION, DEPLOYMENT: TASKS + OWNED}) == {"taxi-team": "taxi-team"}


@pytest.mark.parametrize(
    ("env", "declared"),
    [
        ("dev", "{}"),  # personal
        ("shared", "{}"),  # runs as the deployer
        ("local", f"{{run_as: {{service_principal_name: {RUN_AS}}}}}"),  # Spark there knows no owners
    ],
)
def test_elsewhere_tables_stay_with_who_creates_them(deployed: Deployed, env: str, declared: str) -> None:
    shared = "job: {other: '{flow}'}, pipeline: {other: '{flow}'}"
    naming = f"naming: {{db: {{other: '{{db}}', dev: '{{username}}_{{db}}'}}, {shared}}}\n"
    org = f"environments: {{prod: {{run_as: {{service_principal_name: {RUN_AS}}}}}, {env}: {declared}}}\n"
    files = {"orgs/acme/org.yml": org, ".brickopscfg/config.yml": naming, DEPLOYMENT: TASKS + OWNED}

    assert given(deployed, files, env) == {}


def test_a_service_principal_is_named_by_its_application_id(deployed: Deployed) -> None:
    listed = f"service_principals: {{sp: {{application_id: {OTHER}}}}}\n"
    org = PRODUCTION["orgs/acme/org.yml"] + "\n" + listed
    files = {"orgs/acme/org.yml": org, DEPLOYMENT: TASKS + OWNED.replace("taxi-team", "sp")}

    assert given(deployed, files) == {"sp": OTHER}


GRANTS = (
    "[{principal: %s, privileges: [USE_SCHEMA, ALL_PRIVILEGES]}]",
    "[{principal: %s, privileges: [MANAGE]}]",
    "[]",
)


@pytest.mark.parametrize(
    ("grants", "missing"), [*zip(GRANTS, ("MANAGE", "MODIFY, SELECT", "MANAGE, MODIFY, SELECT"), strict=True)]
)
def test_a_job_that_could_not_replace_its_table_any_more_is_a_finding(
    findings: Findings, grants: str, missing: str
) -> None:
    declared = f"grants: {grants.replace('%s', OTHER)}\n"

    assert findings({**PRODUCTION, DEPLOYMENT: TASKS + OWNED + AS_OTHER + declared}) == [
        f"owner-without-manage: `taxi-team` cannot own table `trips` in prod: the job runs as `{OTHER}`, which "
        f"lacks {missing} on it (grant it `role: owner` with `schema: revenue`, or remove `owner`)"
    ]


@pytest.mark.parametrize(
    ("owner", "declared"),
    [
        ("taxi-team", f"grants: [{{principal: {OTHER}, role: owner, schema: revenue}}]\n"),
        ("taxi-team", f"grants: [{{principal: {OTHER}, privileges: [MANAGE, ALL_PRIVILEGES]}}]\n"),
        (OTHER, ""),
    ],
)
def test_a_principal_with_manage_and_access_to_rows_gives_its_tables_away(
    deployed: Deployed, owner: str, declared: str
) -> None:
    text = TASKS + OWNED.replace("taxi-team", owner) + AS_OTHER + declared

    assert given(deployed, {**PRODUCTION, DEPLOYMENT: text}) == {owner: owner}


def test_an_owner_that_org_yml_does_not_list_is_a_finding(findings: Findings) -> None:
    org = PRODUCTION["orgs/acme/org.yml"] + "\ngroups: {taxi-team: {}}\n"
    files = {"orgs/acme/org.yml": org, DEPLOYMENT: TASKS + OWNED.replace("taxi-team", "taxi-taem")}

    assert findings(files) == [
        "unknown-principal: principal `taxi-taem` is not listed in org.yml (did you mean `taxi-team`?)"
    ]


def test_the_notebook_sets_the_owner_last(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    """All its cells run, with a workspace of one table and a Spark that only notes statements."""
    described = TASKS + "tables: {trips: {owner: taxi-team, comment: Trips}}\n"
    [one] = deployed({**PRODUCTION, DEPLOYMENT: described}).deployments
    assert one.uploads
    [text] = [
        (file.committed or b"").decode() for file in one.uploads.files if "describe_tables" in file.path
    ]
    table = {"catalog_name": "main", "schema_name": "sales", "name": "trips", "owner": RUN_AS}
    given = {"catalog": "main", "schema": "sales", "table_owners": '{"taxi-team": "taxi-team"}'}
    statements: list[str] = []
    api = SimpleNamespace(do=lambda *_, **__: table)
    sdk = SimpleNamespace(WorkspaceClient=lambda: SimpleNamespace(api_client=api))
    monkeypatch.setitem(sys.modules, "databricks.sdk", sdk)  # slow to import
    monkeypatch.setitem(sys.modules, "databricks.sdk.errors", SimpleNamespace(NotFound=KeyError))

    here = {
        "dbutils": SimpleNamespace(widgets=SimpleNamespace(get=given.__getitem__)),
        "spark": SimpleNamespace(sql=statements.append),
    }
    exec(compile(text, "notebook", "exec"), here)

    assert statements == [
        "COMMENT ON TABLE `main`.`sales`.`trips` IS 'Trips'",
        "ALTER TABLE `main`.`sales`.`trips` SET OWNER TO `taxi-team`",
    ]
