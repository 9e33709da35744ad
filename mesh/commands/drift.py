"""`mesh drift`: what somebody has changed by hand in the workspace since the last deployment.

Terraform refreshes what each state holds, without writing it, and says what is there otherwise. Nothing is
compared with what the checkout declares, so that a commit that is not deployed yet is no drift.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mesh.console import diagnostic
from mesh.errors import OutsideError
from mesh.mesh import Mesh
from mesh.review.drift import Drift
from mesh.review.drift import drift as report
from mesh.review.drift_plan import Refreshed, declared
from mesh.review.plan import StackPlan, told
from mesh.terraform.terraform import Terraform


@dataclass(frozen=True)
class Looked:
    """What was seen of one stack.

    Args:
        stack: the stack's name.
        plan: what was deployed, and what is there now; None where nothing is deployed.
        note: what could not be told; "" where all could.
    """

    stack: str
    plan: StackPlan | None
    note: str = ""


def look(terraform: Terraform) -> Looked:
    """See what is there otherwise than one stack's state has it; neither changes.

    Args:
        terraform: Terraform in the stack's folder.
    """
    stack = terraform.stack
    diagnostic(f"Looking at {stack}")
    try:
        if not terraform.state().held:
            return Looked(stack, None)
        error = terraform.plan(refresh_only=True).error
        refreshed = Refreshed(stack, _shown(terraform), declared(terraform.config))
        if error is not None:
            return Looked(stack, StackPlan(stack, refreshed.plan().resources, told(error)))
        return _judged(terraform, refreshed)
    except OutsideError as failure:
        return Looked(stack, StackPlan(stack, (), told(str(failure))))
    finally:
        terraform.forget()


def _judged(terraform: Terraform, refreshed: Refreshed) -> Looked:
    """What a deployment would take back; where the stack's code does not say that, Terraform does."""
    if not refreshed.unsure:
        return Looked(refreshed.stack, refreshed.plan())
    error = terraform.plan().error
    plan = refreshed.plan(_shown(terraform))
    if error is None:
        return Looked(refreshed.stack, plan)
    first = next(iter(told(error).splitlines()), "")
    note = (
        f"what has changed in {refreshed.stack} besides what its files set, as it cannot be planned: {first}"
    )
    return Looked(refreshed.stack, plan, note)


def _shown(terraform: Terraform) -> Mapping[str, Any]:
    shown = json.loads(terraform.show() or "{}")
    return shown if isinstance(shown, dict) else {}


def drift(looked: Iterable[Looked], mesh: Mesh, environment: str) -> Drift:
    """The report of what was seen.

    Args:
        looked: what was seen of each stack.
        mesh: the mesh that they are of.
        environment: the environment that they are in.
    """
    each = list(looked)
    return report(
        plans=[one.plan for one in each if one.plan is not None],
        absent=[one.stack for one in each if one.plan is None],
        mesh=mesh,
        environment=environment,
        notes=[one.note for one in each if one.note],
    )


def refuse_failed(made: Drift) -> None:
    """Say which stacks could not be looked at.

    Raises:
        OutsideError: there are any.
    """
    if made.failed:
        many = f"{len(made.failed)} stack{'s' if len(made.failed) > 1 else ''}"
        raise OutsideError(f"{many} could not be looked at, see above: {', '.join(made.failed)}")
