"""Runs the toolkit's program, cdktf or cdktn, which compares, deploys and destroys synthesized stacks."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Literal

from mesh.console import emit
from mesh.errors import OutsideError
from mesh.terraform import interrupt
from mesh.terraform.synthesis import PROGRAM_FOLDER
from mesh.terraform.target import Target
from mesh.toolkit import CDKTF, toolkit

_PARTIAL = "--ignore-missing-stack-dependencies"


def diff(target: Target, stack: str) -> None:
    """Prints the changes that a deployment of one stack would make.

    Raises:
        OutsideError: cdktf fails.
    """
    _run(target, "diff", [stack, "--skip-synth"])


def deploy(target: Target, stacks: Sequence[str], *, partial: bool) -> None:
    """Deploys stacks.

    Args:
        target: the mesh in its environment.
        stacks: the names of the stacks; cdktf orders them by their dependencies.
        partial: True if the stacks depend on stacks that are not listed; cdktf does not order them then.

    Raises:
        OutsideError: cdktf fails or is interrupted.
    """
    _run(target, "deploy", [*stacks, "--skip-synth", *([_PARTIAL] if partial else [])])


def destroy(target: Target, stacks: Sequence[str], *, partial: bool) -> None:
    """Destroys stacks.

    Args:
        target: the mesh in its environment.
        stacks: the names of the stacks.
        partial: True if stacks that are not listed depend on them.

    Raises:
        OutsideError: cdktf fails or is interrupted.
    """
    _run(target, "destroy", [*stacks, *([_PARTIAL] if partial else [])])


def _run(target: Target, verb: Literal["diff", "deploy", "destroy"], arguments: Sequence[str]) -> None:
    used = toolkit()
    if not (PROGRAM_FOLDER / used.npm / "node_modules" / ".bin" / used.name).exists():
        install = "make install" if used == CDKTF else f"make install TOOLKIT={used.name}"
        raise OutsideError(f"{used.name} is not installed in {PROGRAM_FOLDER}: run `{install}` there")
    output = [] if target.root == PROGRAM_FOLDER else ["--output", str(target.output)]
    # cdktf has no terminal for questions; nobody uses lock files of generated folders
    approval = [] if verb == "diff" else ["--auto-approve"]
    command = [*used.command, verb, *arguments, *approval, "--skip-provider-lock", *output]
    emit(f"$ MESH_ENV={target.deployed.name} {shlex.join(command)}")
    code, interrupted = interrupt.run(command, target.environ, PROGRAM_FOLDER)
    if interrupted or code:
        failure = f"{verb} was interrupted" if interrupted else f"{used.name} {verb} failed, see above"
        raise OutsideError(failure if verb == "diff" else f"{failure}; {interrupt.RERUN_HINT}")
