"""Errors of pipelines, each with its remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.documents.secret import REMEDY
from tests.mesh.conftest import FLOW, PRODUCTION, PROJECT, RUN_AS, Deployed, Findings

NOTEBOOK = "# Databricks notebook source\n"
ONE = {f"{FLOW}/deployment.yml": "pipeline_tasks: [{pipeline_key: a}]"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{pipeline_tasks: []}", "empty-list: `pipeline_tasks` is empty (add at least one)"),
        (
            "{pipeline_tasks: [{pipeline_key: a, notebook: b}]}",
            "unknown-field: unknown field `notebook` in pipeline_tasks (fields: pipeline_key)",
        ),
        (
            "{pipeline_tasks: [{pipeline_key: b}]}",
            f"notebook-missing: notebook `{FLOW}/b` does not exist (add it as a .py file, or correct the name)",
        ),
        (
            "{libraries: [{file: {path: ../x.py}}]}",
            "notebook-outside: source file `../x.py` may not leave its folder by `..` (move it there)",
        ),
        (
            "{root_path: ../src, libraries: [{notebook: {path: a}}]}",
            f"notebook-missing: folder `{FLOW.rpartition('/')[0]}/src` does not exist, from which the pipeline "
            "imports modules (add it, or correct the path)",
        ),
        (
            "{libraries: [{glob: {include: b/**}}]}",
            f"glob-without-files: no .py or .sql file matches `{FLOW}/b/**` (add one, or correct the glob)",
        ),
        (
            "{catalog: mine, pipeline_tasks: [{pipeline_key: a}]}",
            "name-given: `catalog` is set by the naming templates and `schema` (remove it)",
        ),
        (
            "{schema: tpis, schemas: [tips], pipeline_tasks: [{pipeline_key: a}]}",
            "unknown-schema: schema `tpis` is not in `schemas` (did you mean `tips`?)",
        ),
        (
            "{serverless: true, clusters: [{num_workers: 1}], pipeline_tasks: [{pipeline_key: a}]}",
            "conflicting-fields: the pipeline is serverless and has clusters (keep one)",
        ),
        (
            "{clusters: [{num_workers: 1}, {label: default}], pipeline_tasks: [{pipeline_key: a}]}",
            "key-twice: `default` is declared twice in clusters (rename one)",
        ),
        (
            "{configuration: {git_url: x}, pipeline_tasks: [{pipeline_key: a}]}",
            "parameter-taken: `git_url` is set by the deployment (rename yours)",
        ),
        (
            "{configuration: {my.password: x}, pipeline_tasks: [{pipeline_key: a}]}",
            f"secret-in-yaml: `my.password` is not allowed in a file ({REMEDY})",
        ),
        (
            "{parameters: [{name: api_key, default: x}], pipeline_tasks: [{pipeline_key: a}]}",
            f"secret-in-yaml: `api_key` is not allowed in a file ({REMEDY})",
        ),
        (
            "{data_sampling: true, pipeline_tasks: [{pipeline_key: a}]}",
            "unknown-field: `data_sampling` is not a field of Terraform's databricks_pipeline (remove it)",
        ),
        (
            f"{{libraries: [{{glob: {{include: {'b' * 300}}}}}]}}",
            f"glob-without-files: no .py or .sql file matches `{FLOW}/{'b' * 60}` (add one, or correct the glob)",
        ),
        (
            "{libraries: [{}]}",
            "missing-field: the library is empty (add notebook, file, glob or whl)",
        ),
        (
            "{libraries: [{notebok: {path: a}, whl: /x}]}",
            "unknown-field: unknown field `notebok` in libraries (did you mean `notebook`?)",
        ),
        (
            "{ingestion_definition: []}",
            "wrong-type: `ingestion_definition` is a list: should be a mapping of fields to values",
        ),
        (
            "{libraries: [{notebook: {path: a}, whl: /Volumes/a/b/c.whl}]}",
            "conflicting-fields: one library has notebook and whl (split it into entries)",
        ),
        (
            "{policy_name: small, clusters: [{num_workers: 1}], pipeline_tasks: [{pipeline_key: a}]}",
            "conflicting-fields: `policy_name` is for pipelines without `clusters` (set it in the clusters)",
        ),
        (
            "{clusters: [{num_workers: 1, autoscale: {min_workers: 1, max_workers: 2}}],"
            " pipeline_tasks: [{pipeline_key: a}]}",
            "conflicting-fields: `clusters` has num_workers and autoscale (keep one)",
        ),
        (
            "{pipelines: [{name: x, pipelines: [{name: y}], pipeline_tasks: [{pipeline_key: a}]}]}",
            "not-by-entry: `pipelines` is a field of the flow, not of a pipeline (declare it outside of `pipelines`)",
        ),
        (
            "{pipelines: [{name: x, channel: CURRENT}]}",
            "missing-field: pipeline `x` has no pipeline_tasks or libraries (add one)",
        ),
        (
            "{pipeline_tasks: [{pipeline_key: a}], permissions: [{group_name: g, permission_level: CAN_USE}]}",
            "permission-not-there: `CAN_USE` is not a permission level of a pipeline "
            "(levels: CAN_VIEW, CAN_RUN, CAN_MANAGE, IS_OWNER)",
        ),
    ],
)
def test_errors_of_pipelines_are_findings(findings: Findings, text: str, expected: str) -> None:
    assert findings({f"{FLOW}/deployment.yml": text}, "dev") == [expected]


OTHER = f"{PROJECT}/flows/prep/other"
SHARING = "pipeline_tasks: [{pipeline_key: a}], allow_duplicate_names: true"


def _two(first: str, second: str) -> dict[str, str]:
    return {
        **PRODUCTION,
        f"{OTHER}/deployment.yml": f"{{{first}}}",
        f"{OTHER}/a.py": "",
        f"{FLOW}/deployment.yml": f"{{{second}}}",
    }


@pytest.mark.parametrize(
    ("first", "second", "called", "other"),
    [
        ("pipeline_tasks: [{pipeline_key: a}]", "pipeline_tasks: [{pipeline_key: a}]", "dlt", "other"),
        (SHARING, "pipeline_tasks: [{pipeline_key: a}]", "dlt", "other"),
        ("pipeline_tasks: [{pipeline_key: a}]", SHARING, "dlt", "revenue"),
        (
            "pipelines: [{name: x, pipeline_tasks: [{pipeline_key: a}]}]",
            "pipelines: [{name: x, pipeline_tasks: [{pipeline_key: a}]}]",
            "dlt_x",
            "other/x",
        ),
    ],
)
def test_pipelines_with_one_name_are_a_finding(
    findings: Findings, first: str, second: str, called: str, other: str
) -> None:
    """The default template does not contain `{flow}`, and Databricks refuses the second pipeline."""
    assert findings(_two(first, second)) == [
        f"pipeline-name-shared: the pipeline has the name `transport_taxinyc_prod_{called}`, as does the "
        f"pipeline of `acme/transport/taxinyc/prep/{other}` (use `{{flow}}` in the naming template `pipeline`, or list "
        "them in `pipelines` by other names, or set `allow_duplicate_names: true` in both)"
    ]


def test_pipelines_may_agree_to_share_a_name(deployed: Deployed) -> None:
    made = deployed(_two(SHARING, SHARING))
    names = {made.flow(f"prep/{flow}").pipelines[0].name for flow in ("other", "revenue")}
    assert names == {"transport_taxinyc_prod_dlt"}


def test_a_template_with_the_flow_keeps_pipelines_apart(deployed: Deployed) -> None:
    naming = "naming: {pipeline: {other: '{project}_{flow}_{env}'}}"
    files = _two("pipeline_tasks: [{pipeline_key: a}]", "pipeline_tasks: [{pipeline_key: a}]")
    made = deployed(files | {".brickopscfg/config.yml": naming}, "local")
    names = [made.flow(f"prep/{flow}").pipelines[0].name for flow in ("other", "revenue")]
    assert names == ["taxinyc_other_local", "taxinyc_revenue_local"]


@pytest.mark.parametrize(
    ("libraries", "what"),
    [
        ("glob: {include: explore/**}", "glob `{}/explore/**`"),
        ("glob: {include: .hidden/**}", "glob `{}/.hidden/**`"),
        ("file: {path: explore/x.py}", "file `{}/explore/x.py`"),
        ("notebook: {path: linked}", "notebook `{}/linked`"),
        ("glob: {include: linked.py}", "glob `{}/linked.py`"),
    ],
)
def test_a_file_that_is_not_uploaded_is_not_a_source(
    findings: Findings, tmp_path: Path, libraries: str, what: str
) -> None:
    """A pipeline reads its sources from the workspace; links and hidden files are not uploaded."""
    (tmp_path / FLOW).mkdir(parents=True)
    (tmp_path / FLOW / "linked.py").symlink_to("a.py")
    files = {**PRODUCTION, f"{FLOW}/explore/x.py": "", f"{FLOW}/.hidden/x.py": ""}
    assert findings({**files, f"{FLOW}/deployment.yml": f"{{libraries: [{{{libraries}}}]}}"}) == [
        f"not-in-workspace: {what.format(FLOW)} is not uploaded, because it is a link, hidden, in "
        "`explore`, or a view or function (move the file)"
    ]


def test_a_notebook_may_not_be_a_file_of_a_pipeline(findings: Findings) -> None:
    text = "libraries: [{file: {path: a.py}}]"
    files = {**PRODUCTION, f"{FLOW}/deployment.yml": text, f"{FLOW}/a.py": NOTEBOOK}
    assert findings(files) == [
        f"notebook-with-suffix: `{FLOW}/a.py` is a notebook, which has no suffix in the workspace "
        "(name it as `notebook: {path: a}`)"
    ]


def test_a_job_may_not_run_a_link(findings: Findings, tmp_path: Path) -> None:
    (tmp_path / FLOW).mkdir(parents=True)
    (tmp_path / FLOW / "linked.py").symlink_to("a.py")
    files = {f"{FLOW}/deployment.yml": "tasks: [{task_key: linked, serverless: true}]"}
    assert findings(files, "local") == [
        f"not-in-workspace: notebook `{FLOW}/linked` is not uploaded, because it is a link, hidden, in "
        "`explore`, or a view or function (move the file)"
    ]


def test_permissions_of_pipelines_and_jobs_have_different_terraform_names(findings: Findings) -> None:
    flow = f"{PROJECT}/flows/pipeline/prep_revenue"
    files = {f"{flow}/deployment.yml": "tasks: [{task_key: a, serverless: true}]", f"{flow}/a.py": ""}
    assert findings(PRODUCTION | ONE | files) == [
        "same-terraform-name: has the same Terraform name as "
        "acme/transport/taxinyc/pipeline/prep_revenue, `pipeline_prep_revenue` (rename one)"
    ]


def test_a_pipeline_has_one_schema_in_all_environments(findings: Findings) -> None:
    text = """
    pipelines: [{name: x, schema: tips, pipeline_tasks: [{pipeline_key: a}]}]
    environments: {prod: {pipelines: [{name: x, schema: other}]}}
    """
    assert findings({f"{FLOW}/deployment.yml": text}) == [
        "not-by-environment: `schema` is the same in all environments (declare it outside of `environments`)"
    ]


def test_an_unknown_pipeline_is_reported_in_a_mesh_without_pipelines(findings: Findings) -> None:
    assert findings({f"{FLOW}/deployment.yml": "tasks: [{task_key: a, pipeline_task: {flow: prep/x}}]"}) == [
        "unknown-flow: flow `prep/x` with a pipeline is not in the mesh (flows: none yet)"
    ]


def test_the_job_of_a_schedule_may_have_the_name_of_another_job(findings: Findings) -> None:
    """The job has the name of its pipeline, which a template may also give to a job."""
    part, other = f"{FLOW}/late", "orgs/acme/domains/finance/projects/costs/flows/prep/monthly"
    schedule = "schedule: {quartz_cron_expression: 0 0 1 ? * Mon, timezone_id: Europe/Oslo}"
    files = {
        ".brickopscfg/config.yml": "naming: {pipeline: {other: '{domain}_{project}_{env}'},"
        " job: {other: '{domain}_{project}_{env}'}}",
        f"{FLOW}/deployment.yml": f"pipeline_tasks: [{{pipeline_key: a}}]\n{schedule}",
        f"{part}/deployment.yml": "tasks: [{task_key: a, serverless: true}]",
        f"{part}/a.py": "",
        f"{other}/deployment.yml": "tasks: [{task_key: go, run_job_task: {flow: revenue/late}}]",
    }
    [found] = findings(files, "local")
    assert found.startswith(
        "job-name-shared: the job of `acme/transport/taxinyc/prep/revenue/late` has the same name as that of "
        "`acme/transport/taxinyc/prep/revenue` "
    )


@pytest.mark.parametrize(
    "code", ["tasks: [{task_key: a, serverless: true}]", "pipeline_tasks: [{pipeline_key: a}]"]
)
def test_the_principal_of_a_job_or_pipeline_is_listed_or_an_application_id(
    findings: Findings, deployed: Deployed, code: str
) -> None:
    """Also if org.yml lists no service principals: Databricks knows them by their application ids only."""
    file, org = f"{FLOW}/deployment.yml", "orgs/acme/org.yml"
    text = f"{code}\nrun_as: {{service_principal_name: sp-acmee}}"
    unknown = "unknown-principal: service principal `sp-acmee` is not listed in org.yml"

    assert findings({file: text}, "dev") == [f"{unknown} (service principals: none yet)"]
    listed = {org: f"service_principals: {{sp-acme: {{application_id: {RUN_AS}}}}}"}
    assert findings({file: text, **listed}, "dev") == [f"{unknown} (did you mean `sp-acme`?)"]
    without_id = {org: "service_principals: {sp-acmee: {}}"}
    [found] = findings({file: text, **without_id}, "dev")
    assert found.startswith("service-principal-without-id: service principal `sp-acmee` has no")
    deployed({file: f"{code}\nrun_as: {{service_principal_name: {RUN_AS}}}"}, "dev")


def test_a_job_runs_as_one_principal(findings: Findings) -> None:
    text = (
        "tasks: [{task_key: a, serverless: true}]\n"
        f"run_as: {{service_principal_name: {RUN_AS}, user_name: ola@acme.example}}"
    )
    assert findings({f"{FLOW}/deployment.yml": text}) == [
        "conflicting-fields: `run_as` has user_name and service_principal_name (keep one)"
    ]
