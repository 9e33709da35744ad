"""The Spark Connect server that all notebooks of the local workspace share."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local import processes
from local.home import Home, write_private
from local.spark import jars
from local.spark.client import is_listening
from local.toolchain import Java, java
from mesh.errors import OutsideError

CONF = Path(__file__).with_name("spark-defaults.conf")
LOGGING = Path(__file__).with_name("log4j2.properties")
START_SECONDS = 120
LOG_TAIL = 30

# The packages that Spark's launcher opens (org.apache.spark.launcher.JavaModuleOptions of Spark 4.1).
OPENED_MODULES = (
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
# For short statements on small data: the serial collector, and only the fast compiler. Java's 48 MB for what
# that compiles are too few for Spark: compiled code would be removed, and compiled again.
JVM_OPTIONS = (
    "-Xmx1g",
    "-Xss4m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:ReservedCodeCacheSize=240m",
    "-XX:-UsePerfData",
)

ARCHIVE = "spark.jsa"
"""The file, beside the jars, of classes that Java need not read and check (`local.spark_classes`)."""

EVENTS = "MESH_SPARK_EVENTS"
"""The variable that turns Spark's event log on: `.mesh/local/spark/events` has the plan of every query."""

COMPILE = "MESH_SPARK_COMPILE"
"""The variable with which Spark compiles queries, as on Databricks, instead of interpreting them."""

COMPILED = {"spark.sql.codegen.wholeStage": "true", "spark.sql.codegen.factoryMode": "FALLBACK"}

# One readable file, and plans with all their columns
EVENT_LOG = {
    "spark.eventLog.enabled": "true",
    "spark.eventLog.compress": "false",
    "spark.eventLog.rolling.enabled": "false",
    "spark.sql.debug.maxToStringFields": "10000",
}


@dataclass(frozen=True)
class SparkServer:
    """A running Connect server.

    Args:
        pid: its process id, which is also its process group.
        remote: the value of `SPARK_REMOTE` for clients, with the token.
        process: the process, for its parent.
    """

    pid: int
    remote: str
    process: "subprocess.Popen[bytes]" = field(repr=False)


def start(home: Home, workspace_url: str, token: str, archive: str | None = None) -> SparkServer:
    """Start the server and wait until it answers.

    Args:
        home: the folder of its log, its settings and its tables.
        workspace_url: the workspace whose catalogs it serves.
        token: the access token of the workspace, and of Spark for its clients.
        archive: Java's option for the archive of classes; by default, what is installed is used.

    Raises:
        OutsideError: Java or a jar is missing, or the server ended or did not answer in time.
    """
    port = processes.free_port()
    folder = home.path / "spark"
    settings = folder / "spark.conf"
    for name in ("tmp", *(["events"] if os.environ.get(EVENTS) else [])):
        (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(settings, properties(home, workspace_url, token, port))
    home.log("spark").parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with home.log("spark").open("wb") as log:
        process = subprocess.Popen(
            command(
                java(), classpath(home.jars), settings, folder / "tmp", archive or kept_classes(home.jars)
            ),
            cwd=folder,
            env=environment(processes.environment(home)),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_listening(process, port, home.log("spark"))
    except BaseException:
        process.kill()
        process.wait()
        raise
    return SparkServer(process.pid, f"sc://localhost:{port}/;token={token}", process)


def kept_classes(jars: Path) -> str:
    """Return Java's option for the archive beside the jars, or for Java's own archive.

    Java ignores an archive that does not fit. Without the file, it would not use its own archive either.

    Args:
        jars: the folder of the jars.
    """
    archive = jars / ARCHIVE
    return f"-XX:SharedArchiveFile={archive}" if archive.exists() else "-Xshare:auto"


def command(java: Java, classpath: Sequence[Path], settings: Path, tmp: Path, archive: str) -> list[str]:
    """Return the command that runs the server.

    Java is called directly, because Spark's scripts require the module jdk.incubator.vector, which small
    Java runtimes lack.

    Args:
        java: the runtime.
        classpath: all jars.
        settings: the properties file, which holds the token so that no process list shows it.
        tmp: the folder for temporary files.
        archive: Java's option for the archive of classes.
    """
    modules = [f"--add-opens={module}=ALL-UNNAMED" for module in OPENED_MODULES]
    if java.has_launcher_modules:
        modules.append("--add-modules=jdk.incubator.vector")
    return [
        str(java.executable),
        *JVM_OPTIONS,
        archive,
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
    """Return the content of the server's properties file: the committed settings, then the local settings."""
    folder = home.path / "spark"
    local_settings = {
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
    if os.environ.get(EVENTS):
        local_settings |= {**EVENT_LOG, "spark.eventLog.dir": (folder / "events").as_uri()}
    if os.environ.get(COMPILE):
        local_settings |= COMPILED
    return (
        CONF.read_text(encoding="utf-8")
        + "\n"
        + "".join(f"{k}={_escape(v)}\n" for k, v in local_settings.items())
    )


def _escape(value: str) -> str:
    """Escape a value for java.util.Properties: ASCII, with Unicode escapes."""
    units = value.replace("\\", "\\\\").encode("utf-16-be").hex(" ", 2).split()
    return "".join(chr(int(unit, 16)) if int(unit, 16) < 128 else f"\\u{unit}" for unit in units)


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the server's environment, without inherited variables that would reconfigure Spark or Java."""
    excluded = re.compile(
        r"SPARK_|HADOOP_CONF_DIR|YARN_|JAVA_TOOL_OPTIONS|JDK_JAVA_OPTIONS|_JAVA_OPTIONS|CLASSPATH"
    )
    inherited = {name: value for name, value in environ.items() if not excluded.match(name)}
    return {
        **inherited,
        "SPARK_HOME": str(jars.spark_home()),
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1",
    }


def classpath(folder: Path) -> list[Path]:
    """Return the server's jars: the jars of the folder, then Spark's jars.

    Raises:
        OutsideError: a jar is not installed.
    """
    return [*jars.installed_jars(folder), jars.spark_home() / "jars" / "*"]


def _wait_until_listening(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_listening(port, 0.5):
        if process.poll() is not None:
            raise OutsideError(f"Spark ended with exit code {process.returncode}.\n{_tail(log)}")
        if time.monotonic() > deadline:
            raise OutsideError(f"Spark did not answer within {START_SECONDS} s.\n{_tail(log)}")


def _tail(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join([*lines[-LOG_TAIL:], f"The full log: {log}"])
