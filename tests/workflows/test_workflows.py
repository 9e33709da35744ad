"""Rules for all workflows: no secrets, no foreign text in a shell, minimal permissions."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from mesh.cli.app import app
from tests.workflows.conftest import ACTION, FILES, ROOT, workflow

NAMES = sorted(FILES)
READ = {"contents": "read"}
LOGIN = {**READ, "id-token": "write"}
OWN = "github.event.pull_request.head.repo.full_name == github.repository"
SCRIPTS = ROOT / ".github" / "scripts"

# The permissions of each job; `id-token` allows the login.
RIGHTS: dict[str, dict[str, dict[str, str]]] = {
    "ci": {"test": READ},
    "plan": {
        "validate": READ,
        "affected": READ,
        "plan": LOGIN,
        "review": {**READ, "pull-requests": "write"},
    },
    "deploy": {
        "test": READ,
        "affected": {**READ, "actions": "read", "pull-requests": "read"},
        "common": LOGIN,
        "earlier": LOGIN,
        "shared": LOGIN,
        "projects": LOGIN,
        "deployed": {},
    },
    "apply": {"plan": LOGIN, "review": READ, "apply": LOGIN},
    "drift": {"drift": {**LOGIN, "issues": "write"}},
    "preview": {
        "deploy": {**LOGIN, "pull-requests": "write"},
        "remove": {**LOGIN, "pull-requests": "write"},
    },
    "reap": {"list": LOGIN, "destroy": LOGIN},
    "tables": {"compare": LOGIN},
}


def jobs(name: str) -> dict[str, dict[str, Any]]:
    return dict(workflow(name)["jobs"])


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    """All steps of all workflows and of the action, with workflow and job."""
    for name in NAMES:
        for job, declared in jobs(name).items():
            yield from ((f"{name}.{job}", step) for step in declared.get("steps", ()))
    yield from (("action", step) for step in yaml.safe_load(ACTION.read_text())["runs"]["steps"])


def test_no_script_contains_an_expression() -> None:
    """A shell would run the text of an expression; a variable is safe."""
    scripts = [(where, step["run"]) for where, step in steps() if "run" in step]

    assert len(scripts) > 15
    assert [where for where, script in scripts if "${{" in script] == []


def test_no_workflow_uses_secrets_or_pull_request_target() -> None:
    for file in (ACTION, *FILES.values()):
        text = file.read_text(encoding="utf-8")
        assert "secrets" not in text, file.name
        assert "pull_request_target" not in text, file.name


@pytest.mark.parametrize("name", NAMES)
def test_each_job_has_minimal_permissions(name: str) -> None:
    assert workflow(name)["permissions"] == {}
    assert {job: one["permissions"] for job, one in jobs(name).items()} == RIGHTS[name]


@pytest.mark.parametrize("name", NAMES)
def test_jobs_that_log_in_use_an_environment(name: str) -> None:
    for job, one in jobs(name).items():
        logs_in = any("variables" in step.get("with", {}) for step in one.get("steps", ()))
        calls = one.get("uses") == "./.github/workflows/apply.yml"
        assert (logs_in or calls) == ("id-token" in one["permissions"]), job
        assert ("environment" in one) == logs_in, job


@pytest.mark.parametrize("name", NAMES)
def test_only_the_action_sets_mesh_user_in_jobs_that_log_in(name: str) -> None:
    """Jobs without a login use the user `ci`."""
    assert "MESH_USER" not in workflow(name).get("env", {})
    for job, one in jobs(name).items():
        users = [
            step["env"]["MESH_USER"] for step in one.get("steps", ()) if "MESH_USER" in step.get("env", {})
        ]
        assert users == ([] if "environment" in one else ["ci"] * len(users)), job
        assert "MESH_USER" not in one.get("env", {})


def test_options_of_mesh_commands_exist() -> None:
    commands = dict(get_command(app).commands)  # type: ignore[attr-defined]
    scripts = "\n".join(step["run"] for _, step in steps() if "run" in step).replace("\\\n", " ")
    calls = re.findall(r"(?m)(?:^|[ ;(])mesh (\w+)([^|;<>)\n]*)", scripts)

    assert len(calls) > 10
    for command, arguments in calls:
        options = {option for one in commands[command].params for option in one.opts}
        assert set(re.findall(r"(?<![\w-])--[a-z][\w-]*", arguments)) <= options, command


@pytest.mark.parametrize("name", ["plan", "preview"])
def test_a_fork_gets_no_write_permissions(name: str) -> None:
    for job, one in jobs(name).items():
        if one["permissions"] != READ:
            assert OWN in one["if"], job


def test_a_fork_is_validated_without_a_login() -> None:
    validate = jobs("plan")["validate"]

    assert "if" not in validate
    assert [step["with"] for step in validate["steps"] if "with" in step] == [
        {"fetch-depth": 0, "persist-credentials": False}
    ]


def test_production_deployments_need_their_environment_and_run_one_at_a_time() -> None:
    for name, job in (("apply", "apply"), ("deploy", "earlier")):
        one = jobs(name)[job]
        assert one["environment"] == "${{ matrix.env }}"
        assert one["concurrency"]["cancel-in-progress"] is False
    assert jobs("apply")["plan"]["environment"] == "${{ matrix.env }}-plan"
    assert jobs("apply")["apply"]["concurrency"]["group"] == "apply-${{ matrix.name }}"
    assert jobs("apply")["apply"]["needs"] == "review"


@pytest.mark.parametrize("name", ["ci", "plan", "drift", "preview", "reap", "tables"])
def test_runs_of_a_workflow_do_not_overlap(name: str) -> None:
    assert "group" in workflow(name)["concurrency"]


def test_stages_wait_for_each_other() -> None:
    """Shared stacks, earlier environments, shared stacks of the last environment, its projects."""
    needs = {job: one.get("needs") for job, one in jobs("deploy").items()}

    assert needs == {
        "test": None,
        "affected": "test",
        "common": "affected",
        "earlier": ["affected", "common"],
        "shared": ["affected", "earlier"],
        "projects": ["affected", "earlier", "shared"],
        "deployed": ["affected", "common", "earlier", "shared", "projects"],
    }


def test_external_actions_are_pinned_to_a_commit() -> None:
    for file in (ACTION, *FILES.values()):
        for line in file.read_text(encoding="utf-8").splitlines():
            if (used := re.search(r"uses: (.*)", line)) and not used[1].startswith("./"):
                assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", used[1]), line


def test_what_uv_and_pip_download_is_cached() -> None:
    """Each job that installs something else has a key of its own: who saves a cache first decides about it."""
    of_pip = {where for where, step in steps() if step.get("with", {}).get("cache") == "pip"}
    of_uv = {
        where: step["with"] for where, step in steps() if step.get("uses", "").startswith("actions/cache@")
    }

    assert of_pip == {"ci.test", "action"}
    assert {*of_uv} == of_pip
    assert {one["path"] for one in of_uv.values()} == {"~/.cache/uv"}
    assert len({one["key"] for one in of_uv.values()}) == len(of_uv)
    assert all("hashFiles('constraints.txt')" in one["key"] for one in of_uv.values())


def test_checkouts_have_the_whole_history_and_keep_no_credentials() -> None:
    """Source commits need the history; code of a pull request must not read credentials in the checkout."""
    checkouts = [step["with"] for _, step in steps() if step.get("uses", "").startswith("actions/checkout@")]

    assert len(checkouts) > 10
    assert [one for one in checkouts if (one["fetch-depth"], one["persist-credentials"]) != (0, False)] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_failed_command_in_a_pipe_fails_the_step(name: str) -> None:
    """Only an explicit `shell: bash` sets pipefail."""
    assert workflow(name)["defaults"]["run"]["shell"] == "bash"


def test_every_script_is_used_and_every_used_script_exists() -> None:
    text = "\n".join(file.read_text(encoding="utf-8") for file in (ACTION, *FILES.values()))
    used = set(re.findall(r"\.github/scripts/(\w+\.py)", text))
    imported = {"github.py"}

    assert used | imported == {file.name for file in SCRIPTS.glob("*.py")}


def test_plans_are_deleted_after_a_few_days() -> None:
    """Plans contain the values of states."""
    kept = [
        step["with"]["retention-days"] for _, step in steps() if "upload-artifact" in step.get("uses", "")
    ]

    assert kept
    assert max(kept) <= 5


def test_the_documentation_names_every_workflow_and_variable() -> None:
    page = Path(ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    text = "\n".join(
        file.read_text(encoding="utf-8") for file in (ACTION, *FILES.values(), SCRIPTS / "login.py")
    )
    variables = {
        *re.findall(r"vars\.(\w+)", text),
        *re.findall(r"\)\.([A-Z]\w+)", text),
        *re.findall(r'"((?:ARM|DATABRICKS)_\w+)"', text),
    }

    set_by_login = {"ARM_USE_OIDC", "DATABRICKS_AUTH_TYPE"}
    assert [name for name in NAMES if f"`{name}.yml`" not in page] == []
    assert [name for name in sorted(variables - set_by_login) if f"`{name}`" not in page] == []


@pytest.mark.parametrize("page", ["ci", "ci-gitlab", "ci-azure-devops"])
def test_examples_in_pages_parse(page: str) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    examples = re.findall(r"(?ms)^```(yaml|python)\n(.*?)^```", text)

    assert examples
    for language, code in examples:
        if language == "yaml":
            assert yaml.safe_load(code)
        else:
            compile(code, page, "exec")


@pytest.mark.parametrize("page", ["ci-gitlab", "ci-azure-devops"])
def test_scripts_in_other_pipelines_are_valid_shell(page: str) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    [pipeline] = re.findall(r"(?ms)^```yaml\n(stages:|trigger:)(.*?)^```", text)
    scripts = [*_scripts(yaml.safe_load("".join(pipeline)))]

    assert len(scripts) > 5
    for script in scripts:
        checked = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True, check=False)
        assert (checked.stderr, checked.returncode) == ("", 0), script


def _scripts(pipeline: object) -> Iterator[str]:
    """All shell scripts of a pipeline."""
    if isinstance(pipeline, dict):
        for key, value in pipeline.items():
            if key in ("script", "before_script", "bash", "inlineScript"):
                yield from [value] if isinstance(value, str) else value
            else:
                yield from _scripts(value)
    elif isinstance(pipeline, list):
        for one in pipeline:
            yield from _scripts(one)
