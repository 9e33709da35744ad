"""Installs and starts the MLflow tracking server, and tells notebooks its address."""

import http.client
import json
import os
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from local import processes
from local.home import Home, write_private
from mesh.errors import OutsideError

# The server, and the client of notebooks: the same version, so that each knows what the other sends
VERSION = "3.17.2"
START_SECONDS = 180.0
_CHECKOUT = Path(__file__).resolve().parents[2]
_POLL_SECONDS = 0.2

# The server outlives the process that started it. A reference avoids ResourceWarnings.
_children: list["subprocess.Popen[bytes]"] = []

Report = Callable[[str], None]
Run = Callable[[Sequence[str]], None]


@dataclass(frozen=True)
class Server:
    """A tracking server that was started.

    Args:
        url: its address.
        pid: the id of its process.
        started: the start time of the process, which tells it from a later one with the same id.
    """

    url: str
    pid: int
    started: float


@dataclass(frozen=True)
class Environment:
    """Where MLflow is installed; all meshes of a checkout share it.

    Args:
        folder: the folder.
    """

    folder: Path = _CHECKOUT / ".mesh" / "mlflow"

    @property
    def python(self) -> Path:
        """The Python of the server's environment."""
        return self.folder / "venv" / "bin" / "python"

    @property
    def client(self) -> Path:
        """The folder of packages that notebooks import: MLflow's client, with what it needs."""
        return self.folder / "client"

    @property
    def is_installed(self) -> bool:
        """True if this version is installed completely."""
        mark = self.folder / "installed"
        return mark.exists() and mark.read_text(encoding="utf-8") == VERSION


def up(home: Home, environment: Environment, report: Report) -> str:
    """Install the server if needed, start it if it is not running, and return its address.

    Raises:
        OutsideError: it cannot be installed, or did not start.
    """
    install(environment, report)
    report("starting MLflow")
    return start(home, environment)


def install(environment: Environment, report: Report, run: Run | None = None) -> None:
    """Install the server in an environment of its own, and its client in a folder.

    The server needs an older pyarrow than we have. The client gets the versions of our own packages, because
    notebooks import both.

    Args:
        environment: where to install it.
        report: receives a line before the installation, which takes minutes.
        run: runs a command.

    Raises:
        OutsideError: pip did not succeed; the next call begins anew.
    """
    if environment.is_installed:
        return
    report(f"installing MLflow {VERSION} (once; 850 MB, some minutes)")
    shutil.rmtree(environment.folder, ignore_errors=True)
    pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    constraints = ["--constraint", str(_CHECKOUT / "constraints.txt")]
    command = run or _run
    venv.create(environment.folder / "venv", with_pip=True)
    command([str(environment.python), *pip, f"mlflow=={VERSION}"])
    target = ["--target", str(environment.client)]
    command([sys.executable, *pip, *target, *constraints, f"mlflow-skinny=={VERSION}"])
    (environment.folder / "installed").write_text(VERSION, encoding="utf-8")


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no message"]
        raise OutsideError(f"MLflow cannot be installed: {lines[-1][:300]}")


def start(home: Home, environment: Environment, command: Sequence[str] | None = None) -> str:
    """Start the server if it is not running, wait until it answers, and return its address.

    `mesh local down` stops it with all processes of the workspace. Its runs and models stay on disk.

    Args:
        home: the home of the workspace.
        environment: where MLflow is installed.
        command: the command that serves on the port that follows it.

    Raises:
        OutsideError: it did not start; its process is stopped.
    """
    if found := running(home):
        return found.url
    folder, log, port = home.path / "mlflow", home.log("mlflow"), processes.free_port()
    folder.mkdir(exist_ok=True, mode=0o700)
    served = command or [str(environment.python), "-P", str(Path(__file__).with_name("app.py"))]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [*served, str(port)],
            cwd=folder,
            env=processes.environment(home) | _settings(folder, home.token()),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _children.append(process)
    server = Server(f"http://127.0.0.1:{port}", process.pid, processes.start_time(process.pid))
    write_private(home.mlflow_server, json.dumps(asdict(server)))
    _wait(process, port, home)
    return server.url


def variables(home: Home, environment: Environment) -> dict[str, str]:
    """Return the environment variables with which notebooks find the server; none if it is not running."""
    server = running(home)
    if server is None:
        return {}
    paths = [str(environment.client), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        "MLFLOW_TRACKING_URI": server.url,
        "MLFLOW_TRACKING_TOKEN": home.token(),
        "PYTHONPATH": os.pathsep.join(paths),
    }


def _settings(folder: Path, token: str) -> dict[str, str]:
    """Return what `mlflow server` would tell its application; source: mlflow.server of version 3.17.2."""
    store = f"sqlite:///{folder / 'mlflow.db'}"
    return {
        "MESH_MLFLOW_TOKEN": token,
        "_MLFLOW_SERVER_FILE_STORE": store,
        "_MLFLOW_SERVER_REGISTRY_STORE": store,
        "_MLFLOW_SERVER_ARTIFACT_ROOT": "mlflow-artifacts:/",
        "_MLFLOW_SERVER_ARTIFACT_DESTINATION": str(folder / "artifacts"),
        "_MLFLOW_SERVER_SERVE_ARTIFACTS": "true",
    }


def started(home: Home) -> Server | None:
    """Return the server that was started last; None if none was, or `mesh local down` has stopped it."""
    try:
        return Server(**json.loads(home.mlflow_server.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None  # without a record, `mesh local down` still finds the process by its environment


def running(home: Home) -> Server | None:
    """Return the server that answers now; None if none does."""
    server = started(home)
    return server if server and processes.living_process(server.pid, server.started) else None


def _wait(process: "subprocess.Popen[bytes]", port: int, home: Home) -> None:
    """Wait until the server answers."""
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/health")
            connection.getresponse().read()
        except OSError:
            time.sleep(_POLL_SECONDS)
        else:
            return
        finally:
            connection.close()
    process.terminate()
    process.wait(10)
    home.mlflow_server.unlink(missing_ok=True)
    raise OutsideError(f"MLflow did not start: {home.log('mlflow')} has its output")
