"""Where everything of the local workspace lives on disk, and what says that it is up."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from mesh.errors import OutsideError
from mesh.git.checkout import keep_out


@dataclass(frozen=True)
class Home:
    """The paths of one mesh's local workspace, all below `<root>/.mesh`.

    Args:
        root: the mesh's root folder, absolute.
    """

    root: Path

    @property
    def path(self) -> Path:
        """The folder of everything that `mesh local` keeps."""
        return self.root / ".mesh" / "local"

    @property
    def jars(self) -> Path:
        """The jars that Spark is started with: beside this code, whichever mesh is served."""
        return Path(__file__).resolve().parents[1] / ".mesh" / "jars"

    @property
    def workspace(self) -> Path:
        """What the workspace process keeps: its state, notebooks, volumes, DuckDB files."""
        return self.path / "workspace"

    @property
    def files(self) -> Path:
        """The folder on disk that is the workspace's `/`: notebooks and workspace files."""
        return self.workspace / "workspace"

    @property
    def warehouse(self) -> Path:
        """The tables' files: `<catalog>/<schema>/<table>`."""
        return self.path / "warehouse"

    @property
    def runs(self) -> Path:
        """One folder for each job run: its record and the logs of its tasks."""
        return self.workspace / "runs"

    @property
    def status(self) -> Path:
        """The status file: there while the local workspace is up."""
        return self.path / "status.json"

    @property
    def reattach(self) -> Path:
        """How Terraform reaches the offline provider: there while it is being served."""
        return self.path / "reattach.json"

    @property
    def lock(self) -> Path:
        """Held by whoever starts or stops the local workspace."""
        return self.path / "lock"

    def log(self, component: str) -> Path:
        """The log file of `workspace` or `spark`."""
        return self.path / "logs" / f"{component}.log"

    def make(self) -> None:
        """Create the folders, readable by their owner only."""
        keep_out(self.path.parent)
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in (self.workspace, self.files, self.warehouse, self.runs, self.path / "logs"):
            folder.mkdir(exist_ok=True, mode=0o700)

    def token(self) -> str:
        """The secret that this home's workspace wants of its callers, made at first use."""
        file = self.path / "token"
        if not file.exists():
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_private(file, secrets.token_urlsafe(32))
        return file.read_text(encoding="utf-8").strip()


@dataclass(frozen=True)
class Status:
    """What is up, as the status file says it.

    Args:
        url: the workspace's address, without a trailing slash.
        token: what its callers must present.
        workspace_pid: its process.
        workspace_started: when that process started (psutil's create_time, seconds), so that another
            process which later gets the same number is not mistaken for it.
        spark_remote: the Spark Connect address, with its token; None while Spark is not up.
        spark_pid: Spark's process.
        spark_started: when that process started.
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
        """Spark's address without the token, to show."""
        return self.spark_remote and self.spark_remote.partition("/;")[0]

    def write(self, home: Home) -> None:
        """Replace the status file."""
        write_private(home.status, json.dumps(asdict(self), indent=2))


def read_status(home: Home) -> Status | None:
    """Return what the status file says, None when there is none or it cannot be read as one.

    That it is there does not mean that the processes are alive: `local.supervisor` checks that.
    """
    try:
        return Status(**json.loads(home.status.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def running(home: Home) -> Status:
    """Return the status of a local workspace that was started.

    Raises:
        OutsideError: it is not up.
    """
    status = read_status(home)
    if status is None:
        raise OutsideError(f"the local workspace of {home.root} is not up: start it with `mesh local up`")
    return status


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(file)
