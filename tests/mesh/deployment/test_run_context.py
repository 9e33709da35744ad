"""Jobs and pipelines get the facts of their deployment as tags and parameters, and a principal to run as."""

from __future__ import annotations

from mesh.deployment.job_settings import Settings, merge_settings
from mesh.deployment.run_context import GitTags, parameters, run_as, tags
from mesh.deployment.scope import Scope
from mesh.model.entry import Entry
from mesh.model.naming import NameContext
from tests.mesh.conftest import FLOW, PROJECT, RUN_AS, Deployed

ORG = "orgs/acme/org.yml"
GIT = GitTags("https://github.com/acme/mesh", "feature/tips", "c" * 40)
DEV = NameContext("dev", "ola", "featuretips", "cccccccc")
PROD = NameContext("prod", "ola", "main", "cccccccc")


def settings_of(deployed: Deployed, text: str) -> Settings:
    """The settings of the project, from its defaults.yml."""
    [scope] = deployed({f"{PROJECT}/defaults.yml": text}).scopes
    return merge_settings(scope.org, scope.domain, scope.project)


def entry_of(scope: Scope) -> Entry:
    """The job of the only flow."""
    [flow] = scope.project.flows
    return flow.entries[0]


def test_tags_name_the_deployment_and_its_code_after_the_declared_tags(deployed: Deployed) -> None:
    given = settings_of(deployed, "tags: {unit: taxi, cost: '1'}")

    assert list(tags(given, DEV, GIT).items()) == [
        ("cost", "1"),
        ("unit", "taxi"),
        ("deployment", "dev_ola_featuretips_cccccccc"),
        ("git_url", GIT.url),
        ("git_branch", GIT.branch),
        ("git_commit", GIT.commit),
    ]
    assert tags(given, PROD, GIT)["deployment"] == "prod"


def test_a_declared_parameter_wins_over_the_location_of_data(deployed: Deployed) -> None:
    given = settings_of(deployed, "parameters: [{name: taxi_schema, default: mine}]")
    data = {"catalog": "transport", "taxi_schema": "revenue"}

    assert list(parameters(given, PROD, GIT, data).items()) == [
        ("taxi_schema", "mine"),
        ("pipeline_env", "prod"),
        ("git_url", GIT.url),
        ("git_branch", GIT.branch),
        ("git_commit", GIT.commit),
        ("catalog", "transport"),
    ]


def test_the_location_of_data_never_replaces_the_facts_of_the_deployment(deployed: Deployed) -> None:
    given = settings_of(deployed, "{}")

    assert parameters(given, PROD, GIT, {"git_commit": "other"})["git_commit"] == GIT.commit


def test_jobs_run_as_the_deployer_where_no_principal_is_declared(deployed: Deployed) -> None:
    [scope] = deployed({}, "dev").scopes

    assert run_as(scope, entry_of(scope)) is None


def test_a_listed_service_principal_runs_under_its_application_id(deployed: Deployed) -> None:
    org = (
        "environments: {prod: {run_as: {service_principal_name: sp-acme}}}\n"
        f"service_principals: {{sp-acme: {{application_id: {RUN_AS}}}}}\n"
    )
    [scope] = deployed({ORG: org}).scopes

    assert run_as(scope, entry_of(scope)) == {"service_principal_name": RUN_AS}


def test_a_job_or_pipeline_runs_as_the_application_id_of_the_principal_that_it_names(
    deployed: Deployed,
) -> None:
    """In place of the environment's principal; the job of a pipeline's schedule, too."""
    org = f"environments: {{dev: {{}}}}\nservice_principals: {{sp-acme: {{application_id: {RUN_AS}}}}}"
    text = (
        "run_as: {service_principal_name: sp-acme}\n"
        "jobs: [{name: load, tasks: [{task_key: a, serverless: true}]}]\n"
        "pipelines:\n"
        "- name: facts\n"
        "  run_as: {service_principal_name: sp-acme}\n"
        "  schedule: {quartz_cron_expression: 0 0 1 * * ?, timezone_id: UTC}\n"
        "  pipeline_tasks: [{pipeline_key: a}]\n"
    )
    flow = deployed({ORG: org, f"{FLOW}/deployment.yml": text}, "dev").flow("prep/revenue")

    [pipeline] = flow.pipelines
    settings = [pipeline.settings, *(job.settings for job in flow.all_jobs)]
    assert [one["run_as"] for one in settings] == [{"service_principal_name": RUN_AS}] * 3
