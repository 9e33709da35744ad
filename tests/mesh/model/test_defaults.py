"""Settings that levels share: merged downwards, the nearest wins, and each with its origin."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
import yaml

from mesh.deployment.job import Job
from mesh.deployment.job_settings import Setting, merge_settings
from mesh.load import load
from mesh.mesh import MeshDeployment
from mesh.model.code import WorkspaceCode
from tests.mesh.conftest import FLOW, PROJECT, Deployed, Findings

ORG = "orgs/acme"
DOMAIN = "orgs/acme/domains/transport"
RUN_AS = "{run_as: {service_principal_name: 7f1c0d6e-0000-4000-8000-000000000001}}"


def the_job(mesh: MeshDeployment) -> Job:
    """The job of the only flow."""
    job = mesh.flow("prep/revenue").job
    assert job is not None
    return job


def deployment(more: str) -> str:
    """The deployment.yml of the flow with these additional fields."""
    return f"{more}\ntasks: [{{task_key: a, serverless: true}}]\n"


def parameters(job: Job) -> dict[str, str]:
    """The declared parameters, in their order."""
    own = [one for one in job.settings["parameters"] if not one["name"].startswith(("git_", "pipeline_"))]
    return {one["name"]: one["default"] for one in own if one["name"] not in ("catalog", "schema")}


@pytest.mark.parametrize(
    ("field", "values", "expected"),
    [
        ("max_concurrent_runs", ("", "", "", ""), 1),
        ("max_concurrent_runs", ("2", "", "", ""), 2),
        ("max_concurrent_runs", ("2", "3", "", ""), 3),
        ("max_concurrent_runs", ("2", "3", "4", ""), 4),
        ("max_concurrent_runs", ("2", "3", "4", "1"), 1),
        ("timeout_seconds", ("", "", "", ""), None),
        ("timeout_seconds", ("60", "", "", ""), 60),
        ("timeout_seconds", ("60", "", "0", ""), 0),
        ("timeout_seconds", ("60", "", "0", "9"), 9),
    ],
)
def test_the_nearest_level_sets_a_single_value(
    deployed: Deployed, field: str, values: tuple[str, ...], expected: int | None
) -> None:
    """From the org down to the flow; zero is a value."""
    places = (ORG, DOMAIN, PROJECT)
    files = {
        f"{place}/defaults.yml": f"{field}: {value}"
        for place, value in zip(places, values, strict=False)
        if value
    }
    if values[-1]:
        files[f"{FLOW}/deployment.yml"] = deployment(f"{field}: {values[-1]}")
    assert the_job(deployed(files)).settings.get(field) == expected


def test_tags_are_merged_by_key_with_the_tags_of_the_deployment(deployed: Deployed) -> None:
    """A flow adds tags to those of its org and may override them."""
    files = {
        f"{ORG}/defaults.yml": "tags: {cost: '1', unit: acme}",
        f"{DOMAIN}/defaults.yml": "tags: {cost: '2'}",
        f"{FLOW}/deployment.yml": deployment("tags: {cost: '3', label: ''}"),
    }
    assert the_job(deployed(files)).settings["tags"] == {
        "cost": "3",
        "label": "",
        "unit": "acme",
        "deployment": "prod",
        "git_url": "https://github.com/acme/mesh",
        "git_branch": "main",
        "git_commit": "c" * 40,
    }


def test_parameters_merge_by_name(deployed: Deployed) -> None:
    """Parameters of the flow come first, so a new parameter of a level above is added at the end."""
    files = {
        f"{ORG}/defaults.yml": "parameters: [{name: limit, default: '1'}, {name: currency, default: EUR}]",
        f"{PROJECT}/defaults.yml": "parameters: [{name: limit, default: '2'}, {name: year, default: '2016'}]",
        f"{FLOW}/deployment.yml": deployment("parameters: [{name: year, default: '2017'}]"),
    }
    found = parameters(the_job(deployed(files)))
    assert list(found.items()) == [("year", "2017"), ("limit", "2"), ("currency", "EUR")]


@pytest.mark.parametrize(("env", "mailed"), [("prod", True), ("dev", False)])
def test_notifications_merge_by_event(deployed: Deployed, env: str, mailed: bool) -> None:
    """An empty list silences an event; in development no notifications are sent."""
    files = {
        f"{ORG}/defaults.yml": "email_notifications: {on_failure: [org@acme.example], on_start: [org@acme.example]}",
        f"{DOMAIN}/defaults.yml": "email_notifications: {on_failure: [transport@acme.example]}",
        f"{FLOW}/deployment.yml": deployment(
            "email_notifications: {on_start: [], on_success: [taxi@acme.example]}"
        ),
    }
    expected = {"on_success": ["taxi@acme.example"], "on_failure": ["transport@acme.example"]}
    found = the_job(deployed(files, env)).settings.get("email_notifications")
    assert found == (expected if mailed else None)


def test_a_task_inherits_the_retries_that_it_does_not_set(deployed: Deployed) -> None:
    """Field by field."""
    files = {
        f"{ORG}/defaults.yml": "{max_retries: 3, min_retry_interval_millis: 60000}",
        f"{PROJECT}/defaults.yml": "{max_retries: 1, retry_on_timeout: true}",
        f"{FLOW}/deployment.yml": (
            "tasks:\n"
            "- {task_key: a, serverless: true}\n"
            "- {task_key: b, serverless: true, max_retries: 0, retry_on_timeout: false, timeout_seconds: 5}\n"
        ),
        f"{FLOW}/b.py": "",
    }
    fields = ("max_retries", "min_retry_interval_millis", "retry_on_timeout", "timeout_seconds")
    first, second = the_job(deployed(files)).settings["tasks"]
    assert [first.get(field) for field in fields] == [1, 60000, True, None]
    assert [second.get(field) for field in fields] == [0, 60000, False, 5]


def test_without_settings_a_job_gets_no_fields(deployed: Deployed) -> None:
    """No field is added; the queue is off, as the provider sends it."""
    job = the_job(deployed({}))
    usual = {"name", "max_concurrent_runs", "queue", "tags", "parameters", "tasks", "git_source"}
    assert job.settings.keys() == usual
    assert job.settings["queue"] == {"enabled": False}
    assert job.settings["tasks"][0].keys() == {"task_key", "notebook_task"}
    assert job.permissions == ()


def test_the_nearest_level_decides_about_the_queue(deployed: Deployed) -> None:
    files = {f"{ORG}/defaults.yml": "queue: {enabled: true}"}
    assert the_job(deployed(files)).settings["queue"] == {"enabled": True}

    files[f"{FLOW}/deployment.yml"] = deployment("queue: {enabled: false}")
    assert the_job(deployed(files)).settings["queue"] == {"enabled": False}


def test_each_value_has_the_file_and_line_of_its_origin(deployed: Deployed, tmp_path: Any) -> None:
    """A value that no file declares is built in."""
    deployed(
        {
            f"{ORG}/defaults.yml": "max_retries: 2\ntags:\n  cost: '1'\n",
            f"{DOMAIN}/defaults.yml": "timeout_seconds: 60\n",
            f"{FLOW}/deployment.yml": deployment("parameters:\n- {name: year, default: '2017'}"),
        }
    )
    [org] = load(tmp_path).orgs
    [domain] = org.domains
    [project] = domain.projects
    found = merge_settings(org, domain, project, *project.flows)
    assert found.tags == {"cost": Setting("1", f"{ORG}/defaults.yml:3")}
    assert found.retries == {"max_retries": Setting(2, f"{ORG}/defaults.yml:1")}
    assert found.timeout_seconds == Setting(60, f"{DOMAIN}/defaults.yml:1")
    assert found.parameters == {"year": Setting("2017", f"{FLOW}/deployment.yml:2")}
    assert found.max_concurrent_runs == Setting(1, "built in")


PERMISSIONS = {
    f"{ORG}/defaults.yml": (
        "permissions:\n"
        "- {group_name: operators, permission_level: CAN_MANAGE}\n"
        "- {group_name: analysts, permission_level: CAN_MANAGE_RUN}\n"
    ),
    f"{PROJECT}/defaults.yml": (
        "permissions:\n"
        "- {group_name: analysts, permission_level: CAN_VIEW}\n"
        "- {user_name: ola@acme.example, permission_level: CAN_VIEW}\n"
        "- {service_principal_name: monitor, permission_level: CAN_VIEW}\n"
    ),
    f"{ORG}/org.yml": (
        "service_principals: {monitor: {application_id: 11111111-0000-4000-8000-000000000001}}\n"
        f"environments: {{prod: {RUN_AS}, dev: {{}}, shared: {{code: workspace}}}}"
    ),
    ".brickopscfg/config.yml": 'naming: {job: {shared: "{flow}", other: "{flow}_{username}"}, pipeline: {other: "{flow}"}, '
    'db: {shared: "{db}", other: "{username}_{db}"}}',
}
MONITOR = "11111111-0000-4000-8000-000000000001"


def test_permissions_merge_by_principal(deployed: Deployed) -> None:
    """The nearest level applies, even with a weaker permission.

    Service principals are compared by application id.
    """
    files = PERMISSIONS | {
        f"{FLOW}/deployment.yml": deployment(
            "permissions: [{group_name: operators, permission_level: CAN_VIEW}]"
        )
    }
    found = the_job(deployed(files, "shared")).permissions
    assert [(one.kind, one.principal, one.level, one.origins) for one in found] == [
        ("group_name", "analysts", "CAN_VIEW", (f"{PROJECT}/defaults.yml:2",)),
        ("group_name", "operators", "CAN_VIEW", (f"{FLOW}/deployment.yml:1",)),
        ("service_principal_name", MONITOR, "CAN_VIEW", (f"{PROJECT}/defaults.yml:4",)),
        ("user_name", "ola@acme.example", "CAN_VIEW", (f"{PROJECT}/defaults.yml:3",)),
    ]


def test_the_deployer_of_a_personal_deployment_gets_no_permission(deployed: Deployed) -> None:
    """Databricks refuses to reduce the rights of an owner."""
    found = the_job(deployed(PERMISSIONS, "dev")).permissions
    assert [one.principal for one in found] == ["analysts", "operators", MONITOR]


def test_users_who_may_run_the_jobs_of_a_project_may_read_its_files(deployed: Deployed) -> None:
    """With the permission levels of folders; a permission of one flow applies to its job only."""
    files = PERMISSIONS | {
        f"{FLOW}/deployment.yml": deployment(
            "permissions: [{group_name: press, permission_level: CAN_MANAGE_RUN}]"
        )
    }
    mesh = deployed(files, "shared")
    code = mesh.deployments[0].code
    assert isinstance(code, WorkspaceCode)
    assert {one.principal: one.level for one in code.permissions} == {
        "analysts": "CAN_READ",
        "operators": "CAN_MANAGE",
        MONITOR: "CAN_READ",
        "ola@acme.example": "CAN_READ",
    }
    assert "press" in {one.principal for one in the_job(mesh).permissions}


@pytest.mark.parametrize(
    ("defaults", "expected"),
    [
        (
            "tags: {git_url: x, deployment: y}",
            [
                "tag-taken: tag `git_url` is set by the deployment (rename yours)",
                "tag-taken: tag `deployment` is set by the deployment (rename yours)",
            ],
        ),
        ("tags: {'': x}", ["bad-tag: tag `` has 0 characters (1 to 127)"]),
        (f"tags: {{a: {'x' * 256}}}", ["bad-tag: the value of tag `a` has 256 characters (255 at most)"]),
        (
            f"tags: {{{', '.join(f'k{i}: x' for i in range(22))}}}",
            ["too-many-tags: its job would have 26 tags, the deployment's 4 among them (25 at most)"],
        ),
        (
            "parameters: [{name: git_commit, default: x}]",
            ["parameter-taken: parameter `git_commit` is set by the deployment (rename yours)"],
        ),
        (
            "parameters: [{name: schema, default: x}]",
            [
                "parameter-taken: parameter `schema` is set by the deployment to the schema of each flow (rename yours)"
            ],
        ),
        (
            "parameters: [{name: a, default: x}, {name: a, default: y}]",
            ["parameter-twice: parameter `a` is declared twice (keep one)"],
        ),
        (
            "permissions: [{user_name: a@b.example, permission_level: IS_OWNER}]",
            ["owner-is-deployer: a job is owned by its deployer, not by `a@b.example` (give it CAN_MANAGE)"],
        ),
        (
            "permissions: [{group_name: a, permission_level: CAN_VIEW}, {group_name: a, permission_level: CAN_MANAGE}]",
            ["permission-twice: `a` is declared twice (keep one)"],
        ),
        (
            "permissions: [{group_name: a, permission_level: CAN_READ}]",
            [
                "permission-not-there: `CAN_READ` is not a permission level of a job "
                "(levels: CAN_VIEW, CAN_MANAGE_RUN, CAN_MANAGE, IS_OWNER)"
            ],
        ),
        ("max_retry: 1", ["unknown-field: unknown field `max_retry` (did you mean `max_retries`?)"]),
        ("max_retries: -2", ["wrong-type: `max_retries` is `-2`: should be greater than or equal to -1"]),
    ],
)
def test_errors_in_defaults_are_findings(findings: Findings, defaults: str, expected: list[str]) -> None:
    """All are reported before a deployment."""
    assert findings({f"{PROJECT}/defaults.yml": defaults}) == expected


@pytest.mark.parametrize(
    ("written", "text"),
    [
        *(
            ("2", "2"),
            ("-1", "-1"),
            ("1.50", "1.5"),
            ("007", "7"),
            ("010", "8"),
            ("08", "08"),
            ("1_000", "1000"),
        ),
        *(
            ("true", "true"),
            ("yes", "true"),
            ("Off", "false"),
            ("12:30", "750"),
            ("1e3", "1e3"),
            ("0x1F", "31"),
        ),
        *(("'007'", "007"), ("2024-01-31", "2024-01-31"), ("2024-01-31 10:00:00", "2024-01-31 10:00:00")),
    ],
)
def test_a_parameter_is_the_text_that_brickops_sends(deployed: Deployed, written: str, text: str) -> None:
    """The JSON of what YAML reads; brickops cannot send dates, which are the text as written."""
    file = f"parameters: [{{name: x, default: {written}}}]\ntasks: [{{task_key: a, serverless: true}}]"
    job = deployed({f"{FLOW}/deployment.yml": file}).flow("prep/revenue").job
    assert job is not None

    assert {"name": "x", "default": text} in job.settings["parameters"]
    read = yaml.safe_load(file)["parameters"][0]["default"]
    if not isinstance(read, str | datetime.date):
        assert json.dumps(read) == text


def test_the_origin_of_a_parameter_that_is_no_text_says_which_text_it_is(deployed: Deployed) -> None:
    [scope] = deployed(
        {f"{PROJECT}/defaults.yml": "parameters: [{name: x, default: 007}, {name: y, default: '007'}]"}
    ).scopes
    given = merge_settings(scope.org, scope.domain, scope.project).parameters

    assert given["x"].origin == f'{PROJECT}/defaults.yml:1, the text "7"'
    assert given["y"].origin == f"{PROJECT}/defaults.yml:1"
