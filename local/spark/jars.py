"""The jars that Spark needs beyond its own: Delta, and our catalog class compiled from its source.

`python -m local.spark.jars [ROOT]` installs them; a second run does nothing.
"""

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
    """One jar of Maven Central, with the checksum that it must have."""

    group: str
    name: str
    version: str
    sha256: str

    @property
    def file(self) -> str:
        """The jar's file name."""
        return f"{self.name}-{self.version}.jar"


def artifacts() -> tuple[Artifact, ...]:
    """Return the pinned jars, as `jars.sha256` beside this file lists them."""
    lines = (line.split() for line in PINNED.read_text(encoding="utf-8").splitlines() if line)
    return tuple(_artifact(sha256, coordinate) for sha256, coordinate in lines)


def _artifact(sha256: str, coordinate: str) -> Artifact:
    group, name, version = coordinate.split(":")
    return Artifact(group, name, version, sha256)


def install(folder: Path, java: Java, say: Callable[[str], None] = print) -> None:
    """Put the jars into a folder; what is there and whole is left alone.

    Args:
        folder: where they go, made if need be.
        java: runs the download and, if it has a compiler, compiles the catalog class.
        say: takes one line of progress for each thing that is done.

    Raises:
        OutsideError: a jar cannot be had or is not the pinned one, or the class does not compile.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for artifact in artifacts():
        if artifact.name == COMPILER and (java.javac or (folder / _catalog_jar()).exists()):
            continue
        if not _whole(folder / artifact.file, artifact):
            say(f"jars: {artifact.name} {artifact.version}")
            _download(artifact, folder, java)
    if not (folder / _catalog_jar()).exists():
        say("jars: compiling the catalog class")
        _compile(folder, java)


def installed(folder: Path) -> list[Path]:
    """Return the jars of a folder that Spark is started with, the catalog class first.

    Raises:
        OutsideError: one is missing.
    """
    wanted = [_catalog_jar(), *(artifact.file for artifact in artifacts() if artifact.name != COMPILER)]
    missing = [name for name in wanted if not (folder / name).exists()]
    if missing:
        raise OutsideError(f"{', '.join(missing)} not found in {folder}: run `make install`")
    return [folder / name for name in wanted]


def spark_home() -> Path:
    """Return the folder of the installed pyspark, which holds Spark itself.

    Raises:
        OutsideError: pyspark is not installed.
    """
    spec = find_spec("pyspark")
    if spec is None or spec.origin is None:
        raise OutsideError("pyspark is not installed: run `make install`")
    return Path(spec.origin).parent


def _whole(file: Path, artifact: Artifact) -> bool:
    return file.exists() and hashlib.sha256(file.read_bytes()).hexdigest() == artifact.sha256


def _download(artifact: Artifact, folder: Path, java: Java) -> None:
    """Fetch one jar with the Ivy that comes with Spark, which knows Maven Central by itself."""
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
            f"Cannot fetch {artifact.group}:{artifact.name}:{artifact.version} from Maven Central",
        )
        file = Path(scratch) / artifact.file
        if not _whole(file, artifact):
            raise OutsideError(
                f"{artifact.file} from Maven Central is not the jar that {PINNED.name} pins: "
                "something on the way changes it (a proxy, a mirror); nothing was installed"
            )
        file.replace(folder / artifact.file)


def _compile(folder: Path, java: Java) -> None:
    ecj = next(folder / artifact.file for artifact in artifacts() if artifact.name == COMPILER)
    compiler = java.javac or [str(java.executable), "-jar", str(ecj)]
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
            "The catalog class does not compile",
        )
        with zipfile.ZipFile(jar, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(classes.rglob("*.class")):
                archive.write(file, file.relative_to(classes))
        for stale in folder.glob("mesh-catalog-*.jar"):
            stale.unlink()
        jar.replace(folder / _catalog_jar())


def _catalog_jar() -> str:
    """The name of the compiled jar: another one whenever a source or a jar it is compiled against changes."""
    digest = hashlib.sha256(PINNED.read_bytes())
    for source in sorted(SOURCES.rglob("*.java")):
        digest.update(source.read_bytes())
    return f"mesh-catalog-{digest.hexdigest()[:12]}.jar"


def _spark_jars() -> list[Path]:
    return sorted((spark_home() / "jars").glob("*.jar"))


def _ivy() -> Path:
    return next(jar for jar in _spark_jars() if jar.name.startswith("ivy-"))


def _run(command: list[str], failure: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise OutsideError(f"{failure}:\n{tail}")


def main() -> int:
    """Install the jars for the mesh in the given or the current folder; 3 if the world outside fails."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    try:
        install(Home(root).jars, java())
    except OutsideError as error:
        diagnostic(str(error))
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
