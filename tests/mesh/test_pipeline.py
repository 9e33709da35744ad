"""Pipeline settings are those that brickops builds; parameters become configuration."""

from __future__ import annotations

import copy
import os
import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from brickops.databricks.context import DbContext
from brickops.datamesh import cfg
from brickops.dataops.deploy.pipeline.buildconfig import build_pipeline_config

from mesh import load
from mesh.git import GitContext
from mesh.pipeline import Pipeline
from mesh.secret import REMEDY
from tests.mesh.conftest import FLOW, PROJECT, RUN_AS, Deployed, Findings

COMMIT = "5bd01c2f8a7e6d5c4b3a29181716151413121110"
USER = "Ola-Kari.Nordmann@acme.example"
NOTEBOOK = "# Databricks notebook source\n"
NOTEBOOKS = ("alpha", "beta", "gamma")
SEEDS = range(300)
SOURCE = {"git_url": "https://github.com/acme/mesh", "git_branch": "feature/x", "git_commit": COMMIT}
ONE = {f"{FLOW}/deployment.yml": "pipeline_tasks: [{pipeline_key: a}]"}
PRODUCTION = {
    "orgs/acme/org.yml": f"environments: {{dev: {{}}, prod: {{run_as: {{service_principal_name: {RUN_AS}}}}}}}",
}


def _deployment(seed: int) -> dict[str, Any]:
    """A deployment.yml of a pipeline in brickops' vocabulary."""
    chance = random.Random(seed)
    keys = chance.sample(NOTEBOOKS, chance.randint(1, 3))
    declared: dict[str, Any] = {
        "schema": chance.choice(["revenue", "tips", "dlt_revenue"]),
        "pipeline_tasks": [{"pipeline_key": key} for key in keys],
    }
    for field, values in {
        "edition": ["CORE", "PRO", "ADVANCED"],
        "channel": ["CURRENT", "PREVIEW"],
        "photon": [True, False],
        "serverless": [True, False],
        "continuous": [True, False],
        "data_sampling": [False],
        "pipeline_type": ["WORKSPACE"],
        "policy_name": ["dlt_default_policy"],
        "development": [True],
        "name": ["ignored"],
    }.items():
        if chance.random() < 0.4:
            declared[field] = chance.choice(values)
    if declared.get("serverless") is False:  # here a cluster has it; brickops loses it on the way
        declared.pop("policy_name", None)
    if chance.random() < 0.5:
        declared["parameters"] = [{"name": "limit", "default": "10"}, {"name": "schema", "default": "mine"}]
    if chance.random() < 0.5:
        declared["libraries"] = [{"notebook": {"path": "/Shared/common"}}]
    return declared


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with the notebooks that the generated files name."""
    for notebook in NOTEBOOKS:
        path = tmp_path / FLOW / f"{notebook}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# Databricks notebook source\n")
    return tmp_path


@pytest.mark.parametrize("env", ["dev", "prod"])
def test_settings_are_those_of_brickops(root: Path, env: str) -> None:
    """Names, tags, parameters, notebooks and defaults, over generated files."""
    before = Path.cwd()
    os.chdir(root)
    try:
        for seed in SEEDS:
            declared = _deployment(seed)
            (root / FLOW / "deployment.yml").write_text(yaml.safe_dump(declared))
            assert _ours(root, env, declared) == _theirs(env, declared), declared
    finally:
        os.chdir(before)


def _theirs(env: str, declared: dict[str, Any]) -> dict[str, Any]:
    cfg.read_config.cache_clear()
    context = DbContext(
        api_url="", api_token="", notebook_path=f"/Repos/x/mesh/{FLOW}/deploy", username=USER, widgets=SOURCE
    )
    built: dict[str, Any] = dict(
        build_pipeline_config(copy.deepcopy(declared) | {"git_source": SOURCE}, env, context).export_dict()
    )
    assert built.pop("data_sampling") is False
    assert built.pop("pipeline_type") == "WORKSPACE"
    built["configuration"] = {one["name"]: one["default"] for one in built.pop("parameters")}
    return built


def _ours(root: Path, env: str, declared: dict[str, Any]) -> dict[str, Any]:
    git = GitContext(root, USER, "https://github.com/acme/mesh", "feature/x", commit=COMMIT, lenient=True)
    deployed = load(root).in_environment(env, git).flow("prep/revenue")
    [pipeline] = deployed.pipelines
    settings = dict(pipeline.settings)
    folder = pipeline.settings["libraries"][-1]["notebook"]["path"].removesuffix(
        f"/{FLOW}/{declared['pipeline_tasks'][-1]['pipeline_key']}"
    )
    settings["libraries"] = [
        {"notebook": {"path": one["notebook"]["path"].replace(folder, "/Repos/x/mesh")}}
        for one in settings["libraries"]
    ]
    added = {"catalog", "schema"} - {one["name"] for one in declared.get("parameters", [])}
    configuration = settings["configuration"]
    assert added <= configuration.keys()
    settings["configuration"] = {key: value for key, value in configuration.items() if key not in added}
    return settings


def pipeline_of(deployed: Deployed, text: str, env: str = "dev", **files: str) -> Pipeline:
    made = deployed({f"{FLOW}/deployment.yml": text, **files}, env)
    [pipeline] = made.flow("prep/revenue").pipelines
    return pipeline


def test_a_pipeline_fills_the_schema_that_it_names(deployed: Deployed) -> None:
    flow = deployed({f"{FLOW}/deployment.yml": "{schema: tips, pipeline_tasks: [{pipeline_key: a}]}"}).flow(
        "prep/revenue"
    )

    assert flow.schema_names == ("tips",)
    assert [schema.name for schema in flow.schemas] == ["tips"]
    assert (flow.pipelines[0].settings["catalog"], flow.pipelines[0].settings["schema"]) == (
        "transport",
        "tips",
    )


def test_without_a_schema_it_fills_the_flows_own(deployed: Deployed) -> None:
    assert deployed(ONE).flow("prep/revenue").pipelines[0].schema == "revenue"


def test_several_pipelines_and_a_job_share_a_flow(deployed: Deployed) -> None:
    """What stands beside both is the job's, apart from what a flow says of all that runs in it."""
    text = """
    tags: {team: taxi}
    max_concurrent_runs: 2
    tasks:
    - {task_key: go, pipeline_task: {flow: prep/revenue/raw}}
    - {task_key: then, pipeline_task: {flow: prep/revenue/clean}, depends_on: [{task_key: go}]}
    pipelines:
    - {name: raw, schema: raw, pipeline_tasks: [{pipeline_key: a}], channel: PREVIEW}
    - {name: clean, libraries: [{notebook: {path: a}}], tags: {team: trips}}
    """
    flow = deployed({f"{FLOW}/deployment.yml": text}, "dev").flow("prep/revenue")

    raw, clean = flow.pipelines
    assert flow.schema_names == ("dev_ola_main_cccccccc_revenue", "dev_ola_main_cccccccc_raw")
    assert (raw.id, raw.schema, raw.settings["channel"]) == (
        "prep_revenue_raw",
        "dev_ola_main_cccccccc_raw",
        "PREVIEW",
    )
    assert (clean.id, clean.schema, clean.settings["channel"]) == (
        "prep_revenue_clean",
        "dev_ola_main_cccccccc_revenue",
        "CURRENT",
    )
    assert (raw.settings["tags"]["team"], clean.settings["tags"]["team"]) == ("taxi", "trips")
    assert flow.job is not None
    ids = [task["pipeline_task"]["pipeline_id"] for task in flow.job.settings["tasks"]]
    assert [one.made for one in ids] == ["prep_revenue_raw", "prep_revenue_clean"]


def test_what_stands_beside_pipelines_alone_holds_for_each(deployed: Deployed) -> None:
    text = "{channel: PREVIEW, pipelines: [{name: x, pipeline_tasks: [{pipeline_key: a}]}]}"
    assert pipeline_of(deployed, text).settings["channel"] == "PREVIEW"


@pytest.mark.parametrize(
    ("text", "env", "development"),
    [
        ("", "dev", True),
        ("development: false, ", "dev", False),
        ("", "prod", False),
        ("development: true, ", "prod", False),
    ],
)
def test_production_is_never_in_development_mode(
    deployed: Deployed, text: str, env: str, development: bool
) -> None:
    made = pipeline_of(deployed, f"{{{text}pipeline_tasks: [{{pipeline_key: a}}]}}", env)
    assert made.settings["development"] is development


def test_a_schedule_is_a_job_that_starts_the_pipeline(deployed: Deployed) -> None:
    text = """
    pipeline_tasks: [{pipeline_key: a}]
    schedule: {quartz_cron_expression: 0 0 1 ? * Mon, timezone_id: Europe/Oslo}
    permissions: [{group_name: finance, permission_level: CAN_RUN}]
    """
    made = pipeline_of(deployed, text)

    job = made.schedule
    assert job is not None
    assert (job.name, job.id) == (made.name, made.id)
    assert job.settings["schedule"]["pause_status"] == "PAUSED"
    assert job.settings["tasks"][0]["pipeline_task"]["pipeline_id"].made == made.id
    assert [(one.principal, one.level) for one in made.permissions] == [("finance", "CAN_RUN")]
    assert [(one.principal, one.level) for one in job.permissions] == [("finance", "CAN_MANAGE_RUN")]


def test_production_runs_as_its_principal_and_mails(deployed: Deployed) -> None:
    text = """
    pipeline_tasks: [{pipeline_key: a}]
    email_notifications: {on_failure: [team@acme.example], on_start: [x@acme.example]}
    notifications: [{email_recipients: [boss@acme.example], alerts: [on-flow-failure]}]
    """
    settings = pipeline_of(deployed, text, "prod", **PRODUCTION).settings

    assert settings["run_as"] == {"service_principal_name": RUN_AS}
    assert settings["notifications"] == [
        {
            "email_recipients": ["team@acme.example"],
            "alerts": ["on-update-failure", "on-update-fatal-failure"],
        },
        {"email_recipients": ["boss@acme.example"], "alerts": ["on-flow-failure"]},
    ]
    assert "notifications" not in pipeline_of(deployed, text, "dev", **PRODUCTION).settings


def test_files_and_globs_are_beside_the_deployment_file(deployed: Deployed) -> None:
    text = """
    libraries:
    - file: {path: more/one.py}
    - glob: {include: more/**}
    - glob: {include: /Workspace/Shared/**}
    - whl: /Volumes/a/b/c.whl
    root_path: more
    """
    more = {f"{FLOW}/more/one.py": "", f"{FLOW}/more/deep/two.sql": ""}
    settings = pipeline_of(deployed, text, "prod", **more).settings

    folder = f"/Workspace/Shared/mesh/acme-transport-taxinyc-prod/{FLOW}"
    assert settings["libraries"] == [
        {"file": {"path": f"{folder}/more/one.py"}},
        {"glob": {"include": f"{folder}/more/**"}},
        {"glob": {"include": "/Workspace/Shared/**"}},
        {"whl": "/Volumes/a/b/c.whl"},
    ]
    assert settings["root_path"] == f"{folder}/more"


def test_a_cluster_takes_a_policy_by_its_name(deployed: Deployed) -> None:
    compute = {f"{PROJECT}/compute.yml": "cluster_policies: {small: {definition: {}}}"}
    text = "{policy_name: small, serverless: false, pipeline_tasks: [{pipeline_key: a}]}"
    [cluster] = pipeline_of(deployed, text, "prod", **compute).settings["clusters"]
    assert (cluster["label"], cluster["policy_id"].made) == ("default", "small")

    text = "{clusters: [{policy_name: dlt, num_workers: 2}], pipeline_tasks: [{pipeline_key: a}]}"
    made = pipeline_of(deployed, text, "prod", **compute)
    [cluster] = made.settings["clusters"]
    assert (cluster["num_workers"], cluster["policy_id"].arguments) == (2, {"name": "dlt"})
    assert made.settings["serverless"] is False


def test_configuration_wins_over_parameters(deployed: Deployed) -> None:
    text = """
    pipeline_tasks: [{pipeline_key: a}]
    parameters: [{name: limit, default: "1"}, {name: other, default: "2"}]
    configuration: {limit: "5"}
    """
    made = pipeline_of(deployed, text).settings["configuration"]
    assert (made["limit"], made["other"], made["pipeline_env"]) == ("5", "2", "dev")


def test_an_environment_says_otherwise_of_one_pipeline(deployed: Deployed) -> None:
    text = """
    pipelines: [{name: x, edition: CORE, channel: PREVIEW, pipeline_tasks: [{pipeline_key: a}]}]
    environments: {prod: {pipelines: [{name: x, edition: PRO}]}}
    """
    made = pipeline_of(deployed, text, "prod").settings
    assert (made["edition"], made["channel"]) == ("PRO", "PREVIEW")


def test_another_project_runs_a_pipeline_by_its_name(deployed: Deployed) -> None:
    other = "orgs/acme/domains/finance/projects/costs/flows/prep/monthly"
    files = ONE | {
        f"{other}/deployment.yml": "tasks: [{task_key: go, pipeline_task: {flow: taxinyc/prep/revenue}}]"
    }
    made = deployed(files, "dev")

    job = made.flow("prep/monthly").job
    assert job is not None
    found = job.settings["tasks"][0]["pipeline_task"]["pipeline_id"]
    [pipeline] = made.flow("prep/revenue").pipelines
    assert (found.kind, found.made, found.arguments) == ("pipeline", None, {"name": pipeline.name})
    costs, taxi = made.deployments
    assert costs.runs == (taxi.stack,)


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
            "notebook-outside: source file `../x.py` may not leave its folder (no `..`, no leading `/`)",
        ),
        (
            "{libraries: [{glob: {include: b/**}}]}",
            f"glob-without-files: no .py or .sql file matches `{FLOW}/b/**` (add one, or correct the glob)",
        ),
        (
            "{catalog: mine, pipeline_tasks: [{pipeline_key: a}]}",
            "name-given: `catalog` is for the naming templates and `schema` to say (remove it)",
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
            "key-twice: `default` stands in clusters twice (rename one)",
        ),
        (
            "{configuration: {git_url: x}, pipeline_tasks: [{pipeline_key: a}]}",
            "parameter-taken: `git_url` is set by the deployment (rename yours)",
        ),
        (
            "{configuration: {my.password: x}, pipeline_tasks: [{pipeline_key: a}]}",
            f"secret-in-yaml: `my.password` has no place in a file ({REMEDY})",
        ),
        (
            "{parameters: [{name: api_key, default: x}], pipeline_tasks: [{pipeline_key: a}]}",
            f"secret-in-yaml: `api_key` has no place in a file ({REMEDY})",
        ),
        (
            "{data_sampling: true, pipeline_tasks: [{pipeline_key: a}]}",
            "unknown-field: `data_sampling` is no field of Terraform's databricks_pipeline (remove it)",
        ),
        (
            f"{{libraries: [{{glob: {{include: {'b' * 300}}}}}]}}",
            f"glob-without-files: no .py or .sql file matches `{FLOW}/{'b' * 60}` (add one, or correct the glob)",
        ),
        (
            "{libraries: [{}]}",
            "missing-field: the library names nothing (add notebook, file, glob or whl)",
        ),
        (
            "{libraries: [{notebok: {path: a}, whl: x}]}",
            "unknown-field: unknown field `notebok` in libraries (did you mean `notebook`?)",
        ),
        (
            "{ingestion_definition: []}",
            "wrong-type: `ingestion_definition` is a list: should be a mapping of fields to values",
        ),
        (
            "{libraries: [{notebook: {path: a}, whl: /Volumes/a/b/c.whl}]}",
            "conflicting-fields: one library has notebook and whl (make an entry of each)",
        ),
        (
            "{policy_name: small, clusters: [{num_workers: 1}], pipeline_tasks: [{pipeline_key: a}]}",
            "conflicting-fields: `policy_name` is for pipelines without `clusters` "
            "(say it in those that it is for)",
        ),
        (
            "{clusters: [{num_workers: 1, autoscale: {min_workers: 1, max_workers: 2}}],"
            " pipeline_tasks: [{pipeline_key: a}]}",
            "conflicting-fields: `clusters` has num_workers and autoscale (keep one)",
        ),
        (
            "{pipelines: [{name: x, pipelines: [{name: y}], pipeline_tasks: [{pipeline_key: a}]}]}",
            "not-by-entry: `pipelines` is of the flow, not of one pipeline (say it outside of `pipelines`)",
        ),
        (
            "{pipelines: [{name: x, channel: CURRENT}]}",
            "missing-field: pipeline `x` has no pipeline_tasks or libraries (add one)",
        ),
        (
            "{pipeline_tasks: [{pipeline_key: a}], permissions: [{group_name: g, permission_level: CAN_USE}]}",
            "permission-not-there: `CAN_USE` is no level of a pipeline "
            "(levels: CAN_VIEW, CAN_RUN, CAN_MANAGE, IS_OWNER)",
        ),
    ],
)
def test_what_is_wrong_is_said(findings: Findings, text: str, expected: str) -> None:
    assert findings({f"{FLOW}/deployment.yml": text}, "dev") == [expected]


OTHER = f"{PROJECT}/flows/prep/other"
SHARING = "pipeline_tasks: [{pipeline_key: a}], allow_duplicate_names: true"


def _two(first: str, second: str) -> dict[str, str]:
    return {
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
def test_pipelines_of_one_name_are_told(
    findings: Findings, first: str, second: str, called: str, other: str
) -> None:
    """The usual template knows no `{flow}`, and Databricks refuses the second pipeline."""
    assert findings(_two(first, second)) == [
        f"pipeline-name-shared: the pipeline is called `transport_taxinyc_prod_{called}`, like that of "
        f"`acme/transport/taxinyc/prep/{other}` (use `{{flow}}` in the naming template `pipeline`, or list "
        "them in `pipelines` by other names, or say `allow_duplicate_names: true` in both)"
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
def test_what_stays_here_is_no_source(findings: Findings, tmp_path: Path, libraries: str, what: str) -> None:
    """A pipeline finds its sources in the workspace, where links and what is hidden do not go."""
    (tmp_path / FLOW).mkdir(parents=True)
    (tmp_path / FLOW / "linked.py").symlink_to("a.py")
    files = {f"{FLOW}/explore/x.py": "", f"{FLOW}/.hidden/x.py": ""}
    assert findings({**files, f"{FLOW}/deployment.yml": f"{{libraries: [{{{libraries}}}]}}"}) == [
        f"not-in-workspace: {what.format(FLOW)} stays where it is, as links, hidden files and `explore` do "
        "(put the file itself elsewhere)"
    ]


def test_a_notebook_is_no_file_of_a_pipeline(findings: Findings) -> None:
    files = {f"{FLOW}/deployment.yml": "libraries: [{file: {path: a.py}}]", f"{FLOW}/a.py": NOTEBOOK}
    assert findings(files) == [
        f"notebook-with-suffix: `{FLOW}/a.py` is a notebook, which has no suffix in the workspace "
        "(name it as `notebook: {path: a}`)"
    ]


def test_a_job_does_not_run_a_link_that_stays_here(findings: Findings, tmp_path: Path) -> None:
    (tmp_path / FLOW).mkdir(parents=True)
    (tmp_path / FLOW / "linked.py").symlink_to("a.py")
    files = {f"{FLOW}/deployment.yml": "tasks: [{task_key: linked, serverless: true}]"}
    assert findings(files, "local") == [
        f"not-in-workspace: notebook `{FLOW}/linked` stays where it is, as links, hidden files and `explore` "
        "do (put the file itself elsewhere)"
    ]


def test_permissions_of_a_pipeline_and_of_a_job_get_names_of_their_own(findings: Findings) -> None:
    flow = f"{PROJECT}/flows/pipeline/prep_revenue"
    files = {f"{flow}/deployment.yml": "tasks: [{task_key: a, serverless: true}]", f"{flow}/a.py": ""}
    assert findings(ONE | files) == [
        "same-terraform-name: would get the Terraform name `pipeline_prep_revenue`, as "
        "acme/transport/taxinyc/pipeline/prep_revenue does (rename one)"
    ]


def test_a_pipeline_fills_one_schema_in_all_environments(findings: Findings) -> None:
    text = """
    pipelines: [{name: x, schema: tips, pipeline_tasks: [{pipeline_key: a}]}]
    environments: {prod: {pipelines: [{name: x, schema: other}]}}
    """
    assert findings({f"{FLOW}/deployment.yml": text}) == [
        "not-by-environment: `schema` holds in all environments (say it outside of `environments`)"
    ]


def test_a_task_of_a_mesh_without_pipelines_is_told_that_there_are_none(findings: Findings) -> None:
    assert findings({f"{FLOW}/deployment.yml": "tasks: [{task_key: a, pipeline_task: {flow: prep/x}}]"}) == [
        "unknown-flow: flow `prep/x` is no flow with a pipeline in the mesh (flows: none yet)"
    ]


def test_the_job_of_a_schedule_may_be_found_instead_of_another(findings: Findings) -> None:
    """It has the pipeline's name, which a template may make that of a job too."""
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
        "job-name-shared: the job of `acme/transport/taxinyc/prep/revenue/late` is called like that of "
        "`acme/transport/taxinyc/prep/revenue` "
    )
