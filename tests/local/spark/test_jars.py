"""Installing the jars, with a stand-in for Java."""

import stat
import sys
from pathlib import Path

import pytest

from local.home import Home
from local.spark import jars
from local.toolchain import Java
from mesh.errors import OutsideError

INSTALLED = Home(Path()).jars


def java(tmp_path: Path, script: str) -> Java:
    """A `java` that is a Python script."""
    file = tmp_path / "java"
    file.write_text(f"#!{sys.executable}\n{script}")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return Java(executable=file, version=17, has_launcher_modules=True, javac=["javac"])


def test_every_jar_is_pinned_by_version_and_checksum() -> None:
    assert [(jar.name, jar.version, len(jar.sha256)) for jar in jars.artifacts()] == [
        ("delta-spark_4.1_2.13", "4.3.1", 64),
        ("delta-storage", "4.3.1", 64),
        ("ecj", "3.40.0", 64),
    ]


def test_a_jar_that_is_not_the_pinned_one_is_not_installed(tmp_path: Path) -> None:
    script = (
        "import pathlib, sys\n"
        "name, version = sys.argv[sys.argv.index('-dependency') + 2 :][:2]\n"
        "pattern = sys.argv[sys.argv.index('-retrieve') + 1]\n"
        "path = pattern.replace('[artifact]', name).replace('[revision]', version).replace('[ext]', 'jar')\n"
        "pathlib.Path(path).write_bytes(b'something else')\n"
    )
    with pytest.raises(OutsideError, match=r"is not the jar that jars\.sha256 pins"):
        jars.install(tmp_path / "jars", java(tmp_path, script), say=lambda line: None)
    assert list((tmp_path / "jars").iterdir()) == []


def test_a_download_that_fails_says_which_and_why(tmp_path: Path) -> None:
    failing = java(tmp_path, "import sys\nsys.exit('no route to host')")
    with pytest.raises(
        OutsideError, match=r"Cannot fetch io.delta:delta-spark_4.1_2.13:4.3.1 .*\nno route to host"
    ):
        jars.install(tmp_path / "jars", failing, say=lambda line: None)


def test_what_is_there_is_left_alone(tmp_path: Path) -> None:
    done: list[str] = []
    jars.install(INSTALLED, java(tmp_path, "import sys\nsys.exit('not to be called')"), say=done.append)
    assert done == []


def test_installed_jars_have_the_catalog_class_first() -> None:
    found = jars.installed(INSTALLED)
    assert [file.name.rpartition("-")[0] for file in found] == [
        "mesh-catalog",
        "delta-spark_4.1_2.13",
        "delta-storage",
    ]


def test_a_jar_that_was_damaged_is_fetched_again(tmp_path: Path) -> None:
    (damaged,) = (jar for jar in jars.artifacts() if jar.name == "delta-storage")
    for file in jars.installed(INSTALLED):
        (tmp_path / file.name).symlink_to(file)
    (tmp_path / damaged.file).unlink()
    (tmp_path / damaged.file).write_bytes(b"half of it")
    said: list[str] = []
    with pytest.raises(OutsideError, match=r"Cannot fetch io\.delta:delta-storage"):
        jars.install(tmp_path, java(tmp_path, "import sys\nsys.exit(1)"), say=said.append)
    assert said == ["jars: delta-storage 4.3.1"]
