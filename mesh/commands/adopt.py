"""Take what the workspace already has under Terraform: `mesh adopt`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from mesh.console import emit
from mesh.errors import OutsideError
from mesh.terraform.plan import Change, Plan
from mesh.terraform.state import CutOffError, put_back
from mesh.terraform.unmanaged import Adopter, Unclaimed

_LONGEST = 60  # characters of a value that is shown
# what Terraform alone knows, so that every import changes it
_NOT_SHOWN = frozenset({"force_destroy", "id"})


class Planner(Protocol):
    """What adoption needs of `mesh.terraform.terraform.Terraform`."""

    @property
    def stack(self) -> str:
        """The stack's name."""

    def plan(self, targets: Iterable[str], imports: dict[str, str]) -> Plan:
        """Plan, and keep the plan for `apply`."""

    def apply(self) -> None:
        """Do what was planned last."""


@dataclass(frozen=True)
class Adoption:
    """What one stack takes over.

    Args:
        terraform: Terraform in the stack's folder, which keeps the plan.
        things: what is taken.
        plan: what Terraform would do.
    """

    terraform: Planner
    things: tuple[Unclaimed, ...]
    plan: Plan

    def lines(self) -> Iterator[str]:
        """What is taken, with its id and what changes in it; then what is made beside it."""
        changes = {change.address: change for change in self.plan.changes}
        yield f"{self.terraform.stack}:"
        for thing in self.things:
            yield f"  {thing.title}, id {thing.found.id}, becomes {thing.resource.address}"
            if change := changes.get(thing.resource.address):
                yield from (f"    {line}" for line in _differences(change))
        for change in self.plan.changes:
            if "create" in change.actions:
                yield f"  {change.address} is made, which they need"


def adopt(adopters: Sequence[Adopter], *, dry_run: bool, confirmed: Callable[[str], bool]) -> None:
    """Take what stacks declare and their workspaces already have into their states.

    Args:
        adopters: the stacks.
        dry_run: whether to say only what would be taken.
        confirmed: asks before anything is changed.

    Raises:
        OutsideError: something is somebody else's or would be destroyed, or Terraform failed.
    """
    if not dry_run:
        _put_back(adopters)
    found = [(one, things) for one in adopters if (things := one.outside())]
    refuse_others(thing for _, things in found for thing in things)
    try:
        adoptions = []
        for one, things in found:
            emit(f"Looking at what {one.claim.stack} would take")
            adoptions.append(plan_adoption(one.terraform, things))
        emit("\n".join(line for one in adoptions for line in one.lines()) or "Nothing to take.")
        count = sum(len(things) for _, things in found)
        question = f"Take {count} {'thing' if count == 1 else 'things'} under Terraform?"
        if adoptions and not dry_run and confirmed(question):
            for adoption in adoptions:
                adoption.terraform.apply()
            emit("Taken; `mesh deploy` makes what is not there yet.")
    finally:
        for one, _ in found:
            one.terraform.forget()


def _put_back(adopters: Iterable[Adopter]) -> None:
    """Put the backup in the place of local states that were cut off."""
    for one in adopters:
        try:
            one.terraform.state()
        except CutOffError as error:
            emit(put_back(error.path))


def plan_adoption(terraform: Planner, things: Sequence[Unclaimed]) -> Adoption:
    """What taking these things over would do; nothing is changed yet.

    Args:
        terraform: Terraform in the stack's folder.
        things: what the workspace has and the state does not.

    Raises:
        OutsideError: something is somebody else's, or Terraform would destroy something.
    """
    ids = {thing.resource.address: thing.found.id for thing in things}
    plan = terraform.plan(ids, ids)
    if plan.error:
        raise OutsideError(plan.error)
    destroyed = [change for change in plan.changes if change.destroys]
    if destroyed:
        lines = "".join(f"\n  {_why_destroyed(change)}" for change in destroyed)
        raise OutsideError(
            f"taking over what {terraform.stack} declares would destroy some of it:{lines}\n"
            "nothing was changed; declare it as it is, or remove it there"
        )
    return Adoption(terraform, tuple(things), plan)


def refuse_others(things: Iterable[Unclaimed]) -> None:
    """Nothing is taken when some of it is not the deployment's to take.

    Raises:
        OutsideError: with all that is not.
    """
    if others := [thing for thing in things if thing.objection]:
        lines = "\n".join(f"  {one}" for one in others)
        raise OutsideError(f"not all of it is this deployment's to take:\n{lines}\nnothing was changed")


def _why_destroyed(change: Change) -> str:
    if "create" not in change.actions:
        return f"{change.address} is not declared any more"
    because = "; ".join(_difference(change, name) for name in change.because)
    why = f": {because}" if because else ""
    return f"{change.address} would be made anew, as it cannot be changed{why}"


def _differences(change: Change) -> Iterator[str]:
    return (_difference(change, name) for name in sorted(set(change.differences) - _NOT_SHOWN))


def _difference(change: Change, name: str) -> str:
    return f"{name}: {_shown(change.before.get(name))} → {_shown(change.after.get(name))}"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
