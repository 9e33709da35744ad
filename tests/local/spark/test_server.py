"""The command, the settings and the environment of the Spark Connect server."""

from pathlib import Path

import pytest

from local.home import Home
from local.spark import server
from local.toolchain import Java
from mesh.errors import OutsideError

SMALL = Java(executable=Path("/jre/bin/java"), version=21, has_launcher_modules=False, javac=[])
WHOLE = Java(executable=Path("/jdk/bin/java"), version=17, has_launcher_modules=True, javac=["javac"])


def command(java: Java) -> list[str]:
    return server.command(
        java,
        [Path("/a.jar"), Path("/spark/*")],
        Path("/mesh/spark.conf"),
        Path("/mesh/tmp"),
        "-XX:SharedArchiveFile=/jars/spark.jsa",
    )


def test_java_runs_spark_directly_with_all_jars() -> None:
    arguments = command(SMALL)
    assert arguments[0] == "/jre/bin/java"
    assert arguments[arguments.index("-cp") + 1] == "/a.jar:/spark/*"
    assert arguments[-5:] == [
        "--properties-file",
        "/mesh/spark.conf",
        "--class",
        "org.apache.spark.sql.connect.service.SparkConnectServer",
        "spark-internal",
    ]


def test_java_maps_the_archive_of_classes() -> None:
    """An option of Java, before the class that it runs."""
    arguments = command(SMALL)
    assert arguments.index("-XX:SharedArchiveFile=/jars/spark.jsa") < arguments.index("-cp")


def test_without_an_archive_java_uses_its_own(tmp_path: Path) -> None:
    """An option that names no file turns that off, too."""
    assert server.kept_classes(tmp_path) == "-Xshare:auto"
    (tmp_path / server.ARCHIVE).touch()
    assert server.kept_classes(tmp_path) == f"-XX:SharedArchiveFile={tmp_path / server.ARCHIVE}"


def test_the_vector_module_is_added_only_if_java_has_it() -> None:
    assert "--add-modules=jdk.incubator.vector" in command(WHOLE)
    assert "--add-modules=jdk.incubator.vector" not in command(SMALL)


def test_the_token_is_in_the_settings_and_not_in_the_command() -> None:
    home = Home(Path("/mesh"))
    settings = server.properties(home, "http://127.0.0.1:8", "s3cret", 7)
    assert "spark.connect.authenticate.token=s3cret\n" in settings
    assert "spark.mesh.catalog.token=s3cret\n" in settings
    assert "s3cret" not in " ".join(command(WHOLE))


def test_the_server_listens_on_the_loopback_interface_only() -> None:
    settings = server.properties(Home(Path("/mesh")), "http://127.0.0.1:8", "s3cret", 7)
    assert "spark.connect.grpc.binding.address=127.0.0.1\n" in settings
    assert "spark.driver.bindAddress=127.0.0.1\n" in settings


def test_the_event_log_is_on_if_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def settings() -> str:
        return server.properties(Home(Path("/mesh")), "http://127.0.0.1:8", "s3cret", 7)

    assert "eventLog" not in settings()
    monkeypatch.setenv(server.EVENTS, "1")
    assert "spark.eventLog.enabled=true\n" in settings()
    assert "spark.eventLog.dir=file:///mesh/.mesh/local/spark/events\n" in settings()


def test_queries_are_compiled_if_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last line of a setting counts."""

    def last(name: str) -> str:
        lines = server.properties(Home(Path("/mesh")), "http://127.0.0.1:8", "s3cret", 7).splitlines()
        return [line for line in lines if line.startswith(name)][-1].removeprefix(name).strip(" =")

    assert last("spark.sql.codegen.factoryMode") == "NO_CODEGEN"
    monkeypatch.setenv(server.COMPILE, "1")
    assert last("spark.sql.codegen.factoryMode") == "FALLBACK"
    assert last("spark.sql.codegen.wholeStage") == "true"


def test_the_path_of_the_warehouse_is_escaped() -> None:
    settings = server.properties(Home(Path("/Blå\\mesh")), "http://127.0.0.1:8", "s3cret", 7)
    assert "spark.mesh.catalog.warehouse=/Bl\\u00e5\\\\mesh/.mesh/local/warehouse\n" in settings


def test_the_catalog_class_is_chosen_in_the_committed_settings() -> None:
    lines = server.CONF.read_text(encoding="utf-8").splitlines()
    chosen = [line.split()[1] for line in lines if line.startswith("spark.mesh.catalog ")]
    assert chosen == ["io.unitycatalog.datamesh.WorkspaceCatalog"]


def test_variables_of_another_spark_are_not_inherited() -> None:
    outer = {
        "PATH": "/bin",
        "SPARK_HOME": "/opt/spark",
        "SPARK_CONF_DIR": "/etc/spark",
        "JAVA_TOOL_OPTIONS": "-Xmx9g",
    }
    variables = server.environment(outer)
    assert variables["PATH"] == "/bin"
    assert variables["SPARK_HOME"].endswith("/pyspark")
    assert {"SPARK_CONF_DIR", "JAVA_TOOL_OPTIONS"}.isdisjoint(variables)


def test_missing_jars_are_reported_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match=r"delta-spark.* not found in .*run `make install`"):
        server.classpath(tmp_path)
