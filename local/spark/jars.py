"""The additional jars of Spark: Delta, and the catalog classes compiled from their source.

`python -m local.spark.jars [ROOT]` installs them; a second run does nothing. With `--compiler` it installs
ecj alone, with which the tests compile the classes as a machine without javac does.
"""

import argparse
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from local.home import Home
from local.toolchain import Java, java
from mesh.console import diagnostic
from mesh.errors import OutsideError

PINNED = Path(__file__).with_name("jars.sha256")
SOURCES = Path(__file__).with_name("catalog")
COMPILER = "ecj"
JAVA_RELEASE = "17"


@dataclass(frozen=True)
class Artifact:
    """One jar of Maven Central, with its pinned checksum."""

    group: str
    name: str
    version: str
    sha256: str

    @property
    def file(self) -> str:
        """The jar's file name."""
        return f"{self.name}-{self.version}.jar"


def pinned_artifacts() -> tuple[Artifact, ...]:
    """Return the pinned jars, which `jars.sha256` in this folder lists."""
    lines = (line.split() for line in PINNED.read_text(encoding="utf-8").splitlines() if line)
    return tuple(_artifact(sha256, coordinate) for sha256, coordinate in lines)


def _artifact(sha256: str, coordinate: str) -> Artifact:
    group, name, version = coordinate.split(":")
    return Artifact(group, name, version, sha256)


def install(folder: Path, java: Java, report: Callable[[str], None] = print) -> None:
    """Install the jars into a folder; intact jars are kept.

    Args:
        folder: the folder, created if it does not exist.
        java: runs the download and, if it has a compiler, compiles the catalog classes.
        report: receives one line of progress per installed jar.

    Raises:
        OutsideError: a download fails, a jar does not match its checksum, or the classes do not compile.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for artifact in pinned_artifacts():
        if artifact.name == COMPILER and (java.javac or (folder / _catalog_jar()).exists()):
            continue
        _provide(artifact, folder, java, report)
    if not (folder / _catalog_jar()).exists():
        report("jars: compiling the catalog classes")
        _compile(folder, java)


def install_compiler(folder: Path, java: Java, report: Callable[[str], None] = print) -> None:
    """Install ecj into a folder, also if this Java has a compiler; an intact jar is kept.

    Raises:
        OutsideError: the download fails, or the jar does not match its checksum.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _provide(_compiler(), folder, java, report)


def installed_jars(folder: Path) -> list[Path]:
    """Return the jars of a folder that Spark is started with, the catalog classes first.

    Raises:
        OutsideError: a jar is missing.
    """
    names = [_catalog_jar(), *(artifact.file for artifact in pinned_artifacts() if artifact.name != COMPILER)]
    missing = [name for name in names if not (folder / name).exists()]
    if missing:
        raise OutsideError(f"{', '.join(missing)} not found in {folder}: run `make install`")
    return [folder / name for name in names]


def spark_home() -> Path:
    """Return the folder of the installed pyspark, which contains Spark.

    Raises:
        OutsideError: pyspark is not installed.
    """
    spec = find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise OutsideError("pyspark is not installed: run `make install`")
    return Path(spec.origin).parent


def _compiler() -> Artifact:
    return next(artifact for artifact in pinned_artifacts() if artifact.name == COMPILER)


def _provide(artifact: Artifact, folder: Path, java: Java, report: Callable[[str], None]) -> None:
    if not _is_intact(folder / artifact.file, artifact):
        report(f"jars: {artifact.name} {artifact.version}")
        _download(artifact, folder, java)


def _is_intact(file: Path, artifact: Artifact) -> bool:
    return file.exists() and hashlib.sha256(file.read_bytes()).hexdigest() == artifact.sha256


def _download(artifact: Artifact, folder: Path, java: Java) -> None:
    """Download one jar from Maven Central with Spark's Ivy."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".download-") as scratch:
        _run(
            [
                str(java.executable),
                f"-Divy.default.ivy.user.dir={scratch}/ivy",
                "-jar",
                str(_ivy()),
                *("-cache", f"{scratch}/cache"),
                *("-dependency", artifact.group, artifact.name, artifact.version),
                *("-confs", "default", "-types", "jar", "-notransitive"),
                *("-retrieve", f"{scratch}/[artifact]-[revision].[ext]"),
            ],
            f"Cannot download {artifact.group}:{artifact.name}:{artifact.version} from Maven Central",
        )
        file = Path(scratch) / artifact.file
        if not _is_intact(file, artifact):
            raise OutsideError(
                f"{artifact.file} from Maven Central does not match its checksum in {PINNED.name}: "
                "check for a proxy or mirror that changes files (the jar was not installed)"
            )
        file.replace(folder / artifact.file)


def _compile(folder: Path, java: Java) -> None:
    compiler = java.javac or [str(java.executable), "-jar", str(folder / _compiler().file)]
    sources = sorted(SOURCES.rglob("*.java"))
    with tempfile.TemporaryDirectory(dir=folder, prefix=".compile-") as scratch:
        classes, jar = Path(scratch) / "classes", Path(scratch) / "catalog.jar"
        _run(
            [
                *compiler,
                *(
                    "-source",
                    JAVA_RELEASE,
                    "-target",
                    JAVA_RELEASE,
                    "-nowarn",
                    "-proc:none",
                    "-encoding",
                    "UTF-8",
                ),
                *("-cp", ":".join(map(str, [*_spark_jars(), *folder.glob("delta-*.jar")]))),
                *("-d", str(classes)),
                *map(str, sources),
            ],
            "The catalog classes do not compile",
        )
        with zipfile.ZipFile(jar, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(classes.rglob("*.class")):
                archive.write(file, file.relative_to(classes))
        for outdated in folder.glob("mesh-catalog-*.jar"):
            outdated.unlink()
        jar.replace(folder / _catalog_jar())


def _catalog_jar() -> str:
    """Return the compiled jar's name, which changes with its sources and with the pinned jars."""
    digest = hashlib.sha256(PINNED.read_bytes())
    for source in sorted(SOURCES.rglob("*.java")):
        digest.update(source.read_bytes())
    return f"mesh-catalog-{digest.hexdigest()[:12]}.jar"


def _spark_jars() -> list[Path]:
    return sorted((spark_home() / "jars").glob("*.jar"))


def _ivy() -> Path:
    return next(jar for jar in _spark_jars() if jar.name.startswith("ivy-"))


def _run(command: list[str], failure: str) -> None:
    completed = subprocess.run(command, capture_output=True, text=True, check=False)
    if completed.returncode:
        tail = "\n".join((completed.stdout + completed.stderr).splitlines()[-15:])
        raise OutsideError(f"{failure}:\n{tail}")


def main() -> int:
    """Install the jars of the mesh in the given or the current folder; exit code 3 on an OutsideError."""
    parser = argparse.ArgumentParser(prog="python -m local.spark.jars", description=__doc__)
    parser.add_argument("root", nargs="?", type=Path, default=Path(), help="the mesh's root folder")
    parser.add_argument(
        "--compiler", action="store_true", help="install only ecj, even if Java has a compiler"
    )
    arguments = parser.parse_args()
    installed = install_compiler if arguments.compiler else install
    try:
        installed(Home(arguments.root.resolve()).jars, java())
    except OutsideError as error:
        diagnostic(str(error))
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
