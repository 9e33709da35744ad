"""`mesh drift`: reports changes that were made by hand in the workspace since the last deployment.

Terraform compares each state with the workspace without writing the state. What the provider does not compare
is read from the workspace itself: settings, grants and permissions that the mesh does not declare. A commit
that is not deployed yet is not drift.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

from mesh.deployment.stack_order import Stack
from mesh.errors import OutsideError
from mesh.mesh import Mesh
from mesh.review.drift import DriftReport, report_drift
from mesh.review.drift_plan import StateRefresh, declared_attributes, owner_updates, updated_addresses
from mesh.review.error_text import error_excerpt
from mesh.review.plan import StackPlan
from mesh.review.workspace_drift import StackLook
from mesh.terraform import PARALLELISM
from mesh.terraform.interrupt import StoppedError
from mesh.terraform.live_objects import read_live_objects
from mesh.terraform.plan import Plan
from mesh.terraform.progress import Progress
from mesh.terraform.stack_run import StackTask, run_stacks
from mesh.terraform.target import Target
from mesh.terraform.terraform import Terraform
from mesh.terraform.terraform_command import SILENT, Reporter


def drift(
    target: Target, names: Sequence[str], mesh: Mesh, progress: Progress, parallelism: int = PARALLELISM
) -> DriftReport:
    """Returns the report on the drift of stacks.

    Args:
        target: the mesh in its environment.
        names: stacks, or paths of projects; empty selects all stacks.
        mesh: the mesh in all environments.
        progress: receives what happens.
        parallelism: the number of stacks at a time.

    Raises:
        UsageError: a name matches no stack.
        OutsideError: the stacks cannot be synthesized.
    """
    selected = target.select(names)
    target.synthesize(selected)

    def work(stack: Stack, reporter: Reporter) -> StackDrift:
        return read_drift(target.terraform(stack), partial(target.workspace, stack), reporter)

    tasks = [
        StackTask(stack.stack, partial(work, stack), prepare=target.terraform(stack).init)
        for stack in selected
    ]
    with target.one_moment():
        results = run_stacks("check", tasks, progress, parallelism)
    results.require_all()
    return drift_report(results.done.values(), mesh, target.deployed.name)


@dataclass(frozen=True)
class StackDrift:
    """The drift of one stack.

    Args:
        stack: the stack's name.
        plan: the differences between state and workspace; None where nothing is deployed.
        note: the reason why the differences are incomplete; "" where they are complete.
        look: its objects in the workspace; None where they were not read.
        updated_next: the addresses that the next deployment updates; None where it was not planned.
        owners_next: the addresses of which the next deployment updates only the owner.
    """

    stack: str
    plan: StackPlan | None
    note: str = ""
    look: StackLook | None = None
    updated_next: frozenset[str] | None = None
    owners_next: frozenset[str] = frozenset()


class LiveWorkspace(Protocol):
    """Reads objects of a workspace."""

    def user(self) -> str:
        """The logged-in user."""

    def get(self, path: str, query: Mapping[str, str]) -> Mapping[str, Any] | None:
        """The answer to a GET request; None if the object does not exist."""


def read_drift(
    terraform: Terraform, workspace: Callable[[], LiveWorkspace], reporter: Reporter = SILENT
) -> StackDrift:
    """Compares a stack's state with the workspace, and reads what the state does not hold; nothing changes.

    Args:
        terraform: Terraform in the stack's folder.
        workspace: opens the stack's workspace.
        reporter: receives what Terraform does.

    Raises:
        StoppedError: the user interrupted.
    """
    drift = _refreshed(terraform, reporter)
    if drift.plan is None:
        return drift
    try:
        return replace(drift, look=look_into(terraform, workspace()))
    except OutsideError as failure:
        first = str(failure).splitlines()[0]
        note = f"changes in {drift.stack} that only the workspace shows: {first}"
        return replace(drift, note="; ".join(filter(None, (drift.note, note))))


def look_into(terraform: Terraform, workspace: LiveWorkspace) -> StackLook:
    """Reads a stack's objects from the workspace.

    Args:
        terraform: Terraform in the stack's folder.
        workspace: the stack's workspace.

    Raises:
        OutsideError: the state cannot be read, or the workspace refuses the login.
    """
    held = terraform.state().held
    user = workspace.user()
    live = read_live_objects(held, workspace.get)
    return StackLook(live, held, declared_attributes(terraform.config), user)


def _refreshed(terraform: Terraform, reporter: Reporter) -> StackDrift:
    """The differences between a stack's state and the workspace, as Terraform's refresh shows them."""
    stack = terraform.stack
    try:
        if not terraform.state().held:
            return StackDrift(stack, None)
        refreshed = terraform.plan(refresh_only=True, reporter=reporter)
        document = _plan_json(terraform, refreshed)
        refresh = StateRefresh(stack, document, declared_attributes(terraform.config))
        if refreshed.error is not None:
            error = error_excerpt(refreshed.error)
            return StackDrift(stack, StackPlan(stack, refresh.plan().resources, error))
        return _drift_of(terraform, refresh)
    except StoppedError:
        raise
    except OutsideError as failure:
        return StackDrift(stack, StackPlan(stack, (), error_excerpt(str(failure))))
    finally:
        terraform.discard_plan()


def _drift_of(terraform: Terraform, refresh: StateRefresh) -> StackDrift:
    """Returns the differences; plans the next deployment if something differs, to know what it reverts."""
    if not refresh.needs_plan:
        return StackDrift(refresh.stack, refresh.plan())
    following = terraform.plan()
    next_plan = _plan_json(terraform, following)
    plan = refresh.plan(next_plan)
    if following.error is None:
        updated, owners = updated_addresses(next_plan), owner_updates(next_plan)
        return StackDrift(refresh.stack, plan, updated_next=updated, owners_next=owners)
    reason = next(iter(error_excerpt(following.error).splitlines()), "")
    note = f"changes in {refresh.stack} to fields that its files do not set: it cannot be planned: {reason}"
    return StackDrift(refresh.stack, plan, note)


def _plan_json(terraform: Terraform, plan: Plan) -> Mapping[str, Any]:
    """The plan as JSON; Terraform has not shown a plan without changes yet."""
    document = json.loads(plan.text or terraform.show() or "{}")
    return document if isinstance(document, dict) else {}


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
        looks={stack.stack: stack.look for stack in stacks if stack.look},
        updated_next={one.stack: one.updated_next for one in stacks if one.updated_next is not None},
        owners_next={one.stack: one.owners_next for one in stacks},
    )


def refuse_failed(report: DriftReport) -> None:
    """Raises an error that names the stacks that could not be checked.

    Raises:
        OutsideError: there are such stacks.
    """
    if report.failed:
        count = f"{len(report.failed)} stack{'s' if len(report.failed) > 1 else ''}"
        raise OutsideError(f"{count} could not be checked, see above: {', '.join(report.failed)}")
