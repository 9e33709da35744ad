"""Terraform refuses a stack that this checkout may not deploy, before any change."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from datamesh.bindings import cdktf
from local import toolchain
from stacks.refusal import refuse

REASON = "acme-foundation-main is shared with production `prod`: only branch `main` may be deployed, but this is `${x}`"


@dataclass(frozen=True)
class Bench:
    """A folder in which Terraform runs.

    Args:
        folder: the folder.
    """

    folder: Path

    def write(self, content: str, *reasons: str) -> None:
        """Writes a stack of one object that needs no provider, refused for these reasons."""
        stack = cdktf.TerraformStack(cdktf.Testing.app(), "acme-foundation-main")
        cdktf.LocalBackend(stack, path="state")
        made = cdktf.TerraformResource(stack, "made", terraform_resource_type="terraform_data")
        made.override_logical_id("made")
        made.add_override("input", content)
        refuse(stack, reasons)
        (self.folder / "cdk.tf.json").write_text(cdktf.Testing.synth(stack))

    def terraform(self, *arguments: str) -> tuple[int, str]:
        """Runs Terraform; its exit code and everything that it prints."""
        environ = {**os.environ, **toolchain.environment()}
        command = [environ["TERRAFORM_BINARY_NAME"], *arguments, "-input=false", "-no-color"]
        done = subprocess.run(
            command, cwd=self.folder, env=environ, capture_output=True, text=True, check=False, timeout=300
        )
        return done.returncode, done.stdout + done.stderr

    @property
    def state(self) -> str:
        """The state as Terraform wrote it."""
        return (self.folder / "state").read_text()


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """The stack is deployed, from a checkout that may deploy it."""
    one = Bench(tmp_path)
    one.write("before")
    assert one.terraform("init")[0] == 0
    code, output = one.terraform("apply", "-auto-approve")
    assert code == 0, output
    return one


def test_terraform_refuses_every_change_with_the_reason(bench: Bench) -> None:
    """A plan of another object, a new value in the state and a destroy are refused, too."""
    before = bench.state
    bench.write("after", REASON, "the working tree is not clean")

    for arguments in (
        ("plan",),
        ("plan", "-destroy"),
        ("apply", "-auto-approve"),
        ("apply", "-auto-approve", "-target=terraform_data.made"),
        ("apply", "-auto-approve", "-refresh-only"),
        ("apply", "-auto-approve", "-destroy", "-refresh=false"),
    ):
        code, output = bench.terraform(*arguments)
        assert code == 1, output
        assert (
            f"this checkout may not deploy the stack:\n  {REASON}\n  the working tree is not clean\n"
        ) in output
    assert bench.state == before


def test_a_refusal_leaves_nothing_behind(bench: Bench) -> None:
    """The next checkout that may deploy the stack finds no changes."""
    bench.write("before", REASON)
    assert bench.terraform("apply", "-auto-approve")[0] == 1

    bench.write("before")
    code, output = bench.terraform("plan", "-detailed-exitcode")
    assert code == 0, output
    assert json.loads(bench.state)["outputs"] == {}


def test_without_reasons_the_stack_stays_as_it_is(bench: Bench) -> None:
    before = (bench.folder / "cdk.tf.json").read_text()
    bench.write("before", *())

    assert (bench.folder / "cdk.tf.json").read_text() == before
    assert not {"output", "locals"} & json.loads(before).keys()
