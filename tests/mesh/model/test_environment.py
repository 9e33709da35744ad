"""Environments that org.yml declares."""

from __future__ import annotations

import pytest

from mesh.deployment.foundation import Foundation
from mesh.errors import UsageError
from mesh.model.environment import Environment, RunAs, owning_environment
from tests.mesh.conftest import RUN_AS, Deployed, Findings

ORG = "orgs/acme/org.yml"


def test_the_default_environments_are_local_dev_test_and_prod(deployed: Deployed) -> None:
    made = {env: deployed({}, env).deployments[0].environment for env in ("local", "dev", "test", "prod")}
    assert {env: (one.mode, one.code, one.metastore, one.embedded) for env, one in made.items()} == {
        "local": ("development", "workspace", "local", True),
        "dev": ("development", "git", "main", False),
        "test": ("development", "git", "main", False),
        "prod": ("production", "git", "main", False),
    }


def test_declared_environments_replace_the_defaults_except_local(deployed: Deployed) -> None:
    org = "environments: {staging: {workspace: 'https://s.example', metastore: eu, code: workspace}}"
    staging = deployed({ORG: org}, "staging").deployments[0]
    assert staging.environment.workspace == "https://s.example"
    assert [one.stack for one in deployed({ORG: org}, "local").foundations] == ["acme-foundation-local"]
    with pytest.raises(
        UsageError, match="environment `dev` is not defined \\(environments: local, staging\\)"
    ):
        deployed({ORG: org}, "dev")


@pytest.mark.parametrize("folder", ["mesh", "/Users/../Shared", "/", "/Workspace/"])
def test_a_folder_is_an_absolute_path_in_a_workspace(findings: Findings, folder: str) -> None:
    [found] = findings({ORG: f"environments: {{dev: {{folder: {folder}}}}}"}, "dev")

    assert found.startswith("bad-workspace-folder: ")


def test_an_org_without_the_environment_is_left_out(deployed: Deployed) -> None:
    other = "orgs/globex/domains/sales/projects/orders/flows/prep/daily"
    files = {
        ORG: "environments: {staging: {}}",
        f"{other}/deployment.yml": "tasks: [{task_key: a, serverless: true}]",
        f"{other}/a.py": "",
    }
    assert [one.path for one in deployed(files, "staging").deployments] == ["acme/transport/taxinyc"]
    assert [one.path for one in deployed(files, "dev").deployments] == ["globex/sales/orders"]


def test_all_orgs_of_an_environment_use_one_login(deployed: Deployed) -> None:
    other = "orgs/globex/domains/sales/projects/orders/flows/prep/daily"
    files = {
        ORG: "environments: {dev: {workspace: local}}",
        f"{other}/deployment.yml": "tasks: [{task_key: a, serverless: true}]",
        f"{other}/a.py": "",
    }
    with pytest.raises(UsageError, match="is the local workspace for acme only"):
        deployed(files, "dev")


def test_development_pauses_schedules_and_sends_no_notifications(deployed: Deployed) -> None:
    flow = (
        "tasks: [{task_key: a, serverless: true}]\n"
        "schedule: {quartz_cron_expression: 0 0 1 ? * Mon, timezone_id: Europe/Oslo}\n"
        "email_notifications: {on_failure: [taxi@acme.example]}\n"
    )
    file = "orgs/acme/domains/transport/projects/taxinyc/flows/prep/revenue/deployment.yml"
    dev = deployed({file: flow}, "dev").flow("prep/revenue").job
    assert dev is not None
    assert dev.settings["schedule"]["pause_status"] == "PAUSED"
    assert "email_notifications" not in dev.settings
    prod = deployed({file: flow}, "prod").flow("prep/revenue").job
    assert prod is not None
    assert "pause_status" not in prod.settings["schedule"]
    assert prod.settings["email_notifications"] == {"on_failure": ["taxi@acme.example"]}
    awake = flow.replace("Oslo}", "Oslo, pause_status: UNPAUSED}")
    job = deployed({file: awake}, "dev").flow("prep/revenue").job
    assert job is not None
    assert job.settings["schedule"]["pause_status"] == "UNPAUSED"


def test_jobs_run_as_the_principal_of_the_environment_with_write_access(deployed: Deployed) -> None:
    """A service principal may have a display name in org.yml."""
    org = (
        f"service_principals: {{sp-taxi: {{application_id: {RUN_AS}}}}}\n"
        "environments: {prod: {run_as: {service_principal_name: sp-taxi}}}\n"
    )
    mesh = deployed({ORG: org})
    job = mesh.flow("prep/revenue").job
    assert job is not None
    assert job.settings["run_as"] == {"service_principal_name": RUN_AS}
    [schema] = mesh.deployments[0].schemas
    assert [grant.principal for grant in schema.grants] == [RUN_AS]
    assert {"MANAGE", "MODIFY", "CREATE_TABLE", "USE_SCHEMA"} <= set(schema.grants[0].privileges)
    [catalog] = mesh.foundations[0].catalogs
    assert {"CREATE_SCHEMA", "USE_CATALOG"} <= set(catalog.grants[0].privileges)


def test_the_principal_of_development_does_not_manage_shared_catalogs(
    deployed: Deployed,
) -> None:
    """The deployer still manages objects with another owner."""
    org = f"owner: platform-team\nenvironments: {{dev: {{run_as: {{service_principal_name: {RUN_AS}}}}}}}\n"
    foundation = deployed({ORG: org}, "dev").foundations[0]
    assert isinstance(foundation, Foundation)
    [grant] = foundation.catalogs[0].grants
    assert (grant.principal, "MANAGE" in grant.privileges) == (RUN_AS, False)
    assert foundation.managed_by == ()


@pytest.mark.parametrize(
    ("org", "expected"),
    [
        (
            "environments: {prod: {}}",
            "production-without-run-as: `prod` is production without a service principal "
            "(add `run_as: {service_principal_name: …}`, an application id)",
        ),
        (
            "environments: {live: {mode: production, run_as: {user_name: ola@acme.example}}}",
            "production-without-run-as: `live` is production without a service principal "
            "(add `run_as: {service_principal_name: …}`, an application id)",
        ),
        (
            "environments: {dev: {workspace: http://dev.example}}",
            "bad-workspace: `http://dev.example` does not begin with https:// (write `https://dev.example`)",
        ),
        (
            "environments: {dev: {workspace: 'https://adb-1.7.azuredatabricks.net/?o=1'}}",
            "bad-workspace: `https://adb-1.7.azuredatabricks.net/?o=1` has more than the address of a workspace "
            "(write `https://adb-1.7.azuredatabricks.net`)",
        ),
        (
            "environments: {dev: {workspace: 'https://accounts.cloud.databricks.com'}}",
            "bad-workspace: `https://accounts.cloud.databricks.com` is the account console, not a workspace "
            "(write its address, https://…, or `local`)",
        ),
        (
            "metastores: {eu: {}}\nenvironments: {dev: {metastore: ue}}",
            "unknown-metastore: metastore `ue` is not declared (metastores: eu)",
        ),
        (
            "environments: {dev: {mode: prod}}",
            "wrong-value: `prod` is not a value of `mode` (one of 'development' or 'production')",
        ),
    ],
)
def test_errors_of_an_environment_are_findings(findings: Findings, org: str, expected: str) -> None:
    assert expected in findings({ORG: org}, "local")


def test_a_workspace_address_without_a_scheme_is_taken(deployed: Deployed) -> None:
    org = "environments: {dev: {workspace: DEV.example.com/}}\n"
    foundation = deployed({ORG: org}, "dev").foundations[0]
    assert foundation.environment.workspace == "https://dev.example.com"


def test_in_development_mode_names_contain_the_user(deployed: Deployed, findings: Findings) -> None:
    naming = {".brickopscfg/config.yml": 'naming: {db: {prod: "{db}", other: "{env}_{db}"}}'}
    assert findings({ORG: "environments: {dev: {mode: development}}", **naming}, "dev") == [
        "names-not-user-scoped: `dev` is for development, but all users get the same schema names "
        "(use `{username}` in naming.db, or remove `mode` for a shared deployment)"
    ]
    assert (
        deployed({ORG: "environments: {dev: {}}", **naming}, "dev").deployments[0].schemas[0].name
        == "dev_revenue"
    )


def test_production_names_contain_no_identity(deployed: Deployed, findings: Findings) -> None:
    """Templates have a key `prod`.

    Another production environment would recreate jobs and schemas at every commit.
    """
    org = "environments: {live: {mode: production, run_as: {service_principal_name: sp-acme}}}"
    naming = (
        'naming: {job: {other: "{flow}"}, pipeline: {live: "{flow}", other: "{username}"}, '
        'db: {other: "{gitshortref}_{db}"}}'
    )
    message = (
        "production-names-personal: `live` is production, but names there contain user, branch or commit"
    )
    assert findings({ORG: org}, "live") == [
        f"{message} (set `live:` beside `prod:` and `other:` in naming.job, naming.pipeline, naming.db)"
    ]
    assert findings({ORG: org, ".brickopscfg/config.yml": naming}, "live") == [
        f"{message} (set `live:` beside `prod:` and `other:` in naming.db)"
    ]
    shared = naming.replace("db: {other", 'db: {live: "{db}", other')
    assert deployed({ORG: org, ".brickopscfg/config.yml": shared}, "live").deployments[0].identity.key == ()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "sp-amce",
            "unknown-principal: service principal `sp-amce` is not listed in org.yml "
            "(did you mean `sp-acme`?)",
        ),
        (
            "sp-new",
            "service-principal-without-id: service principal `sp-new` has no `application_id` in org.yml "
            "(add it; Databricks shows it after creation)",
        ),
    ],
)
def test_jobs_run_as_a_listed_service_principal(
    deployed: Deployed, findings: Findings, name: str, expected: str
) -> None:
    id = "7f1c0d6e-2f5b-4d0c-9a58-3c1e6b7d9a10"
    org = (
        f"service_principals: {{sp-acme: {{application_id: {id}}}, sp-new: {{}}}}\n"
        "environments: {dev: {run_as: {service_principal_name: NAME}}}"
    )
    assert findings({ORG: org.replace("NAME", name)}, "dev") == [expected]
    assert deployed({ORG: org.replace("NAME", "sp-acme")}, "dev").environments[0].runs_as == "sp-acme"
    assert deployed({ORG: org.replace("NAME", id)}, "dev").environments[0].runs_as == id


def test_catalogs_have_one_state_if_environments_have_different_backends(
    deployed: Deployed, findings: Findings
) -> None:
    org = (
        "environments:\n"
        "  dev: {backend: {s3: {bucket: dev, region: eu-west-1}}}\n"
        "  live: {backend: {s3: {bucket: live, region: eu-west-1}}}\n"
    )
    assert findings({ORG: org}, "dev") == [
        "metastore-without-backend: dev, live share metastore `main`, but have different backends "
        "(set the backend of its catalogs: `metastores: {main: {backend: …}}`)"
    ]
    said = org + "metastores: {main: {backend: {s3: {bucket: shared, region: eu-west-1}}}}\n"
    mesh = deployed({ORG: said}, "dev")
    assert mesh.foundations[0].backend.arguments["bucket"] == "shared"
    assert mesh.deployments[0].backend.arguments["bucket"] == "dev"
    assert mesh.foundations[0].backend.arguments["key"].startswith("acme/foundation/main")


def test_shared_objects_belong_to_production_then_to_a_workspace_then_to_this_machine() -> None:
    """Of equal environments, to the first."""
    run_as = RunAs(service_principal_name=RUN_AS)
    here = Environment("local", embedded=True)
    dev, test = Environment("dev"), Environment("test")
    live = Environment("live", mode="production", run_as=run_as)
    rehearsal = Environment("rehearsal", mode="production", embedded=True, run_as=run_as)

    assert owning_environment([here, dev, test, live, rehearsal]) is live
    assert owning_environment([here, dev, rehearsal, live]) is rehearsal
    assert owning_environment([here, test, dev]) is test
    assert owning_environment([here]) is here


def test_production_that_cannot_be_deployed_owns_nothing_of_others() -> None:
    """An org that declares no environments has `prod` without a service principal."""
    assert owning_environment([Environment("dev"), Environment("prod", mode="production")]).name == "dev"
