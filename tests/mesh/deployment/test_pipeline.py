"""Pipeline settings equal those of brickops; parameters become configuration."""

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

from mesh.deployment.pipeline import Pipeline
from mesh.git.checkout import GitContext
from mesh.load import load
from tests.mesh.conftest import FLOW, PRODUCTION, PROJECT, RUN_AS, Deployed

COMMIT = "5bd01c2f8a7e6d5c4b3a29181716151413121110"
USER = "Ola-Kari.Nordmann@acme.example"
NOTEBOOK = "# Databricks notebook source\n"
NOTEBOOKS = ("alpha", "beta", "gamma")
SEEDS = range(300)
SOURCE = {"git_url": "https://github.com/acme/mesh", "git_branch": "feature/x", "git_commit": COMMIT}
ONE = {**PRODUCTION, f"{FLOW}/deployment.yml": "pipeline_tasks: [{pipeline_key: a}]"}


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
        declared["libraries"] = [{"notebook": {"path": "/Code/common"}}]
    return declared


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with the notebooks that the generated files name."""
    for notebook in NOTEBOOKS:
        path = tmp_path / FLOW / f"{notebook}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# Databricks notebook source\n")
    for file, text in PRODUCTION.items():
        (tmp_path / file).write_text(text)
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
    for name in ("catalog", "schema"):
        built[name] = built[name].lower()  # Unity Catalog stores lower case, and so does the mesh
    built["continuous"] = built["continuous"] and env == "prod"  # rests in development, ADR 3
    built["configuration"] = {one["name"]: one["default"] for one in built.pop("parameters")}
    return built


def _ours(root: Path, env: str, declared: dict[str, Any]) -> dict[str, Any]:
    git = GitContext(root, USER, "https://github.com/acme/mesh", "feature/x", commit=COMMIT, lenient=True)
    deployed = load(root).in_environment(env, git).flow("prep/revenue")
    [pipeline] = deployed.pipelines
    settings = {name: value for name, value in pipeline.settings.items() if name != "run_as"}
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
    made = deployed({**PRODUCTION, f"{FLOW}/deployment.yml": text, **files}, env)
    [pipeline] = made.flow("prep/revenue").pipelines
    return pipeline


def test_a_pipeline_writes_to_its_declared_schema(deployed: Deployed) -> None:
    text = "{schema: tips, pipeline_tasks: [{pipeline_key: a}]}"
    flow = deployed({**PRODUCTION, f"{FLOW}/deployment.yml": text}).flow("prep/revenue")

    assert flow.schema_names == ("tips",)
    assert [schema.name for schema in flow.schemas] == ["tips"]
    assert (flow.pipelines[0].settings["catalog"], flow.pipelines[0].settings["schema"]) == (
        "transport",
        "tips",
    )


def test_without_a_declared_schema_a_pipeline_writes_to_the_flows_schema(deployed: Deployed) -> None:
    assert deployed(ONE).flow("prep/revenue").pipelines[0].schema == "revenue"


def test_several_pipelines_and_a_job_share_a_flow(deployed: Deployed) -> None:
    """Fields beside the list belong to the job, except fields of the flow."""
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
    assert [lookup.logical_id for lookup in ids] == ["prep_revenue_raw", "prep_revenue_clean"]


def test_fields_beside_a_list_of_pipelines_apply_to_each(deployed: Deployed) -> None:
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
    assert job.settings["tasks"][0]["pipeline_task"]["pipeline_id"].logical_id == made.id
    assert [(one.principal, one.level) for one in made.permissions] == [("finance", "CAN_RUN")]
    assert [(one.principal, one.level) for one in job.permissions] == [("finance", "CAN_MANAGE_RUN")]


def test_a_continuous_pipeline_rests_in_development(deployed: Deployed) -> None:
    """Like schedules: it would run and cost for each developer."""
    text = "{continuous: true, pipeline_tasks: [{pipeline_key: a}]}"

    assert pipeline_of(deployed, text, "dev").settings["continuous"] is False
    assert pipeline_of(deployed, text, "prod").settings["continuous"] is True


def test_production_pipelines_run_as_the_principal_and_send_notifications(deployed: Deployed) -> None:
    text = """
    pipeline_tasks: [{pipeline_key: a}]
    email_notifications: {on_failure: [team@acme.example], on_start: [x@acme.example]}
    notifications: [{email_recipients: [boss@acme.example], alerts: [on-flow-failure]}]
    """
    settings = pipeline_of(deployed, text, "prod").settings

    assert settings["run_as"] == {"service_principal_name": RUN_AS}
    assert settings["notifications"] == [
        {
            "email_recipients": ["team@acme.example"],
            "alerts": ["on-update-failure", "on-update-fatal-failure"],
        },
        {"email_recipients": ["boss@acme.example"], "alerts": ["on-flow-failure"]},
    ]
    assert "notifications" not in pipeline_of(deployed, text, "dev").settings


def test_files_and_globs_are_beside_the_deployment_file(deployed: Deployed) -> None:
    text = """
    libraries:
    - file: {path: more/one.py}
    - glob: {include: more/**}
    - glob: {include: /Workspace/Code/**}
    - whl: /Volumes/a/b/c.whl
    root_path: more
    """
    more = {f"{FLOW}/more/one.py": "", f"{FLOW}/more/deep/two.sql": ""}
    settings = pipeline_of(deployed, text, "prod", **more).settings

    folder = f"/Workspace/Users/{RUN_AS}/mesh/acme-transport-taxinyc-prod/{FLOW}"
    assert settings["libraries"] == [
        {"file": {"path": f"{folder}/more/one.py"}},
        {"glob": {"include": f"{folder}/more/**"}},
        {"glob": {"include": "/Workspace/Code/**"}},
        {"whl": "/Volumes/a/b/c.whl"},
    ]
    assert settings["root_path"] == f"{folder}/more"


def test_a_cluster_takes_a_policy_by_its_name(deployed: Deployed) -> None:
    compute = {f"{PROJECT}/compute.yml": "cluster_policies: {small: {definition: {}}}"}
    text = "{policy_name: small, serverless: false, pipeline_tasks: [{pipeline_key: a}]}"
    [cluster] = pipeline_of(deployed, text, "prod", **compute).settings["clusters"]
    assert (cluster["label"], cluster["policy_id"].logical_id) == ("default", "small")

    text = "{clusters: [{policy_name: dlt, num_workers: 2}], pipeline_tasks: [{pipeline_key: a}]}"
    made = pipeline_of(deployed, text, "prod", **compute)
    [cluster] = made.settings["clusters"]
    assert (cluster["num_workers"], cluster["policy_id"].arguments) == (2, {"name": "dlt"})
    assert made.settings["serverless"] is False


def test_configuration_overrides_parameters(deployed: Deployed) -> None:
    text = """
    pipeline_tasks: [{pipeline_key: a}]
    parameters: [{name: limit, default: "1"}, {name: other, default: "2"}]
    configuration: {limit: "5"}
    """
    made = pipeline_of(deployed, text).settings["configuration"]
    assert (made["limit"], made["other"], made["pipeline_env"]) == ("5", "2", "dev")


def test_an_environment_may_override_one_pipeline(deployed: Deployed) -> None:
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
    assert (found.kind, found.logical_id, found.arguments) == ("pipeline", None, {"name": pipeline.name})
    costs, taxi = made.deployments
    assert costs.runs == (taxi.stack,)
