"""The real provider is preferred wherever Terraform can get it."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import toolchain
from local.provider.provider_choice import CHOICE, OFFLINE_NOTE, provider_environment
from mesh.errors import OutsideError, UsageError
from mesh.toolkit import CDKTF


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """The folder of a workspace that serves a provider."""
    folder = tmp_path / "local"
    folder.mkdir()
    # Not below tmp_path, because the path of a socket must be short.
    with socket.socket(socket.AF_UNIX) as listener:
        address = Path(f"/tmp/mesh-test-{os.getpid()}")
        listener.bind(str(address))
        location = {"Network": "unix", "String": str(address)}
        provider = {"databricks/databricks": {"Pid": os.getpid(), "Addr": location}}
        (folder / "reattach.json").write_text(json.dumps(provider))
        yield folder
    address.unlink()


def terraform(folder: Path, script: str) -> str:
    """Return a Terraform that runs the script and records its calls."""
    file = folder / "terraform"
    file.write_text(f'#!/bin/sh\necho "$@" >> {folder}/calls\n{script}\n')
    file.chmod(0o700)
    return str(file)


def count_calls(folder: Path) -> int:
    """Return the number of calls of Terraform."""
    file = folder / "calls"
    return len(file.read_text().splitlines()) if file.exists() else 0


def test_the_real_provider_is_used_if_terraform_finds_it(home: Path, tmp_path: Path) -> None:
    """No variables, no note; the positive answer is cached."""
    command = terraform(tmp_path, "exit 0")
    assert provider_environment(home, command, {}) == ({}, None)
    assert provider_environment(home, command, {}) == ({}, None)
    assert count_calls(tmp_path) == 1
    assert provider_environment(home, command, {"TF_CLI_CONFIG_FILE": str(home)}) == ({}, None)
    assert count_calls(tmp_path) == 2


def test_the_offline_provider_is_used_if_terraform_finds_no_other(home: Path, tmp_path: Path) -> None:
    """The variable selects the workspace's provider, with a note; the negative answer is not cached."""
    command = terraform(tmp_path, "exit 1")
    expected = ({"TF_REATTACH_PROVIDERS": (home / "reattach.json").read_text()}, OFFLINE_NOTE)
    assert provider_environment(home, command, {}) == expected
    assert provider_environment(home, command, {}) == expected
    assert count_calls(tmp_path) == 2
    terraform(tmp_path, "exit 0")
    assert provider_environment(home, command, {}) == ({}, None)


def test_terraform_init_searches_the_provider_of_the_deployments(home: Path, tmp_path: Path) -> None:
    """It runs in an empty folder and sends no telemetry."""
    command = terraform(
        tmp_path, f"cp main.tf.json {tmp_path}/config; env > {tmp_path}/env; pwd > {tmp_path}/cwd"
    )
    provider_environment(home, command, {"TF_CLI_ARGS_init": "-upgrade", "PATH": os.environ["PATH"]})
    required = json.loads((tmp_path / "config").read_text())["terraform"]["required_providers"]
    assert required == {"databricks": {"source": "databricks/databricks", "version": CDKTF.provider}}
    variables = (tmp_path / "env").read_text().splitlines()
    assert "CHECKPOINT_DISABLE=1" in variables
    assert [name for name in variables if name.startswith("TF_CLI_ARGS")] == []
    assert not Path((tmp_path / "cwd").read_text().strip()).exists()
    assert (tmp_path / "calls").read_text().split()[:3] == ["init", "-backend=false", "-input=false"]


def test_a_missing_cli_configuration_is_ignored(home: Path, tmp_path: Path) -> None:
    """Variables that name missing files are not passed on."""
    command = terraform(tmp_path, 'test -z "$TF_CLI_CONFIG_FILE"')
    assert provider_environment(home, command, {"TF_CLI_CONFIG_FILE": str(tmp_path / "none")}) == ({}, None)


def test_a_provider_that_the_user_attached_is_kept(home: Path, tmp_path: Path) -> None:
    """The user may debug a provider."""
    command = terraform(tmp_path, "exit 1")
    assert provider_environment(
        home, command, {"TF_REATTACH_PROVIDERS": '{"databricks/databricks": {}}'}
    ) == (
        {},
        None,
    )
    assert count_calls(tmp_path) == 0


def test_the_offline_provider_can_be_chosen(home: Path, tmp_path: Path) -> None:
    """Terraform is not asked, and there is no note, because the user chose it."""
    command = terraform(tmp_path, "exit 0")
    expected = {"TF_REATTACH_PROVIDERS": (home / "reattach.json").read_text()}
    assert provider_environment(home, command, {CHOICE: "offline"}) == (expected, None)
    assert count_calls(tmp_path) == 0
    (home / "reattach.json").unlink()
    with pytest.raises(OutsideError, match="MESH_PROVIDER is `offline`, and the local workspace"):
        provider_environment(home, command, {CHOICE: "offline"})


def test_the_real_provider_can_be_chosen(home: Path, tmp_path: Path) -> None:
    """It is required then, and replaces an attached provider."""
    command = terraform(tmp_path, "exit 0")
    assert provider_environment(home, command, {CHOICE: "real"}) == ({}, None)
    attached = {CHOICE: "real", "TF_REATTACH_PROVIDERS": '{"databricks/databricks": {}}'}
    assert provider_environment(home, command, attached) == ({"TF_REATTACH_PROVIDERS": ""}, None)
    terraform(tmp_path, "exit 1")
    (home / "real-provider.json").unlink()
    with pytest.raises(OutsideError, match="MESH_PROVIDER is `real`"):
        provider_environment(home, command, {CHOICE: "real"})


@pytest.mark.parametrize("choice", ["auto", ""])
def test_by_default_terraform_decides(choice: str, home: Path, tmp_path: Path) -> None:
    assert provider_environment(home, terraform(tmp_path, "exit 0"), {CHOICE: choice}) == ({}, None)
    (home / "real-provider.json").unlink()
    assert provider_environment(home, terraform(tmp_path, "exit 1"), {CHOICE: choice})[1] == OFFLINE_NOTE


def test_another_choice_is_refused(home: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="MESH_PROVIDER is `fake`"):
        provider_environment(home, terraform(tmp_path, "exit 0"), {CHOICE: "fake"})


@pytest.mark.parametrize("content", [None, "{", "{}", '{"databricks/databricks": {"Pid": 1}}'])
def test_a_workspace_that_is_not_up_is_reported(content: str | None, home: Path, tmp_path: Path) -> None:
    """The error holds the command; the file of a killed workspace is ignored."""
    (home / "reattach.json").unlink()
    if content is not None:
        (home / "reattach.json").write_text(content)
    with pytest.raises(OutsideError, match="mesh local up"):
        provider_environment(home, terraform(tmp_path, "exit 1"), {})


def test_a_terraform_that_does_not_run_is_reported(home: Path, tmp_path: Path) -> None:
    """The error is about the program, not about a missing provider."""
    with pytest.raises(OutsideError, match="none does not run"):
        provider_environment(home, str(tmp_path / "none"), {})


@pytest.mark.parametrize("mirrored", [True, False])
def test_a_provider_in_a_filesystem_mirror_is_used(mirrored: bool, home: Path, tmp_path: Path) -> None:
    """Terraform finds it without a registry."""
    command = str(toolchain.terraform())
    required = {"databricks": {"source": "databricks/databricks"}}
    (tmp_path / "main.tf.json").write_text(json.dumps({"terraform": {"required_providers": required}}))
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "CHECKPOINT_DISABLE": "1"}

    def output(*arguments: str) -> str:
        run = [command, *arguments]
        return subprocess.run(
            run, cwd=tmp_path, env=environ, text=True, check=True, stdout=subprocess.PIPE
        ).stdout

    address = output("providers").partition("provider[")[2].partition("]")[0]
    platform = json.loads(output("version", "-json"))["platform"]
    mirror = tmp_path / "mirror"
    version = CDKTF.provider
    program = mirror / address / version / platform / f"terraform-provider-databricks_v{version}"
    (program.parent if mirrored else mirror).mkdir(parents=True)
    if mirrored:
        program.write_text("#!/bin/sh\n")
        program.chmod(0o700)
    settings = tmp_path / "settings.tfrc"
    settings.write_text(
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
    )
    variables, line = provider_environment(home, command, {**environ, "TF_CLI_CONFIG_FILE": str(settings)})
    assert (variables == {}, line) == (mirrored, None if mirrored else OFFLINE_NOTE)
