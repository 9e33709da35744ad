"""The tracking server beside the local workspace, with another server in its place."""

from __future__ import annotations

import sys
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from local import processes
from local.home import Home
from local.mlflow import server
from local.mlflow.server import VERSION, Environment
from mesh.errors import OutsideError

SERVES = (sys.executable, "-m", "http.server", "--bind", "127.0.0.1")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home(tmp_path)
    home.create_folders()
    yield home
    processes.stop(processes.processes_of(home))
    for child in server._children:
        child.wait(10)
    server._children.clear()


def test_the_server_is_started_once_and_notebooks_learn_its_address(home: Home) -> None:
    environment = Environment(home.root / "mlflow")
    assert server.variables(home, environment) == {}

    url = server.start(home, environment, SERVES)

    assert server.start(home, environment, ("no such command",)) == url
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert answer.status == 200
    given = server.variables(home, environment)
    assert (given["MLFLOW_TRACKING_URI"], given["MLFLOW_TRACKING_TOKEN"]) == (url, home.token())
    assert given["PYTHONPATH"].startswith(str(environment.client))


def test_a_stopped_server_is_not_told_to_notebooks(home: Home) -> None:
    environment = Environment(home.root / "mlflow")
    server.start(home, environment, SERVES)

    processes.stop(processes.processes_of(home))  # as `mesh local down` does

    assert server.variables(home, environment) == {}


def test_a_server_that_ends_is_told_with_its_log(home: Home) -> None:
    with pytest.raises(OutsideError, match=r"MLflow did not start: .*mlflow\.log has its output"):
        server.start(home, Environment(home.root / "mlflow"), (sys.executable, "-c", "print('no database')"))

    assert "no database" in home.log("mlflow").read_text()
    assert server.variables(home, Environment(home.root / "mlflow")) == {}


def test_it_is_installed_once_and_the_client_has_our_versions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment, commands, lines = Environment(tmp_path / "mlflow"), list[Sequence[str]](), list[str]()
    monkeypatch.setattr(server.venv, "create", lambda folder, with_pip: folder.mkdir(parents=True))

    for _ in range(2):
        server.install(environment, lines.append, commands.append)

    assert [command[-1] for command in commands] == [f"mlflow=={VERSION}", f"mlflow-skinny=={VERSION}"]
    assert "--constraint" in commands[1]
    assert lines == [f"installing MLflow {VERSION} (once; 850 MB, some minutes)"]


def test_an_installation_that_failed_begins_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    environment = Environment(tmp_path / "mlflow")
    monkeypatch.setattr(server.venv, "create", lambda folder, with_pip: folder.mkdir(parents=True))

    def fails(command: Sequence[str]) -> None:
        raise OutsideError("no network")

    with pytest.raises(OutsideError, match="no network"):
        server.install(environment, print, fails)

    assert not environment.is_installed
