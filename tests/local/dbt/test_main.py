"""The runner of a dbt task: the profile that it writes, and what it tells of a failure."""

import os
import re
import sys
import threading
import types
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.dbt import __main__ as runner
from local.dbt import package_hosts, python_models, warehouse
from local.dbt.__main__ import write_profile
from local.dbt.kept_packages import KeptPackages
from local.notebook import written_tables
from local.notebook.process import CancelledError
from mesh.errors import OutsideError


def test_the_profile_has_the_name_in_the_project_and_the_catalog_of_the_task(tmp_path: Path) -> None:
    (tmp_path / "dbt_project.yml").write_text("name: shop\nprofile: trips\n")

    folder = write_profile(tmp_path, tmp_path, "cat", "s")
    text = (folder / "profiles.yml").read_text()
    output = yaml.safe_load(text)["trips"]["outputs"]["databricks_cluster"]
    assert (output["type"], output["catalog"], output["schema"]) == ("databricks", "cat", "s")
    assert "env_var('DBT_ACCESS_TOKEN')" in output["token"]


@pytest.mark.parametrize("content", ["name: shop\n", "- a\n"])
def test_a_project_without_a_profile_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "dbt_project.yml").write_text(content)

    with pytest.raises(OutsideError, match="must name a `profile`"):
        write_profile(tmp_path, tmp_path, None, "s")


@pytest.fixture
def dbt(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[BaseException]:
    """A dbt of which every command opens a session and fails; none of the runner's settings stay."""
    failures: list[BaseException] = [ValueError("no\nmodel")]
    opened: list[Any] = []

    def invoke(_: list[str]) -> types.SimpleNamespace:
        opened[0]()
        return types.SimpleNamespace(success=False, exception=failures[-1], result=None)

    module: Any = types.ModuleType("dbt.cli.main")
    module.dbtRunner = lambda: types.SimpleNamespace(invoke=invoke)
    for name in ("dbt", "dbt.cli"):
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))
    monkeypatch.setitem(sys.modules, "dbt.cli.main", module)
    monkeypatch.setattr(warehouse, "serve", lambda open_session, _: opened.append(open_session))
    monkeypatch.setattr(python_models, "serve", lambda *_: None)
    monkeypatch.setattr(package_hosts, "serve", lambda: None)
    monkeypatch.setattr(os, "environ", {**os.environ, "SPARK_REMOTE": "sc://none"})
    conf = types.SimpleNamespace(set=lambda *_: None)
    monkeypatch.setattr(runner, "connect", lambda: types.SimpleNamespace(conf=conf))
    monkeypatch.setattr(written_tables, "with_rows", lambda *_: [])
    monkeypatch.chdir(tmp_path)
    return failures


def run(folder: Path, project: str, command: str) -> runner.Result:
    """The result of a task with one command."""
    (folder / "source").mkdir(exist_ok=True)
    (folder / "source" / "dbt_project.yml").write_text(project)
    names = {"catalog": None, "schema": "s", "profiles": None, "commands": [command]}
    folders = {
        "project": str(folder / "source"),
        "workspace_files": str(folder),
        "folder": str(folder / "run"),
    }
    (folder / "run").mkdir()
    return runner.run({**folders, **names, "packages": str(folder / "kept")})


@pytest.mark.parametrize(
    ("project", "command", "error"),
    [
        ("name: shop\n", "dbt run", "must name a `profile`"),
        ("profile: trips\n", "dbt run", "^`dbt run` failed: no model$"),
        ("profile: trips\n", "ls", "^`ls` is no command of dbt"),
        ("profile: trips\n", "dbt run --vars 'a", "^`dbt run --vars 'a`: No closing quotation$"),
    ],
)
def test_the_result_of_a_run_that_fails_has_the_reason(
    dbt: object, tmp_path: Path, project: str, command: str, error: str
) -> None:
    result = run(tmp_path, project, command)
    assert result.error is not None
    assert re.search(error, result.error)
    assert result.error_trace == result.error


def test_packages_that_no_run_has_installed_are_named(dbt: object, tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source/packages.yml").write_text("packages: [{package: dbt-labs/dbt_utils, version: 1.3.0}]")

    result = run(tmp_path, "profile: trips\n", "dbt deps")
    assert str(result.error_trace).splitlines() == [
        "`dbt deps` failed: no model",
        "`dbt deps` needs a connection for dbt-labs/dbt_utils: no earlier run here has installed what the "
        "project declares. Packages of the mesh (`- local: ../folder`) need none.",
    ]


def test_packages_of_an_earlier_run_are_used_when_their_host_does_not_answer(
    dbt: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("source", "before"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "packages.yml").write_text("packages: [{git: 'https://example.com/a.git'}]")
    before = KeptPackages(tmp_path / "before", tmp_path / "kept")
    (tmp_path / "before/dbt_packages").mkdir()
    before.keep()

    assert run(tmp_path, "profile: trips\n", "dbt deps").error is None
    assert "`dbt deps` failed: no model\nThe packages that an earlier run" in capsys.readouterr().out


def test_a_run_that_is_cancelled_stops_its_statements(
    dbt: list[BaseException], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The runner has to: dbt catches every exception, and leaves its statements to themselves."""
    stopped: list[str] = []
    conf = types.SimpleNamespace(set=lambda *_: None)
    session = types.SimpleNamespace(interruptAll=lambda: stopped.append("session"), conf=conf)
    monkeypatch.setattr(runner, "connect", lambda: session)
    dbt.append(CancelledError("by signal 15"))

    result = run(tmp_path, "profile: trips\n", "dbt run")
    assert (result.error, stopped) == ("CancelledError: by signal 15", ["session"])


def test_the_token_does_not_go_to_a_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    class Workspace(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["Authorization"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"schemas": []}')

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Workspace) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("DATABRICKS_HOST", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("DATABRICKS_TOKEN", "secret")
        for name in ("HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        answer = runner._get("schemas", catalog_name="c")
        server.shutdown()
    path = "/api/2.1/unity-catalog/schemas?catalog_name=c"
    assert (answer, asked) == ({"schemas": []}, [(path, "Bearer secret")])
