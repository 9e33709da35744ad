"""Runs Terraform in a stack's folder."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from mesh.errors import OutsideError
from mesh.terraform.apply_error import ApplyError
from mesh.terraform.terraform import Terraform
from tests.support.silence import answers, refusing_address, silent_server, web_server


@pytest.fixture
def stack(tmp_path: Path) -> Terraform:
    """A synthesized stack of resources that need no provider."""
    folder = tmp_path / "stacks" / "one"
    folder.mkdir(parents=True)
    config = {
        "terraform": {"backend": {"local": {"path": "../../states/mesh.tfstate"}}},
        "resource": {
            "terraform_data": {
                "a": {"input": "a$${b}"},
                "b": {"input": "${terraform_data.a.input}", "depends_on": ["terraform_data.c"]},
                "c": {"input": "c"},
                "d": {"input": "d"},
            }
        },
        "moved": [{"from": "terraform_data.z", "to": "terraform_data.a"}],
    }
    (folder / "cdk.tf.json").write_text(json.dumps(config))
    from local import toolchain

    return Terraform(folder, toolchain.environment())


def test_declared_resources_are_read_from_the_terraform_json(stack: Terraform) -> None:
    assert {one.id: one.arguments["input"] for one in stack.resources} == {
        "a": "a${b}",
        "b": "a${b}",
        "c": "c",
        "d": "d",
    }
    assert stack.moved == ("terraform_data.z", "terraform_data.a")


def test_targets_include_their_dependencies_only(stack: Terraform) -> None:
    assert stack.state().held == {}
    plan = stack.plan(["terraform_data.b"], {"terraform_data.b": "${x}-%{y}"})
    assert plan.error is None
    assert {one.address: (one.actions, one.imports) for one in plan.changes} == {
        "terraform_data.a": (("create",), False),
        "terraform_data.b": (("update",), True),
        "terraform_data.c": (("create",), False),
    }
    assert not (stack.folder / "adopt.tf.json").exists()
    stack.apply()
    assert set(stack.state().held) == {f"terraform_data.{one}" for one in "abc"}
    assert ("terraform_data", "${x}-%{y}") in stack.state().ids
    assert {one.address for one in stack.plan().changes} == {"terraform_data.d"}
    stack.discard_plan()
    assert sorted(one.name for one in stack.folder.iterdir()) == [".terraform", "cdk.tf.json"]


def test_the_plan_contains_a_replacement_that_prevent_destroy_stops(stack: Terraform) -> None:
    config = json.loads((stack.folder / "cdk.tf.json").read_text())
    kept = {"triggers_replace": "1", "lifecycle": {"prevent_destroy": True}}
    config["resource"]["terraform_data"] = {"a": kept, "b": {}}
    (stack.folder / "cdk.tf.json").write_text(json.dumps(config))
    assert stack.plan().error is None
    stack.apply()
    config["resource"]["terraform_data"] = {"a": {**kept, "triggers_replace": "2"}}
    (stack.folder / "cdk.tf.json").write_text(json.dumps(config))
    plan = stack.plan()
    assert plan.error is not None
    assert "Instance cannot be destroyed" in plan.error
    assert {one.address: (one.destroys, one.because) for one in plan.changes} == {
        "terraform_data.a": (True, ("triggers_replace",)),
        "terraform_data.b": (True, ()),
    }


def test_the_error_of_terraform_is_reported_without_warnings(stack: Terraform) -> None:
    (stack.folder / "cdk.tf.json").write_text('{"terraform": {"backend": {"nowhere": {}}}}')
    with pytest.raises(OutsideError) as caught:
        stack.state()
    assert str(caught.value).splitlines()[:2] == [
        "Terraform cannot initialize one; it reports:",
        "  Error: Unsupported backend type",
    ]


def test_a_remote_state_is_read_with_terraform(tmp_path: Path) -> None:
    """Here a local path that is declared as another backend, so no server is needed."""
    folder = tmp_path / "one"
    folder.mkdir()
    from local import toolchain

    (folder / "cdk.tf.json").write_text('{"resource": {"terraform_data": {"a": {"input": "a"}}}}')
    terraform = Terraform(folder, toolchain.environment())
    assert terraform.local_state is None
    assert terraform.state().held == {}
    terraform.plan()
    terraform.apply()
    assert set(terraform.state().held) == {"terraform_data.a"}


# saves the state beside the code, as Terraform does where the backend does not accept it
FULL_DISK = """#!/bin/sh
case "$1" in
  apply) echo '{"version": 4}' > errored.tfstate; echo 'Error: no space left on device' >&2; exit 1;;
  state) [ "$2 $3" = "push errored.tfstate" ];;
esac
"""


def test_a_state_that_the_backend_does_not_accept_is_kept_and_saved_later(tmp_path: Path) -> None:
    program = tmp_path / "terraform"
    program.write_text(FULL_DISK)
    program.chmod(0o755)
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "cdk.tf.json").write_text("{}")
    terraform = Terraform(tmp_path / "one", {**os.environ, "TERRAFORM_BINARY_NAME": str(program)})

    with pytest.raises(
        ApplyError, match=r"(?s)no space left on device.*errored\.tfstate \(`mesh adopt` saves it"
    ) as refused:
        terraform.apply()
    assert refused.value.unsaved
    assert terraform.errored_state == tmp_path / "one" / "errored.tfstate"

    assert terraform.push_errored_state() == "the state of one that could not be saved is saved now"
    assert terraform.errored_state is None


# the disk is full for the state beside the code, too; then the kernel ends an apply
FULLER_DISK = """#!/bin/sh
case "$1" in
  apply) printf '{"version": 4, "res' > errored.tfstate; echo '{"@message":"a: Creating"}'; printf '{"@mess'; kill -9 $$;;
  state) exit 1;;
esac
"""


def test_a_truncated_state_is_set_aside_and_a_killed_apply_prints_no_messages_for_machines(
    tmp_path: Path,
) -> None:
    program = tmp_path / "terraform"
    program.write_text(FULLER_DISK)
    program.chmod(0o755)
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "cdk.tf.json").write_text("{}")
    terraform = Terraform(tmp_path / "one", {**os.environ, "TERRAFORM_BINARY_NAME": str(program)})

    with pytest.raises(ApplyError, match="was ended by SIGKILL") as refused:
        terraform.apply()
    assert "@mess" not in str(refused.value)

    aside = tmp_path / "one" / "errored.tfstate.truncated"
    assert str(aside) in terraform.push_errored_state()
    assert aside.exists()
    assert terraform.errored_state is None


def test_a_plan_of_a_state_that_was_written_since_is_stale(stack: Terraform) -> None:
    stack.plan()
    saved = stack.planned
    assert saved is not None
    stack.apply()
    stack.load_plan(saved)

    with pytest.raises(ApplyError) as caught:
        stack.apply()

    assert caught.value.stale


def test_a_failed_change_names_its_resource_and_shows_no_token(stack: Terraform) -> None:
    token = "ghs_" + "aB3" * 12
    config = json.loads((stack.folder / "cdk.tf.json").read_text())
    config["resource"]["terraform_data"]["a"]["provisioner"] = {
        "local-exec": {"command": f"echo {token}; exit 1"}
    }
    (stack.folder / "cdk.tf.json").write_text(json.dumps(config))
    stack.plan()

    with pytest.raises(ApplyError) as caught:
        stack.apply()

    assert caught.value.addresses == ("terraform_data.a",)
    assert "(looks like a secret)" in str(caught.value)
    assert token not in str(caught.value)


def test_a_folder_is_initialized_again_only_if_its_settings_change(stack: Terraform) -> None:
    stack.plan()
    stamp = stack.folder / ".terraform" / "mesh.init"
    before = stamp.stat().st_mtime_ns
    Terraform(stack.folder, stack.environ).plan()
    assert stamp.stat().st_mtime_ns == before

    Terraform(stack.folder, {**stack.environ, "TF_CLI_ARGS_init": "-upgrade"}).plan()

    assert stamp.stat().st_mtime_ns != before


def _with_state_in(stack: Terraform, path: str) -> Terraform:
    config = json.loads((stack.folder / "cdk.tf.json").read_text())
    config["terraform"] = {"backend": {"local": {"path": path}}}
    (stack.folder / "cdk.tf.json").write_text(json.dumps(config))
    return Terraform(stack.folder, stack.environ)


def test_another_state_is_used_where_nothing_was_written_to_the_former_one(stack: Terraform) -> None:
    assert _with_state_in(stack, "first.tfstate").plan().error is None
    second = _with_state_in(stack, "second.tfstate")
    assert second.plan().error is None
    second.apply()

    with pytest.raises(OutsideError, match="Backend configuration changed"):
        _with_state_in(stack, "third.tfstate").plan()


def test_a_folder_is_initialized_once_for_all_who_ask_at_the_same_time(tmp_path: Path) -> None:
    """Two `terraform init` in one folder fail: each locks the settings of the backend."""
    program, together = tmp_path / "terraform", Barrier(4)
    program.write_text('#!/bin/sh\necho "$*" >> ../calls\n')
    program.chmod(0o755)
    one = of_workspace(tmp_path, None, TERRAFORM_BINARY_NAME=str(program))

    def init(_: int) -> None:
        together.wait(timeout=60)
        Terraform(one.folder, one.environ).init()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(init, range(4)))

    assert (tmp_path / "calls").read_text() == "init -no-color -input=false\n"


def test_a_folder_without_its_plugins_is_initialized_again(stack: Terraform) -> None:
    stack.plan()
    for file in (stack.folder / ".terraform").iterdir():
        if file.name != "mesh.init":
            file.unlink()

    assert Terraform(stack.folder, stack.environ).plan().error is None


def test_everything_in_the_state_is_planned_to_be_destroyed(stack: Terraform) -> None:
    stack.plan()
    stack.apply()

    assert {change.actions for change in stack.plan(destroy=True).changes} == {("delete",)}


def of_workspace(tmp_path: Path, host: str | None, **environ: str) -> Terraform:
    """A stack of a workspace, without resources of the provider, which is therefore not installed."""
    folder = tmp_path / "one"
    folder.mkdir()
    config = {"provider": {"databricks": [{"host": host} if host else {}]}, "output": {"o": {"value": "1"}}}
    (folder / "cdk.tf.json").write_text(json.dumps(config))
    from local import toolchain

    return Terraform(folder, {**toolchain.environment(), **environ}, patience=0.2)


def initialized(terraform: Terraform) -> Terraform:
    """Terraform whose folder counts as initialized: no provider is needed."""
    terraform.__dict__["_initialized"] = True
    return terraform


@pytest.mark.parametrize("options", [{}, {"destroy": True}, {"refresh_only": True}])
def test_terraform_is_not_started_where_the_workspace_does_not_answer(
    tmp_path: Path, options: dict[str, bool]
) -> None:
    """Holds for `mesh diff`, `destroy` and `drift`."""
    with silent_server() as host:
        plan = initialized(of_workspace(tmp_path, host)).plan(**options)

    assert (plan.changes, plan.text) == ((), None)
    assert plan.error == (
        f"one was not planned: the workspace {host} does not answer: no response within 0.2 s "
        "(check the address and the network)"
    )


def test_the_workspace_of_the_environment_is_asked_where_the_code_names_none(tmp_path: Path) -> None:
    host = refusing_address()
    plan = initialized(of_workspace(tmp_path, None, DATABRICKS_HOST=host)).plan()

    assert plan.error is not None
    assert f"the workspace {host} does not answer: " in plan.error


def test_a_wrong_address_in_the_environment_is_the_error_of_the_plan(tmp_path: Path) -> None:
    plan = initialized(of_workspace(tmp_path, None, DATABRICKS_HOST="https://dev.example.com/?o=1")).plan()

    assert plan.error == (
        "one was not planned: DATABRICKS_HOST: `https://dev.example.com/?o=1` has more than the address of a "
        "workspace (write `https://dev.example.com`)"
    )


def test_a_workspace_that_answers_anything_lets_terraform_plan(tmp_path: Path) -> None:
    program = tmp_path / "terraform"
    program.write_text("#!/bin/sh\necho Terraform v1.11.4 > asked\n")
    program.chmod(0o755)
    with web_server(answers(404, "")) as host:
        terraform = initialized(of_workspace(tmp_path, host, TERRAFORM_BINARY_NAME=str(program)))

        assert terraform.plan().error is None
    assert (terraform.folder / "asked").exists()
