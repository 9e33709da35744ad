"""`mesh local …`: exit codes, and messages when the workspace is down."""

import json

import pytest
from typer.testing import CliRunner

from local.home import Home, Status
from mesh.cli.local import app
from mesh.errors import OutsideError, UsageError


def invoke(tmp_path, *words: str):
    """Call the command line for a mesh."""
    return CliRunner().invoke(app, [*words, "--root", str(tmp_path)])


def test_status_has_exit_code_3_if_the_workspace_is_down(tmp_path):
    result = invoke(tmp_path, "status", "--json")

    assert result.exit_code == 3
    told = json.loads(result.stdout)
    assert (told["up"], told["workspace"]["state"], told["spark"]["state"]) == (False, "down", "down")


def test_status_shows_no_secret(tmp_path):
    Status("http://127.0.0.1:1", "secret", 1, 1.0, "sc://127.0.0.1:2/;token=secret", 1, 1.0).write(
        Home(tmp_path)
    )

    assert "secret" not in invoke(tmp_path, "status").output
    assert "secret" not in invoke(tmp_path, "status", "--json").output


def test_down_succeeds_if_the_workspace_is_down(tmp_path):
    result = invoke(tmp_path, "down")

    assert (result.exit_code, result.stdout) == (0, "already down\n")
    assert list(tmp_path.iterdir()) == []


def test_reset_deletes_the_content_and_asks_before(tmp_path):
    home = Home(tmp_path)
    home.create_folders()
    (home.warehouse / "cat").mkdir()
    (tmp_path / "orgs").mkdir()

    refused = invoke(tmp_path, "reset")
    assert isinstance(refused.exception, UsageError)
    assert (home.warehouse / "cat").exists()

    assert invoke(tmp_path, "reset", "--auto-approve").stdout == "reset\n"
    assert [each.name for each in home.path.iterdir()] == ["lock"]
    assert (tmp_path / "orgs").exists()
    assert invoke(tmp_path, "reset", "--auto-approve").stdout == "already empty\n"


def test_an_empty_statement_is_wrong_usage(tmp_path):
    Status("http://127.0.0.1:1", "secret", 1, 1.0).write(Home(tmp_path))

    assert isinstance(invoke(tmp_path, "sql", "").exception, UsageError)


def test_a_damaged_status_file_is_told(tmp_path):
    Home(tmp_path).create_folders()
    Home(tmp_path).status.write_text('{"workspace_pid": "x"}')

    result = invoke(tmp_path, "status")
    assert isinstance(result.exception, OutsideError)
    assert "the status file is damaged" in str(result.exception)


@pytest.mark.parametrize("command", [["open"], ["sql", "select 1"]])
def test_commands_without_a_workspace_name_the_start_command(tmp_path, command):
    result = invoke(tmp_path, *command)

    assert isinstance(result.exception, OutsideError)
    assert "start it with `mesh local up`" in str(result.exception)


def test_open_prints_an_address_with_the_token(tmp_path):
    Status("http://127.0.0.1:1", "secret", 1, 1.0).write(Home(tmp_path))

    assert invoke(tmp_path, "open").stdout == "http://127.0.0.1:1/?token=secret\n"


@pytest.mark.parametrize(
    "words", [["run", "f", "--param", "novalue"], ["sql", "select 1", "--format", "xml"]]
)
def test_wrong_usage_has_exit_code_2(tmp_path, words):
    assert invoke(tmp_path, *words).exit_code == 2


def test_a_flow_of_a_remote_environment_is_refused(tmp_path):
    flow = tmp_path / "orgs/acme/domains/a/projects/b/flows/prep/c"
    flow.mkdir(parents=True)
    (flow / "deployment.yml").write_text("tasks: [{task_key: a, serverless: true}]\n")
    (flow / "a.py").write_text("# Databricks notebook source\n")
    told = {
        "MESH_USER": "ola@acme.example",
        "MESH_GIT_URL": "https://git.example/mesh",
        "MESH_GIT_BRANCH": "main",
    }
    result = CliRunner().invoke(
        app,
        ["run", "prep/c", "--env", "dev", "--root", str(tmp_path)],
        env={**told, "MESH_GIT_COMMIT": "0" * 40},
    )

    assert isinstance(result.exception, UsageError)
    assert "add `workspace: local`" in str(result.exception)


def test_the_root_can_come_from_the_environment(tmp_path):
    Status("http://127.0.0.1:1", "secret", 1, 1.0).write(Home(tmp_path))
    result = CliRunner().invoke(app, ["open"], env={"MESH_ROOT": str(tmp_path)})

    assert result.stdout == "http://127.0.0.1:1/?token=secret\n"


def test_a_missing_log_is_reported(tmp_path):
    result = invoke(tmp_path, "logs", "spark")

    assert (result.exit_code, result.stdout) == (0, "")
    assert "spark was never started for this mesh" in result.stderr


def test_lines_of_two_logs_are_prefixed_with_the_process(tmp_path):
    home = Home(tmp_path)
    home.create_folders()
    home.log("workspace").write_text("a\n")
    home.log("spark").write_text("b\n")

    assert invoke(tmp_path, "logs").stdout == "workspace | a\nspark     | b\n"
    assert invoke(tmp_path, "logs", "spark").stdout == "b\n"
