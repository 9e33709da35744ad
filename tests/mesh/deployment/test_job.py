"""Job settings equal those of brickops, apart from added parameters."""

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
from brickops.dataops.deploy.job.buildconfig import build_job_config

from mesh.deployment.job import git_provider
from mesh.git.checkout import GitContext
from mesh.load import load

FOLDER = "orgs/acme/domains/transport/projects/taxinyc/flows/prep/revenue"
COMMIT = "5bd01c2f8a7e6d5c4b3a29181716151413121110"
USER = "Ola-Kari.Nordmann@acme.example"
NOTEBOOKS = ("alpha", "beta", "gamma", "sub/delta")
SEEDS = range(300)


def _deployment(seed: int) -> dict[str, Any]:
    """A deployment.yml in brickops' vocabulary."""
    chance = random.Random(seed)
    tasks: list[dict[str, Any]] = []
    for key in chance.sample(["alpha", "beta", "gamma"], chance.randint(1, 3)):
        task: dict[str, Any] = {"task_key": key}
        task |= chance.choice(
            [{"serverless": True}, {"job_cluster_key": "common-job-cluster"}, {"existing_cluster_id": "0-1"}]
        )
        if chance.random() < 0.5:
            task["notebook_task"] = {"notebook_path": chance.choice(NOTEBOOKS)}
            if chance.random() < 0.5:
                task["notebook_task"]["base_parameters"] = {"a": "1"}
        elif chance.random() < 0.3:
            task["notebook_task"] = {"notebook_path": f"{FOLDER}/alpha", "source": "GIT"}
        if tasks and chance.random() < 0.5:
            task["depends_on"] = [{"task_key": tasks[0]["task_key"]}]
        tasks.append(task)
    declared: dict[str, Any] = {"tasks": tasks}
    if chance.random() < 0.5:
        declared["parameters"] = [{"name": "limit", "default": "10"}, {"name": "schema", "default": "mine"}]
    if chance.random() < 0.5:
        declared["schedule"] = {"quartz_cron_expression": "0 0 1 ? * Mon", "timezone_id": "Europe/Oslo"}
    if chance.random() < 0.5:
        declared["email_notifications"] = {"on_failure": ["team@acme.example"]}
    if chance.random() < 0.5:
        declared["max_concurrent_runs"] = chance.randint(1, 5)
    return declared


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with the notebooks that the generated files name."""
    for notebook in NOTEBOOKS:
        path = tmp_path / FOLDER / f"{notebook}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# Databricks notebook source\n")
    return tmp_path


@pytest.mark.parametrize("env", ["dev", "prod"])
def test_settings_are_those_of_brickops(root: Path, env: str) -> None:
    """Tags, parameters, tasks and notebook paths, over generated files."""
    before = Path.cwd()
    os.chdir(root)
    try:
        for seed in SEEDS:
            declared = _deployment(seed)
            (root / FOLDER / "deployment.yml").write_text(yaml.safe_dump(declared))
            ours, theirs = _ours(root, env, declared), _theirs(env, declared)
            assert _comparable(ours) == _comparable(theirs), declared
            # brickops forgets the cluster of a task that names its notebook; such a job could not start
            assert _clusters(theirs) <= _clusters(ours), declared
    finally:
        os.chdir(before)


def _theirs(env: str, declared: dict[str, Any]) -> dict[str, Any]:
    cfg.read_config.cache_clear()
    source = {"git_url": "https://github.com/acme/mesh", "git_branch": "feature/x", "git_commit": COMMIT}
    context = DbContext(
        api_url="",
        api_token="",
        notebook_path=f"/Repos/x/mesh/{FOLDER}/deploy",
        username=USER,
        widgets=source,
    )
    settings = build_job_config(
        copy.deepcopy(declared) | {"git_source": source | {"git_path": "/Repos/x/mesh"}}, env, context
    )
    built = settings.dict()
    for task in built["tasks"]:
        task.pop("serverless", None)  # brickops leaves it in where a notebook is named; the API ignores it
    return built


def _ours(root: Path, env: str, declared: dict[str, Any]) -> dict[str, Any]:
    git = GitContext(root, USER, "https://github.com/acme/mesh", "feature/x", commit=COMMIT)
    job = load(root).in_environment(env, git).flow("prep/revenue").job
    assert job is not None
    settings = dict(job.settings)
    if env != "prod":  # here schedules rest in development, and nobody is mailed
        settings["email_notifications"] = declared.get("email_notifications")
        if "schedule" in settings:
            assert settings["schedule"].pop("pause_status") == "PAUSED"
    added = {"catalog", "schema"} - {parameter["name"] for parameter in declared.get("parameters", [])}
    names = [parameter["name"] for parameter in settings["parameters"]]
    assert added <= set(names)
    settings["parameters"] = [
        parameter for parameter in settings["parameters"] if parameter["name"] not in added
    ]
    return settings


def _comparable(settings: dict[str, Any]) -> dict[str, Any]:
    fields = ("name", "tags", "parameters", "tasks", "schedule", "email_notifications", "max_concurrent_runs")
    return {field: settings.get(field) or None for field in fields}


def _clusters(settings: dict[str, Any]) -> set[str]:
    return {cluster["job_cluster_key"] for cluster in settings.get("job_clusters", [])}


def test_a_job_gets_the_location_of_its_data_as_parameters(root: Path) -> None:
    """Catalog and schema are job parameters; a declared parameter is never overwritten."""
    git = GitContext(root, USER, "https://github.com/acme/mesh", "main", commit=COMMIT)
    (root / FOLDER / "deployment.yml").write_text("tasks: [{task_key: alpha, serverless: true}]\n")
    flow = load(root).in_environment("dev", git).flow("prep/revenue")
    assert flow.job is not None
    assert flow.job.settings["parameters"] == [
        {"name": "pipeline_env", "default": "dev"},
        {"name": "git_url", "default": "https://github.com/acme/mesh"},
        {"name": "git_branch", "default": "main"},
        {"name": "git_commit", "default": COMMIT},
        {"name": "catalog", "default": "transport"},
        {"name": "schema", "default": "dev_olakarinordmann_main_5bd01c2f_revenue"},
    ]


def test_code_from_git_is_pinned_to_the_source_commit(root: Path) -> None:
    """A later commit on the branch does not change the job."""
    git = GitContext(root, USER, "https://gitlab.com/acme/mesh", "main", commit=COMMIT, prefix="platform/")
    (root / FOLDER / "deployment.yml").write_text("tasks: [{task_key: alpha, serverless: true}]\n")
    job = load(root).in_environment("prod", git).flow("prep/revenue").job
    assert job is not None
    assert job.settings["git_source"] == {
        "git_url": "https://gitlab.com/acme/mesh",
        "git_provider": "gitLab",
        "git_commit": COMMIT,
    }
    assert job.settings["tasks"] == [
        {"task_key": "alpha", "notebook_task": {"notebook_path": f"platform/{FOLDER}/alpha", "source": "GIT"}}
    ]


def test_the_git_provider_of_another_repository_is_derived_from_its_url(root: Path) -> None:
    """Terraform's provider derives it, too, but compares the result with the declared value."""
    git = GitContext(root, USER, "https://gitlab.com/acme/mesh", "main", commit=COMMIT)
    (root / FOLDER / "deployment.yml").write_text(
        "git_source: {git_url: 'https://github.com/acme/other', git_branch: main}\n"
        "tasks: [{task_key: a, serverless: true, notebook_task: {notebook_path: a, source: GIT}}]\n"
    )
    job = load(root).in_environment("prod", git).flow("prep/revenue").job
    assert job is not None
    assert job.settings["git_source"] == {
        "git_url": "https://github.com/acme/other",
        "git_provider": "gitHub",
        "git_branch": "main",
    }


@pytest.mark.parametrize(
    ("url", "provider"),
    [
        ("https://github.com/acme/mesh", "gitHub"),
        ("https://github.acme.example/platform/mesh", "gitHubEnterprise"),
        ("https://gitlab.acme.example/mesh.git", "gitLabEnterpriseEdition"),
        ("https://dev.azure.com/acme/mesh/_git/mesh", "azureDevOpsServices"),
        ("https://acme.visualstudio.com/mesh/_git/mesh", "azureDevOpsServices"),
        ("https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/mesh", "awsCodeCommit"),
        ("https://evilgithub.com.example/mesh", "gitHubEnterprise"),
    ],
)
def test_the_git_provider_follows_from_the_address(url: str, provider: str) -> None:
    """In the spelling of the Jobs API."""
    assert git_provider(url) == provider
