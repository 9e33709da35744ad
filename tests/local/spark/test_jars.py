"""Installation of the jars, with a fake Java."""

import stat
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from local import toolchain
from local.home import Home
from local.spark import jars
from local.toolchain import Java
from mesh.errors import OutsideError

INSTALLED = Home(Path()).jars


def java(tmp_path: Path, script: str) -> Java:
    """Return a Java whose program is a Python script."""
    file = tmp_path / "java"
    file.write_text(f"#!{sys.executable}\n{script}")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return Java(executable=file, version=17, has_launcher_modules=True, javac=["javac"])


def test_every_jar_is_pinned_by_version_and_checksum() -> None:
    assert [(jar.name, jar.version, len(jar.sha256)) for jar in jars.pinned_artifacts()] == [
        ("delta-spark_4.1_2.13", "4.3.1", 64),
        ("delta-storage", "4.3.1", 64),
        ("ecj", "3.40.0", 64),
    ]


def test_a_jar_with_another_checksum_is_not_installed(tmp_path: Path) -> None:
    script = (
        "import pathlib, sys\n"
        "name, version = sys.argv[sys.argv.index('-dependency') + 2 :][:2]\n"
        "pattern = sys.argv[sys.argv.index('-retrieve') + 1]\n"
        "path = pattern.replace('[artifact]', name).replace('[revision]', version).replace('[ext]', 'jar')\n"
        "pathlib.Path(path).write_bytes(b'something else')\n"
    )
    with pytest.raises(OutsideError, match=r"does not match its checksum in jars\.sha256"):
        jars.install(tmp_path / "jars", java(tmp_path, script), report=lambda line: None)
    assert list((tmp_path / "jars").iterdir()) == []


def test_a_failed_download_names_the_jar_and_the_cause(tmp_path: Path) -> None:
    failing = java(tmp_path, "import sys\nsys.exit('no route to host')")
    with pytest.raises(
        OutsideError, match=r"Cannot download io.delta:delta-spark_4.1_2.13:4.3.1 .*\nno route to host"
    ):
        jars.install(tmp_path / "jars", failing, report=lambda line: None)


def test_intact_jars_are_kept(tmp_path: Path) -> None:
    lines: list[str] = []
    jars.install(INSTALLED, java(tmp_path, "import sys\nsys.exit('not to be called')"), report=lines.append)
    assert lines == []


def test_the_catalog_classes_are_the_first_jar() -> None:
    files = jars.installed_jars(INSTALLED)
    assert [file.name.rpartition("-")[0] for file in files] == [
        "mesh-catalog",
        "delta-spark_4.1_2.13",
        "delta-storage",
    ]


def test_ecj_compiles_the_catalog_where_java_has_no_compiler(tmp_path: Path) -> None:
    # `make test` has installed ecj; otherwise it is downloaded below
    for artifact in jars.pinned_artifacts():
        if (INSTALLED / artifact.file).exists():
            (tmp_path / artifact.file).symlink_to(INSTALLED / artifact.file)
    lines: list[str] = []
    jars.install(tmp_path, replace(toolchain.java(), javac=[]), report=lines.append)
    with zipfile.ZipFile(jars.installed_jars(tmp_path)[0]) as catalog:
        classes = set(catalog.namelist())
    sources = [file.relative_to(jars.SOURCES) for file in jars.SOURCES.rglob("*.java")]
    assert lines[-1] == "jars: compiling the catalog classes"
    assert {str(file.with_suffix(".class")) for file in sources} <= classes


def test_ecj_can_be_installed_alone_also_beside_a_compiler(tmp_path: Path) -> None:
    failing = java(tmp_path, "import sys\nsys.exit('no route to host')")
    with pytest.raises(
        OutsideError, match=r"Cannot download org\.eclipse\.jdt:ecj:3\.40\.0 .*\nno route to host"
    ):
        jars.install_compiler(tmp_path / "jars", failing, report=lambda line: None)


def test_a_damaged_jar_is_downloaded_again(tmp_path: Path) -> None:
    (damaged,) = (jar for jar in jars.pinned_artifacts() if jar.name == "delta-storage")
    for file in jars.installed_jars(INSTALLED):
        (tmp_path / file.name).symlink_to(file)
    (tmp_path / damaged.file).unlink()
    (tmp_path / damaged.file).write_bytes(b"half of it")
    lines: list[str] = []
    with pytest.raises(OutsideError, match=r"Cannot download io\.delta:delta-storage"):
        jars.install(tmp_path, java(tmp_path, "import sys\nsys.exit(1)"), report=lines.append)
    assert lines == ["jars: delta-storage 4.3.1"]
