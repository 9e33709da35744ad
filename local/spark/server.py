"""The Spark Connect server that every notebook of the local workspace shares."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local import processes
from local.home import Home, write_private
from local.spark import jars
from local.spark.client import answers
from local.toolchain import Java, java
from mesh.errors import OutsideError

CONF = Path(__file__).with_name("spark-defaults.conf")
LOGGING = Path(__file__).with_name("log4j2.properties")
START_SECONDS = 120
LOG_TAIL = 30

# What Spark's own launcher opens to itself (org.apache.spark.launcher.JavaModuleOptions of Spark 4.1).
OPENED = (
    "java.base/java.lang",
    "java.base/java.lang.invoke",
    "java.base/java.lang.reflect",
    "java.base/java.io",
    "java.base/java.net",
    "java.base/java.nio",
    "java.base/java.util",
    "java.base/java.util.concurrent",
    "java.base/java.util.concurrent.atomic",
    "java.base/jdk.internal.ref",
    "java.base/sun.nio.ch",
    "java.base/sun.nio.cs",
    "java.base/sun.security.action",
    "java.base/sun.util.calendar",
)
# Short statements on small data: a small collector, and compiled once and quickly rather than well.
JVM = ("-Xmx1g", "-Xss4m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData")


@dataclass(frozen=True)
class SparkServer:
    """A Connect server that answers.

    Args:
        pid: its process, the leader of its own process group.
        remote: what `SPARK_REMOTE` must be for a client; holds the token.
        process: the same process, for whoever started it.
    """

    pid: int
    remote: str
    process: "subprocess.Popen[bytes]" = field(repr=False)


def start(home: Home, workspace_url: str, token: str) -> SparkServer:
    """Start the server and wait until it answers.

    Args:
        home: where its log, its settings and the tables go.
        workspace_url: the workspace whose catalogs it serves.
        token: what the workspace wants of Spark, and Spark of its clients.

    Raises:
        OutsideError: Java or a jar is missing, or the server ended or did not answer in time.
    """
    port = _free_port()
    folder = home.path / "spark"
    settings = folder / "spark.conf"
    (folder / "tmp").mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(settings, properties(home, workspace_url, token, port))
    home.log("spark").parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with home.log("spark").open("wb") as log:
        process = subprocess.Popen(
            command(java(), classpath(home.jars), settings, folder / "tmp"),
            cwd=folder,
            env=environment(processes.environment(home)),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait(process, port, home.log("spark"))
    except BaseException:
        process.kill()
        process.wait()
        raise
    return SparkServer(process.pid, f"sc://localhost:{port}/;token={token}", process)


def command(java: Java, classpath: Sequence[Path], settings: Path, tmp: Path) -> list[str]:
    """Return the command that runs the server.

    Java is called directly, not through Spark's scripts: they ask for the module jdk.incubator.vector,
    which small Java runtimes lack.

    Args:
        java: the runtime.
        classpath: every jar, Spark's and ours.
        settings: the properties file; it holds the token, so that no process list shows it.
        tmp: where the server may put temporary files.
    """
    modules = [f"--add-opens={module}=ALL-UNNAMED" for module in OPENED]
    if java.has_launcher_modules:
        modules.append("--add-modules=jdk.incubator.vector")
    return [
        str(java.executable),
        *JVM,
        *modules,
        "-Djdk.reflect.useDirectMethodHandle=false",
        "-Dio.netty.tryReflectionSetAccessible=true",
        "-Dderby.stream.error.file=/dev/null",
        f"-Djava.io.tmpdir={tmp}",
        f"-Dlog4j2.configurationFile={LOGGING}",
        "-cp",
        os.pathsep.join(map(str, classpath)),
        "org.apache.spark.deploy.SparkSubmit",
        "--properties-file",
        str(settings),
        "--class",
        "org.apache.spark.sql.connect.service.SparkConnectServer",
        "spark-internal",
    ]


def properties(home: Home, workspace_url: str, token: str, port: int) -> str:
    """Return the server's properties file: the committed settings, then those of this machine."""
    folder = home.path / "spark"
    machine = {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": str(port),
        "spark.connect.authenticate.token": token,
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.local.dir": str(folder / "tmp"),
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.mesh.catalog.uri": workspace_url,
        "spark.mesh.catalog.token": token,
        "spark.mesh.catalog.warehouse": str(home.warehouse),
    }
    return (
        CONF.read_text(encoding="utf-8") + "\n" + "".join(f"{k}={_escaped(v)}\n" for k, v in machine.items())
    )


def _escaped(value: str) -> str:
    """Write a value as java.util.Properties reads it: Latin-1, a backslash beginning an escape."""
    units = value.replace("\\", "\\\\").encode("utf-16-be").hex(" ", 2).split()
    return "".join(chr(int(unit, 16)) if int(unit, 16) < 128 else f"\\u{unit}" for unit in units)


def environment(outer: Mapping[str, str]) -> dict[str, str]:
    """Return the server's environment: ours, without what would make it another Spark than configured."""
    unwanted = re.compile(
        r"SPARK_|HADOOP_CONF_DIR|YARN_|JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS|_JAVA_OPTIONS|CLASSPATH"
    )
    kept = {name: value for name, value in outer.items() if not unwanted.match(name)}
    return {
        **kept,
        "SPARK_HOME": str(jars.spark_home()),
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1",
    }


def classpath(folder: Path) -> list[Path]:
    """Return the jars that the server needs: those of the folder, then Spark's own.

    Raises:
        OutsideError: one of them is not installed.
    """
    return [*jars.installed(folder), jars.spark_home() / "jars" / "*"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers(port, 0.5):
        if process.poll() is not None:
            raise OutsideError(f"Spark ended with exit code {process.returncode}.\n{_tail(log)}")
        if time.monotonic() > deadline:
            raise OutsideError(f"Spark did not answer within {START_SECONDS} s.\n{_tail(log)}")


def _tail(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join([*lines[-LOG_TAIL:], f"The whole log: {log}"])
