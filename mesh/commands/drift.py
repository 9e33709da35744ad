"""`mesh drift`: reports changes that were made by hand in the workspace since the last deployment.

Terraform compares each state with the workspace without writing the state. The checkout is not compared, so a
commit that is not deployed yet is no drift.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mesh.console import diagnostic
from mesh.errors import OutsideError
from mesh.mesh import Mesh
from mesh.review.drift import DriftReport, report_drift
from mesh.review.drift_plan import StateRefresh, declared_attributes
from mesh.review.plan import StackPlan, error_excerpt
from mesh.terraform.target import Target
from mesh.terraform.terraform import Terraform


def drift(target: Target, names: Sequence[str], mesh: Mesh) -> DriftReport:
    """Returns the report on the drift of stacks.

    Args:
        target: the mesh in its environment.
        names: stacks, or paths of projects; empty selects all stacks.
        mesh: the mesh in all environments.

    Raises:
        UsageError: a name matches no stack.
        OutsideError: the stacks cannot be synthesized.
    """
    selected = target.select(names)
    target.synthesize()
    return drift_report(
        [read_drift(target.terraform(stack)) for stack in selected], mesh, target.deployed.name
    )


@dataclass(frozen=True)
class StackDrift:
    """The drift of one stack.

    Args:
        stack: the stack's name.
        plan: the differences between state and workspace; None where nothing is deployed.
        note: the reason why the differences are incomplete; "" where they are complete.
    """

    stack: str
    plan: StackPlan | None
    note: str = ""


def read_drift(terraform: Terraform) -> StackDrift:
    """Compares a stack's state with the workspace; neither changes.

    Args:
        terraform: Terraform in the stack's folder.
    """
    stack = terraform.stack
    diagnostic(f"Checking {stack}")
    try:
        if not terraform.state().held:
            return StackDrift(stack, None)
        error = terraform.plan(refresh_only=True).error
        refresh = StateRefresh(stack, _plan_json(terraform), declared_attributes(terraform.config))
        if error is not None:
            return StackDrift(stack, StackPlan(stack, refresh.plan().resources, error_excerpt(error)))
        return _drift_of(terraform, refresh)
    except OutsideError as failure:
        return StackDrift(stack, StackPlan(stack, (), error_excerpt(str(failure))))
    finally:
        terraform.discard_plan()


def _drift_of(terraform: Terraform, refresh: StateRefresh) -> StackDrift:
    """Returns the differences that a deployment would revert; runs a plan if only a plan shows them."""
    if not refresh.needs_plan:
        return StackDrift(refresh.stack, refresh.plan())
    error = terraform.plan().error
    plan = refresh.plan(_plan_json(terraform))
    if error is None:
        return StackDrift(refresh.stack, plan)
    reason = next(iter(error_excerpt(error).splitlines()), "")
    note = f"changes in {refresh.stack} to fields that its files do not set: it cannot be planned: {reason}"
    return StackDrift(refresh.stack, plan, note)


def _plan_json(terraform: Terraform) -> Mapping[str, Any]:
    plan = json.loads(terraform.show() or "{}")
    return plan if isinstance(plan, dict) else {}


def drift_report(drifts: Iterable[StackDrift], mesh: Mesh, environment: str) -> DriftReport:
    """Returns the report on the drift of stacks.

    Args:
        drifts: the drift of each stack.
        mesh: the mesh in all environments.
        environment: the environment of the stacks.
    """
    stacks = list(drifts)
    return report_drift(
        plans=[stack.plan for stack in stacks if stack.plan is not None],
        absent=[stack.stack for stack in stacks if stack.plan is None],
        mesh=mesh,
        environment=environment,
        notes=[stack.note for stack in stacks if stack.note],
    )


def refuse_failed(report: DriftReport) -> None:
    """Names the stacks that could not be checked.

    Raises:
        OutsideError: there are such stacks.
    """
    if report.failed:
        count = f"{len(report.failed)} stack{'s' if len(report.failed) > 1 else ''}"
        raise OutsideError(f"{count} could not be checked, see above: {', '.join(report.failed)}")
