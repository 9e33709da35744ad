"""The real provider is preferred wherever Terraform can get it."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import toolchain
from local.provider import VERSION
from local.provider.provider_choice import OFFLINE, environment
from mesh.errors import OutsideError


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """The home of a workspace that serves a provider."""
    folder = tmp_path / "local"
    folder.mkdir()
    # Relative, because a socket's path may not be long.
    with socket.socket(socket.AF_UNIX) as served:
        place = Path(f"/tmp/mesh-test-{os.getpid()}")
        served.bind(str(place))
        address = {"Network": "unix", "String": str(place)}
        provider = {"databricks/databricks": {"Pid": os.getpid(), "Addr": address}}
        (folder / "reattach.json").write_text(json.dumps(provider))
        yield folder
    place.unlink()


def terraform(folder: Path, script: str) -> str:
    """A Terraform that does what the script says, and counts how often it is asked."""
    file = folder / "terraform"
    file.write_text(f'#!/bin/sh\necho "$@" >> {folder}/asked\n{script}\n')
    file.chmod(0o700)
    return str(file)


def asked(folder: Path) -> int:
    """How often Terraform was asked."""
    file = folder / "asked"
    return len(file.read_text().splitlines()) if file.exists() else 0


def test_the_real_provider_is_used_where_it_can_be_had(home: Path, tmp_path: Path) -> None:
    """Nothing is added and nothing is said; a yes is remembered."""
    command = terraform(tmp_path, "exit 0")
    assert environment(home, command, {}) == ({}, None)
    assert environment(home, command, {}) == ({}, None)
    assert asked(tmp_path) == 1
    assert environment(home, command, {"TF_CLI_CONFIG_FILE": str(home)}) == ({}, None)
    assert asked(tmp_path) == 2


def test_the_offline_provider_is_used_where_there_is_none(home: Path, tmp_path: Path) -> None:
    """The variable points to the workspace's provider, one line says so, and a no is asked again."""
    command = terraform(tmp_path, "exit 1")
    expected = ({"TF_REATTACH_PROVIDERS": (home / "reattach.json").read_text()}, OFFLINE)
    assert environment(home, command, {}) == expected
    assert environment(home, command, {}) == expected
    assert asked(tmp_path) == 2
    terraform(tmp_path, "exit 0")
    assert environment(home, command, {}) == ({}, None)


def test_terraform_is_asked_for_the_real_thing(home: Path, tmp_path: Path) -> None:
    """The trial asks for the provider of the deployments, in a folder of its own, and calls nobody else."""
    command = terraform(
        tmp_path, f"cp main.tf.json {tmp_path}/config; env > {tmp_path}/env; pwd > {tmp_path}/cwd"
    )
    environment(home, command, {"TF_CLI_ARGS_init": "-upgrade", "PATH": os.environ["PATH"]})
    required = json.loads((tmp_path / "config").read_text())["terraform"]["required_providers"]
    assert required == {"databricks": {"source": "databricks/databricks", "version": VERSION}}
    variables = (tmp_path / "env").read_text().splitlines()
    assert "CHECKPOINT_DISABLE=1" in variables
    assert [one for one in variables if one.startswith("TF_CLI_ARGS")] == []
    assert not Path((tmp_path / "cwd").read_text().strip()).exists()
    assert (tmp_path / "asked").read_text().split()[:3] == ["init", "-backend=false", "-input=false"]


def test_a_settings_file_that_is_not_there_is_not_asked_for(home: Path, tmp_path: Path) -> None:
    """A variable that points nowhere does not decide the trial."""
    command = terraform(tmp_path, 'test -z "$TF_CLI_CONFIG_FILE"')
    assert environment(home, command, {"TF_CLI_CONFIG_FILE": str(tmp_path / "none")}) == ({}, None)


def test_a_provider_that_the_user_attached_is_left_alone(home: Path, tmp_path: Path) -> None:
    """Somebody who debugs a provider gets that one."""
    command = terraform(tmp_path, "exit 1")
    assert environment(home, command, {"TF_REATTACH_PROVIDERS": '{"databricks/databricks": {}}'}) == (
        {},
        None,
    )
    assert asked(tmp_path) == 0


@pytest.mark.parametrize("left", [None, "{", "{}", '{"databricks/databricks": {"Pid": 1}}'])
def test_a_workspace_that_is_not_up_is_said_to_be_down(left: str | None, home: Path, tmp_path: Path) -> None:
    """The error says what to do; what a killed workspace left is not believed."""
    (home / "reattach.json").unlink()
    if left is not None:
        (home / "reattach.json").write_text(left)
    with pytest.raises(OutsideError, match="mesh local up"):
        environment(home, terraform(tmp_path, "exit 1"), {})


def test_a_terraform_that_does_not_run_is_named(home: Path, tmp_path: Path) -> None:
    """A path that is no program is the error, not a missing provider."""
    with pytest.raises(OutsideError, match="none does not run"):
        environment(home, str(tmp_path / "none"), {})


@pytest.mark.parametrize("mirrored", [True, False])
def test_a_mirror_is_found_by_terraform_itself(mirrored: bool, home: Path, tmp_path: Path) -> None:
    """A provider in a filesystem mirror is used like one from a registry."""
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
    program = mirror / address / VERSION / platform / f"terraform-provider-databricks_v{VERSION}"
    (program.parent if mirrored else mirror).mkdir(parents=True)
    if mirrored:
        program.write_text("#!/bin/sh\n")
        program.chmod(0o700)
    settings = tmp_path / "settings.tfrc"
    settings.write_text(
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n'
    )
    variables, line = environment(home, command, {**environ, "TF_CLI_CONFIG_FILE": str(settings)})
    assert (variables == {}, line) == (mirrored, None if mirrored else OFFLINE)
