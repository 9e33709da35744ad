"""The paths of the local workspace on disk, and its status file."""

import json
import os
import re
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import get_args, get_type_hints

from mesh.errors import OutsideError
from mesh.git.checkout import ignore_folder

# What `token` creates. A shorter text is the rest of a file that was emptied or cut off.
_TOKEN = re.compile(rb"[A-Za-z0-9_-]{43}\n?")
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d{1,5}")
# Process ids and seconds since 1970 are smaller; the system's functions take no larger ones.
_LARGEST_NUMBER = 2**31


@dataclass(frozen=True)
class Home:
    """The paths of one mesh's local workspace, all below `<root>/.mesh`.

    Args:
        root: the mesh's root folder, absolute.
    """

    root: Path

    @property
    def path(self) -> Path:
        """The folder of all files of `mesh local`."""
        return self.root / ".mesh" / "local"

    @property
    def secrets(self) -> Path:
        """The secrets for `dbutils.secrets`; git ignores the file, and `mesh local reset` keeps it."""
        return self.root / ".mesh" / "secrets.yml"

    @property
    def jars(self) -> Path:
        """The jars of Spark; they are in the checkout of this code and shared by all meshes."""
        return Path(__file__).resolve().parents[1] / ".mesh" / "jars"

    @property
    def workspace(self) -> Path:
        """The folder of the workspace process: state, notebooks, volumes, DuckDB files."""
        return self.path / "workspace"

    @property
    def files(self) -> Path:
        """The folder of the workspace's root `/`: notebooks and workspace files."""
        return self.workspace / "workspace"

    @property
    def warehouse(self) -> Path:
        """The folder of the tables' files: `<catalog>/<schema>/<table>`."""
        return self.path / "warehouse"

    @property
    def environments(self) -> Path:
        """The folder of Python environments with the packages that tasks and notebooks ask for."""
        return self.path / "environments"

    @property
    def dbt_packages(self) -> Path:
        """The folder of packages that `dbt deps` installed from other hosts."""
        return self.path / "dbt_packages"

    @property
    def runs(self) -> Path:
        """The folder of job runs: for each run a folder with its record and the logs of its tasks."""
        return self.workspace / "runs"

    @property
    def status(self) -> Path:
        """The status file; it exists while the local workspace is running."""
        return self.path / "status.json"

    @property
    def reattach(self) -> Path:
        """The file that tells Terraform the address of the running offline provider."""
        return self.path / "reattach.json"

    @property
    def mlflow_server(self) -> Path:
        """The file with the address and the process of the MLflow server; it exists while the server runs."""
        return self.path / "mlflow.json"

    @property
    def lock(self) -> Path:
        """The lock file for starting and stopping the local workspace."""
        return self.path / "lock"

    def log(self, component: str) -> Path:
        """The log file of `workspace`, `spark` or `mlflow`."""
        return self.path / "logs" / f"{component}.log"

    def create_folders(self) -> None:
        """Create the folders. Only the owner can read them."""
        ignore_folder(self.path.parent)
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in (self.workspace, self.files, self.warehouse, self.runs, self.path / "logs"):
            folder.mkdir(exist_ok=True, mode=0o700)

    def token(self) -> str:
        """The token that callers of the workspace must send; created if it is missing or damaged.

        Raises:
            OutsideError: something else has its place.
        """
        file = self.path / "token"
        if file.is_dir():
            raise OutsideError(f"{file} is a folder, not the file with the token (remove it)")
        if not file.exists() or not _TOKEN.fullmatch(file.read_bytes()):
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_private(file, secrets.token_urlsafe(32))
        return file.read_text(encoding="ascii").strip()


@dataclass(frozen=True)
class Status:
    """The content of the status file.

    Args:
        url: the workspace's address, without a trailing slash.
        token: the token that callers must send.
        workspace_pid: the process id of the workspace.
        workspace_started: start time of the process (psutil's create_time, seconds since 1970); distinguishes
            the process from a later process with the same id.
        spark_remote: the Spark Connect address with its token; None while Spark is not running.
        spark_pid: the process id of Spark.
        spark_started: start time of Spark's process.
    """

    url: str
    token: str
    workspace_pid: int
    workspace_started: float
    spark_remote: str | None = None
    spark_pid: int | None = None
    spark_started: float | None = None

    @property
    def spark_address(self) -> str | None:
        """Spark's address without the token, for output."""
        return self.spark_remote and self.spark_remote.partition("/;")[0]

    def write(self, home: Home) -> None:
        """Replace the status file."""
        write_private(home.status, json.dumps(asdict(self), indent=2))


def read_status(home: Home) -> Status | None:
    """Return the content of the status file; None if there is no file.

    The processes may have ended in the meantime: `local.supervisor` checks this.

    Raises:
        OutsideError: the file is damaged.
    """
    try:
        content = json.loads(home.status.read_text(encoding="utf-8"))
        fault = _fault(content)
    except FileNotFoundError:
        return None
    except IsADirectoryError:
        raise OutsideError(f"{home.status} is a folder, not the status file (remove it)") from None
    except (ValueError, RecursionError) as error:
        fault = str(error)
    if fault:
        raise OutsideError(
            f"{home.status}: the status file is damaged ({fault}):"
            " `mesh local down` stops all processes of the local workspace and removes the file"
        )
    return Status(**content)


def _fault(content: object) -> str | None:
    """Return what is wrong with the content of a status file; None if it is valid."""
    if not isinstance(content, dict):
        return "it is not an object"
    hints = get_type_hints(Status)
    if unknown := content.keys() - hints.keys():
        return f"unknown field `{min(unknown)}`"
    for name, hint in hints.items():
        if not _is_valid(content.get(name), get_args(hint) or (hint,)):
            return f"`{name}` is {json.dumps(content.get(name))}"
    if not _ADDRESS.fullmatch(content["url"]):
        return f"`url` is {json.dumps(content['url'])}"
    return None


def _is_valid(value: object, types: tuple[type, ...]) -> bool:
    # bool is a subclass of int.
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float):
        return (type(value) in types or float in types) and 0 <= value < _LARGEST_NUMBER
    return isinstance(value, types)


def running_status(home: Home) -> Status:
    """Return the status of the local workspace.

    Raises:
        OutsideError: the workspace is not running, or its status file is damaged.
    """
    status = read_status(home)
    if status is None:
        raise OutsideError(
            f"the local workspace of {home.root} is not running: start it with `mesh local up`"
        )
    return status


def write_private(file: Path, text: str) -> None:
    """Write a file atomically. Only the owner can read it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(file)
