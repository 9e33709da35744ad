"""State in a real PostgreSQL server: two people deploy one project at once."""

from __future__ import annotations

import json
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk import WorkspaceClient

from local import supervisor
from local.home import Home, running_status
from tests.system.deploy.conftest import COMMAND, SOON, Mesh

PROGRAMS = ("initdb", "postgres", "psql")
FLOWS = 5
# As Terraform's pg backend locks a state: by the number of its row.
HELD = "select pg_advisory_lock(id) from {schema}.states; select 'held';"


def programs() -> dict[str, str]:
    """The PostgreSQL programs, in Debian's folder or on PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name))
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, reversed(folders))])
    return {name: found for name in PROGRAMS if (found := shutil.which(name, path=path))}


MISSING = sorted(set(PROGRAMS) - programs().keys())
pytestmark = pytest.mark.skipif(
    bool(MISSING),
    reason=f"no PostgreSQL here: {', '.join(MISSING)} is neither on PATH nor in /usr/lib/postgresql",
)


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server.

    Args:
        environ: the variables that say where it is and who one is there, as libpq and Terraform read them.
    """

    environ: Mapping[str, str]

    def psql(self) -> list[str]:
        """The command that runs SQL from its standard input."""
        return [
            programs()["psql"],
            "--no-psqlrc",
            "--quiet",
            "--tuples-only",
            "--no-align",
            "--set=ON_ERROR_STOP=1",
        ]

    def query(self, sql: str) -> list[str]:
        """The rows that a query returns."""
        environ = {**os.environ, **self.environ}
        return subprocess.run(
            self.psql(), input=sql, env=environ, capture_output=True, text=True, check=True
        ).stdout.splitlines()

    def schemas(self) -> list[str]:
        """The schemas that hold states."""
        return self.query(
            "select table_schema from information_schema.tables where table_name = 'states' order by 1"
        )

    def states(self) -> dict[str, Any]:
        """Every state, by its schema."""
        texts = {schema: self.query(f"select data from {schema}.states") for schema in self.schemas()}
        return {schema: json.loads("\n".join(lines)) for schema, lines in texts.items()}

    @contextmanager
    def locked(self, schema: str) -> Iterator[None]:
        """Holds the lock of a state, like a deployment on another machine."""
        pipe = subprocess.PIPE
        session = subprocess.Popen(
            self.psql(), env={**os.environ, **self.environ}, stdin=pipe, stdout=pipe, text=True, bufsize=1
        )
        assert session.stdin is not None and session.stdout is not None
        print(HELD.format(schema=schema), file=session.stdin)
        while session.stdout.readline().strip() != "held":
            assert session.poll() is None
        try:
            yield
        finally:
            session.communicate()


@pytest.fixture
def server() -> Iterator[Server]:
    """A separate server, without persistent data."""
    # below the system's own folder: PostgreSQL never runs as root, and who it runs as may not see pytest's
    with tempfile.TemporaryDirectory(prefix="mesh-postgresql-") as name:
        folder, password, port = Path(name), secrets.token_hex(16), _free_port()
        (folder / "password").write_text(password)
        as_whom: dict[str, Any] = {}
        if os.geteuid() == 0:
            shutil.chown(folder, "nobody")
            shutil.chown(folder / "password", "nobody")
            as_whom = {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}
        made = [
            "--username=mesh",
            f"--pwfile={folder}/password",
            "--auth=scram-sha-256",
            "--no-sync",
            "--no-locale",
        ]
        subprocess.run(
            [programs()["initdb"], f"--pgdata={folder}/data", "--encoding=UTF8", *made],
            **as_whom, cwd=folder, check=True, capture_output=True,
        )  # fmt: skip
        options = ["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"]
        process = subprocess.Popen(
            [programs()["postgres"], "-D", f"{folder}/data", "-p", str(port), *options],
            **as_whom, cwd=folder, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        environ = {
            "PG_CONN_STR": f"postgres://127.0.0.1:{port}/postgres?sslmode=disable",
            **{"PGHOST": "127.0.0.1", "PGPORT": str(port), "PGDATABASE": "postgres"},
            **{"PGUSER": "mesh", "PGPASSWORD": password},
        }
        try:
            _wait_for(lambda: _answers(port), process)
            yield Server(environ)
        finally:
            process.send_signal(signal.SIGINT)  # disconnects everybody, then ends
            process.wait(SOON)


@pytest.fixture
def checkouts(tmp_path: Path, server: Server) -> Iterator[tuple[Mesh, Mesh]]:
    """Checkouts of two users of one mesh with one flow, both deployed to one workspace."""
    first, second = tmp_path / "first", tmp_path / "second"
    for root in (first, second):
        (root / ".brickopscfg").mkdir(parents=True)
        (root / ".brickopscfg" / "config.yml").write_text(
            'naming: {job: {other: "{flow}"}, pipeline: {other: "{flow}"}, catalog: {other: "{org}"}, db: {other: "{db}"}}\n'
        )
        _write_flow(root, 0)
        (root / "orgs" / "acme" / "org.yml").write_text(
            "environments:\n  rehearsal: {workspace: local, metastore: rehearsal, backend: {pg: {}}}\n"
        )
    subprocess.run([sys.executable, "-m", "tests.system.deploy.without_spark", str(first)], check=True)
    (second / ".mesh").mkdir()
    (second / ".mesh" / "local").symlink_to(first / ".mesh" / "local")
    try:
        status = running_status(Home(first))
        client = WorkspaceClient(host=status.url, token=status.token, auth_type="pat")
        variables = {**server.environ, "MESH_ENV": "rehearsal", "MESH_GIT_URL": "https://git.example/acme"}
        yield Mesh(first, client, variables), Mesh(second, client, variables)
    finally:
        supervisor.down(Home(first), print)


def test_two_deployments_at_once_wait_for_each_other_and_nothing_is_lost(
    server: Server, checkouts: tuple[Mesh, Mesh], tmp_path: Path
) -> None:
    """One deployment creates all objects; the other has an empty plan."""
    first, second = checkouts
    before = first.run("deploy", "--auto-approve")
    assert before.returncode == 0, before.stdout + before.stderr
    assert [schema.rpartition("_")[0] for schema in server.schemas()] == [
        "acme_foundation_rehearsal",
        "acme_transport_many_rehearsal",
    ]
    for mesh in checkouts:
        for number in range(1, FLOWS):
            _write_flow(mesh.root, number)

    outputs = [tmp_path / "one", tmp_path / "two"]
    with ExitStack() as started:
        with server.locked(server.schemas()[1]):
            processes = [
                started.enter_context(_deployment(mesh, output))
                for mesh, output in zip(checkouts, outputs, strict=True)
            ]
            for process, output in zip(processes, outputs, strict=True):
                _wait_for(lambda text=output: "its state is locked" in text.read_text(), process)
            assert first.jobs() == ["flow00"]
        codes = [process.wait(SOON) for process in processes]

    said = [output.read_text() for output in outputs]
    assert codes == [0, 0], said
    assert sorted("Nothing to change" in text for text in said) == [False, True], said
    assert first.jobs() == first.schemas() == [f"flow{number:02}" for number in range(FLOWS)]
    assert {str(job.job_id) for job in first.client.jobs.list()} == _ids(server, "databricks_job")
    assert server.query("select count(*) from pg_locks where locktype = 'advisory'") == ["0"]
    assert "No changes: 1 stack up to date." in second.run("diff", "transport/many").stdout
    assert list(_files_with(server.environ["PGPASSWORD"], tmp_path)) == []


def test_stale_deployments_in_postgresql_are_found_and_destroyed(
    server: Server, checkouts: tuple[Mesh, Mesh], tmp_path: Path
) -> None:
    """From a checkout that has deployed nothing; the workspace knows the owners, PostgreSQL does not."""
    first, second = checkouts
    for mesh in checkouts:
        config = mesh.root / ".brickopscfg" / "config.yml"
        text = config.read_text().replace('"{db}"', '"{username}_{db}"')
        config.write_text(text.replace('job: {other: "{flow}"}', 'job: {other: "{username}_{flow}"}'))
    people = ("ola@acme.example", "kari@acme.example")
    for user in people:
        done = first.run("deploy", "--auto-approve", **first.become(user))
        assert done.returncode == 0, done.stdout + done.stderr
    assert first.schemas() == ["kari_flow00", "ola_flow00"]

    done = second.run("reap", "--older-than", "0h", "--auto-approve", **first.become(people[0]))

    assert done.returncode == 0, done.stdout + done.stderr
    assert "stale: acme/transport/many/rehearsal/kari@acme.example\n" in done.stdout
    assert first.schemas() == ["ola_flow00"]
    assert first.jobs() == ["ola_flow00"]
    [emptied] = [schema for schema, state in server.states().items() if not state["resources"]]
    assert emptied.startswith("acme_transport_many_rehearsal_kari")
    assert list(_files_with(server.environ["PGPASSWORD"], tmp_path)) == []


def _write_flow(root: Path, number: int) -> None:
    flows = root / "orgs" / "acme" / "domains" / "transport" / "projects" / "many" / "flows" / "prep"
    folder = flows / f"flow{number:02}"
    folder.mkdir(parents=True)
    (folder / "deployment.yml").write_text("tasks: [{task_key: a, serverless: true}]\n")
    (folder / "a.py").write_text(f"# Databricks notebook source\nprint({number})\n")


@contextmanager
def _deployment(mesh: Mesh, output: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A running deployment, ended at the end of the test."""
    command = [*COMMAND, "deploy", "transport/many", "--auto-approve", "--root", str(mesh.root)]
    with output.open("w") as file:
        process = subprocess.Popen(command, env=mesh.environ(), stdout=file, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(SOON)


def _wait_for(ready: Any, process: subprocess.Popen[Any]) -> None:
    deadline = time.monotonic() + SOON
    while not ready():
        assert time.monotonic() < deadline
        with suppress(subprocess.TimeoutExpired):
            raise AssertionError(f"{process.args} ended with {process.wait(0.1)}")


def _answers(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _ids(server: Server, kind: str) -> set[str]:
    resources = [one for state in server.states().values() for one in state["resources"]]
    return {i["attributes"]["id"] for one in resources if one["type"] == kind for i in one["instances"]}


def _files_with(text: str, folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and text.encode() in path.read_bytes():
            yield path
