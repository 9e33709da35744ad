"""Refuses a stack that this checkout may not deploy, whichever program runs Terraform."""

from __future__ import annotations

from collections.abc import Sequence

from datamesh.bindings import cdktf
from mesh.documents.terraform_text import literal

_NAME = "may_be_deployed"


def refuse(stack: cdktf.TerraformStack, reasons: Sequence[str]) -> None:
    """Makes every plan of a stack fail with these reasons, also a plan that destroys it.

    The plan fails by the precondition of an output, so the resources in the code stay unchanged, and no
    output is written. Terraform refuses a constant condition, so the condition refers to a local value.

    Args:
        stack: the stack.
        reasons: the reasons, each with its remedy; without any, the stack stays as it is.
    """
    if not reasons:
        return
    answer = f"${{local.{_NAME}}}"
    # Terraform does not wrap indented lines
    lines = [f"  {line}" for reason in reasons for line in reason.splitlines()]
    message = "\n".join(
        ["this checkout may not deploy the stack:", *lines, "to plan only, set MESH_PLAN_ONLY=1"]
    )
    precondition = {"condition": answer, "error_message": literal(message)}
    stack.add_override("locals", {_NAME: False})
    stack.add_override("output", {_NAME: {"value": answer, "precondition": [precondition]}})
