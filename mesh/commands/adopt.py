"""`mesh adopt`: takes existing objects of the workspace into the states of the stacks that declare them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from mesh.commands.preflight import Preflight
from mesh.commands.stack_applies import raise_failures
from mesh.console import confirm, emit, require_terminal
from mesh.deployment import production
from mesh.deployment.foundation_owner import require_foundations
from mesh.errors import OutsideError
from mesh.terraform.plan import Plan, PlannedChange
from mesh.terraform.progress import Progress
from mesh.terraform.stack_run import StackTask, run_stacks
from mesh.terraform.state import TruncatedStateError, restore_backup
from mesh.terraform.target import Target
from mesh.terraform.terraform_command import SILENT, Reporter
from mesh.terraform.unmanaged import UnmanagedObject, UnmanagedSearch

if TYPE_CHECKING:
    from mesh.workshop.deploy import Deployer

_LONGEST = 60  # characters of a printed value
# only Terraform sets these, so every import changes them
_NOT_PRINTED = frozenset({"force_destroy", "id"})


def adopt(
    target: Target, names: Sequence[str], progress: Progress, *, dry_run: bool, auto_approve: bool
) -> None:
    """Takes existing objects into the states of the stacks that declare them.

    Args:
        target: the mesh in its environment.
        names: stacks, or paths of projects; empty selects all stacks.
        progress: receives what happens.
        dry_run: True to list the objects only.
        auto_approve: True to adopt without confirmation.

    Raises:
        UsageError: a name matches no stack, or there is no terminal to confirm on.
        OutsideError: an object does not belong to the deployment or would be destroyed, or Terraform fails.
    """
    selected = target.select(names)
    require_terminal(auto_approve or dry_run, look="mesh adopt --dry-run")
    if not dry_run:
        production.require_deployable([stack.environment for stack in selected], target.deployed.git)
        require_foundations(selected if names else [], target.deployed.git)
    preflight = Preflight(target)
    preflight.refuse_other_user(selected)
    target.synthesize(selected)
    adopt_unmanaged(
        preflight.searches(selected),
        progress,
        dry_run=dry_run,
        confirmed=lambda question: auto_approve or confirm(question),
    )


def adopt_workshop(deployer: Deployer, progress: Progress, *, dry_run: bool, auto_approve: bool) -> None:
    """Takes existing objects of a workshop into its state.

    Args:
        deployer: deploys the workshop.
        progress: receives what happens.
        dry_run: True to list the objects only.
        auto_approve: True to adopt without confirmation.

    Raises:
        UsageError: there is no terminal to confirm on.
        OutsideError: an object does not belong to the workshop or would be destroyed, or Terraform fails.
    """
    require_terminal(auto_approve or dry_run, look="mesh workshop adopt --dry-run")
    adopt_unmanaged(
        [deployer.search()],
        progress,
        dry_run=dry_run,
        confirmed=lambda question: auto_approve or confirm(question),
        deploy="mesh workshop deploy",
    )


class ImportPlanner(Protocol):
    """The methods of `mesh.terraform.terraform.Terraform` that an adoption needs."""

    @property
    def stack(self) -> str:
        """The stack's name."""

    def plan(self, targets: Iterable[str], imports: dict[str, str], *, reporter: Reporter) -> Plan:
        """Plans, and saves the plan for `apply`."""

    def apply(self, reporter: Reporter, reviewed: str | None) -> None:
        """Applies the plan with this hash, which `plan` saved."""


@dataclass(frozen=True)
class Adoption:
    """The objects that one stack adopts.

    Args:
        terraform: Terraform in the stack's folder, which contains the saved plan.
        objects: the existing objects.
        plan: Terraform's plan, which imports the objects.
    """

    terraform: ImportPlanner
    objects: tuple[UnmanagedObject, ...]
    plan: Plan

    def lines(self) -> Iterator[str]:
        """The lines to print: each object with its id and its changes, then the resources to create."""
        changes = {change.address: change for change in self.plan.changes}
        yield f"{self.terraform.stack}:"
        for existing in self.objects:
            yield f"  {existing.title}, id {existing.object.id}, becomes {existing.resource.address}"
            if change := changes.get(existing.resource.address):
                yield from (f"    {line}" for line in _differences(change))
        for change in self.plan.changes:
            if "create" in change.actions:
                yield f"  {change.address} is created, because they depend on it"


def adopt_unmanaged(
    searches: Sequence[UnmanagedSearch],
    progress: Progress,
    *,
    dry_run: bool,
    confirmed: Callable[[str], bool],
    deploy: str = "mesh deploy",
) -> None:
    """Takes existing objects into the states of the stacks that declare them.

    Args:
        searches: the search for existing objects of each stack.
        progress: receives what happens.
        dry_run: True to list the objects only.
        confirmed: asks for confirmation before the first change.
        deploy: the command that completes the deployment.

    Raises:
        OutsideError: an object does not belong to the deployment or would be destroyed, or Terraform fails.
    """
    if not dry_run:
        _restore_backups(searches)
    matches = [(search, objects) for search in searches if (objects := search.objects())]
    refuse_others(one for _, objects in matches for one in objects)
    try:
        adoptions = _plan_adoptions(matches, progress)
        emit("\n".join(line for one in adoptions for line in one.lines()) or "Nothing to adopt.")
        count = sum(len(objects) for _, objects in matches)
        question = f"Adopt {count} object{'' if count == 1 else 's'}?"
        if adoptions and not dry_run and confirmed(question):
            _apply_adoptions(adoptions, progress)
            emit(f"Adopted; `{deploy}` creates the missing resources.")
    finally:
        for search, _ in matches:
            search.terraform.discard_plan()


def _plan_adoptions(
    matches: Iterable[tuple[UnmanagedSearch, Sequence[UnmanagedObject]]], progress: Progress
) -> list[Adoption]:
    def work(search: UnmanagedSearch, objects: Sequence[UnmanagedObject], reporter: Reporter) -> Adoption:
        return plan_adoption(search.terraform, objects, reporter)

    tasks = [
        StackTask(
            search.owner.stack,
            partial(work, search, objects),
            summary=_summary,
            prepare=search.terraform.init,
        )
        for search, objects in matches
    ]
    results = run_stacks("plan", tasks, progress)
    results.require_all()
    return list(results.done.values())


def _apply_adoptions(adoptions: Iterable[Adoption], progress: Progress) -> None:
    def work(adoption: Adoption, reporter: Reporter) -> None:
        adoption.terraform.apply(reporter, adoption.plan.file_hash)

    tasks = [StackTask(one.terraform.stack, partial(work, one)) for one in adoptions]
    results = run_stacks("adopt", tasks, progress)
    raise_failures(results, {}, "not all objects are adopted:", "run it again for the rest")


def _summary(adoption: Adoption) -> str:
    count = len(adoption.objects)
    return f"{count} object{'' if count == 1 else 's'} to adopt"


def _restore_backups(searches: Iterable[UnmanagedSearch]) -> None:
    """Restores the backups of truncated local states, and saves the states that could not be saved before."""
    for search in searches:
        # a full disk leaves a truncated state and an errored one; Terraform saves over whole states only
        try:
            search.terraform.state()
        except TruncatedStateError as error:
            emit(restore_backup(error.path))
        if search.terraform.errored_state:
            emit(search.terraform.push_errored_state())


def plan_adoption(
    terraform: ImportPlanner, objects: Sequence[UnmanagedObject], reporter: Reporter = SILENT
) -> Adoption:
    """Plans the adoption of existing objects; nothing is changed yet.

    Args:
        terraform: Terraform in the stack's folder.
        objects: the objects that exist outside the stack's state.
        reporter: receives what Terraform does.

    Raises:
        OutsideError: Terraform cannot plan, or would destroy an object.
    """
    ids = {one.resource.address: one.object.id for one in objects}
    plan = terraform.plan(ids, ids, reporter=reporter)
    if plan.error:
        raise OutsideError(plan.error)
    destroyed = [change for change in plan.changes if change.destroys]
    if destroyed:
        lines = "".join(f"\n  {_why_destroyed(change)}" for change in destroyed)
        raise OutsideError(
            f"adopting objects into {terraform.stack} would destroy some of them:{lines}\n"
            "nothing was changed (declare them as they are in the workspace, or remove them there)"
        )
    return Adoption(terraform, tuple(objects), plan)


def refuse_others(objects: Iterable[UnmanagedObject]) -> None:
    """Refuses objects that do not belong to the deployment.

    Raises:
        OutsideError: there are such objects; the message lists all of them.
    """
    if others := [one for one in objects if one.objection]:
        lines = "\n".join(f"  {one}" for one in others)
        raise OutsideError(f"some objects do not belong to this deployment:\n{lines}\nnothing was changed")


def _why_destroyed(change: PlannedChange) -> str:
    if "create" not in change.actions:
        return f"{change.address} is no longer declared"
    because = "; ".join(_difference(change, name) for name in change.because)
    why = f": {because}" if because else ""
    return f"{change.address} would be recreated, because it cannot be changed in place{why}"


def _differences(change: PlannedChange) -> Iterator[str]:
    return (_difference(change, name) for name in sorted(set(change.differences) - _NOT_PRINTED))


def _difference(change: PlannedChange, name: str) -> str:
    return f"{name}: {_text(change.before.get(name))} → {_text(change.after.get(name))}"


def _text(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
