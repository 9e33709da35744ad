"""Changed functions that row filters and column masks use: these may hide less after the next run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from mesh.model.catalog_function import CatalogFunction
from mesh.model.naming import stored_name
from mesh.review.mesh_index import MeshIndex
from mesh.review.plan import StackPlan, resources_of
from mesh.review.sentence import Name, Sentence
from mesh.terraform.policies import TYPE

Functions = Mapping[str, str]
"""The SQL of functions in a notebook, by their names in it."""


def weakened_policies(
    before: Functions,
    after: Functions,
    flow: str,
    stack: str,
    index: MeshIndex,
    plans: Sequence[StackPlan],
) -> Iterator[Sentence]:
    """Yields the policies that use a changed function, or one that calls it.

    Policies that do not exist yet hide nothing so far, and are left out.

    Whether another body hides less cannot be computed, as with another function of a policy.

    Args:
        before: the functions of a flow before.
        after: the functions afterwards.
        flow: the folder of the flow in the workspace.
        stack: the stack of the plan.
        index: the index of the mesh.
        plans: all plans.
    """
    if not (changed := _with_callers({name for name in after if after[name] != before.get(name)}, after)):
        return
    deployment = index.deployments.get(stack)
    full = {
        stored_name(one.full_name): name
        for one in (deployment.functions if deployment else ())
        for name in changed
        if _is_named(one, name, flow)
    }
    known = {plan.stack for plan in plans if plan.error is None}
    there = {(plan.stack, one.id) for plan, one in resources_of(plans, TYPE) if one.action != "create"}
    policies = (
        policy
        for place, each in index.policies.items()
        for policy in each
        if place not in known or (place, policy.id) in there
    )
    for policy in sorted(policies, key=lambda one: one.full_name):
        if name := full.get(stored_name(policy.function_name)):
            uses = f"{policy.kind} {policy.full_name}"
            yield (Name.of(uses), " uses ", Name.of(name), ", and may hide less after the next run")


def _with_callers(changed: set[str], after: Functions) -> set[str]:
    """Returns functions with those that call them, through all levels."""
    found = {*changed}
    while True:
        words = [re.escape(name.rpartition(".")[2]) for name in sorted(found)]
        called = re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE)
        more = {name for name, text in after.items() if name not in found and called.search(text)}
        if not found or not more:
            return found
        found |= more


def _is_named(function: CatalogFunction, name: str, flow: str) -> bool:
    """True if a function of the mesh is one of a notebook."""
    if not function.file:
        return False
    file = PurePosixPath(function.file)
    stem = file.stem.lower()
    return name.lower() in (stem, stem.rpartition(".")[2]) and flow.endswith(f"/{file.parent.parent}")
