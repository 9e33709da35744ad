"""A workspace and a Spark Connect server, started once for all tests of this folder."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

from local.flow_tests import warm_process
from local.home import Home, Status
from local.spark import jars, server
from local.spark.client import connect
from local.toolchain import java

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

DEADLINE_SECONDS = 60
# Rows are computed without a program that Spark writes and compiles for each query: with a handful of rows, that takes
# most of the time. Runs end to end (tests/system, tests/course) have the settings of the product.
INTERPRETED = "spark.sql.codegen.factoryMode NO_CODEGEN\n"


@dataclass(frozen=True)
class Local:
    """A workspace with Spark."""

    home: Home
    status: Status

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Call the workspace's API and return its answer."""
        request = urllib.request.Request(
            f"{self.status.url}{path}",
            method=method,
            data=json.dumps(body).encode() if body else None,
            headers={"Authorization": f"Bearer {self.status.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=DEADLINE_SECONDS) as answer:
            return json.load(answer)

    def catalog(self, name: str) -> str:
        """Create a catalog with a schema `s` in the workspace, without Spark, like Terraform."""
        self.call("POST", "/api/2.1/unity-catalog/catalogs", {"name": name})
        self.call("POST", "/api/2.1/unity-catalog/schemas", {"name": "s", "catalog_name": name})
        return name

    def run(self, module: str, spec: Path, folder: Path) -> int | None:
        """Run a module in a folder as the workspace does: in a process that need not import; return its exit code."""
        connection = {"DATABRICKS_HOST": self.status.url, "DATABRICKS_TOKEN": self.status.token}
        environment = {**os.environ, **connection, "SPARK_REMOTE": str(self.status.spark_remote)}
        return warm_process.run(module, [str(spec)], folder, environment)

    def files(self, *parts: str) -> Path:
        """Return the folder of a table, schema or catalog in the warehouse."""
        return self.home.warehouse.joinpath(*parts)


@pytest.fixture(scope="session")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    home = Home(tmp_path_factory.mktemp("mesh"))
    home.create_folders()
    jars.install(home.jars, java())
    settings = home.path / "interpreted.conf"
    settings.write_text(f"{server.CONF.read_text(encoding='utf-8')}\n{INTERPRETED}", encoding="utf-8")
    with _workspace(home) as url:
        with patch.object(server, "CONF", settings):
            spark = server.start(home, url, home.token())
        try:
            yield Local(home, Status(url, home.token(), 0, 0.0, spark.remote, spark.pid, 0.0))
        finally:
            spark.process.terminate()
            spark.process.wait(DEADLINE_SECONDS)


@pytest.fixture(scope="session")
def spark(local: Local) -> Iterator["SparkSession"]:
    session = connect(str(local.status.spark_remote))
    yield session
    session.stop()


@contextmanager
def _workspace(home: Home) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "local.workspace", "--root", str(home.root), "--port", str(port)]
    with home.log("workspace").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait(port, process, home.log("workspace"))
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(DEADLINE_SECONDS)


def _wait(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except ConnectionRefusedError:
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.1)
    pytest.fail(f"the workspace does not start:\n{log.read_text()}")
