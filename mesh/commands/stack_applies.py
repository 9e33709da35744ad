"""Applies the saved plans of stacks side by side, and says what was applied and what was not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from mesh.console import visible
from mesh.errors import OutsideError
from mesh.review.declarations import Declaration, ResourceKey
from mesh.review.plan import ResourceChange
from mesh.terraform.apply_error import ApplyError
from mesh.terraform.interrupt import StoppedError
from mesh.terraform.plan import APPLIED, count_text
from mesh.terraform.progress import DONE, Progress, Verb
from mesh.terraform.stack_run import StackResults, StackTask, run_stacks
from mesh.terraform.terraform import Terraform
from mesh.terraform.terraform_command import Reporter

T = TypeVar("T")

UNSAVED_HINT = "save the kept state before you go on: without it, what was created is created again"


@dataclass(frozen=True)
class Application:
    """A plan that is about to be applied.

    Args:
        terraform: Terraform in the stack's folder, which holds the plan.
        changes: what the plan changes.
        after: the stacks that must be applied first.
        reviewed: the hash of the plan that was reviewed.
    """

    terraform: Terraform
    changes: tuple[ResourceChange, ...]
    after: frozenset[str] = frozenset()
    reviewed: str | None = None

    @property
    def stack(self) -> str:
        """The stack's name."""
        return self.terraform.stack


def apply_stacks(
    applications: Sequence[Application], progress: Progress, parallelism: int, verb: Verb = "apply"
) -> StackResults[None]:
    """Applies plans side by side, each after the stacks that it depends on.

    Args:
        applications: the plans.
        progress: receives what happens.
        parallelism: the number of stacks at a time.
        verb: what is done.
    """

    def work(one: Application, reporter: Reporter) -> None:
        one.terraform.apply(reporter, one.reviewed)

    tasks = [
        StackTask(
            one.stack,
            partial(work, one),
            one.after,
            lambda _, changes=one.changes: done(changes),  # type: ignore[misc]
        )
        for one in applications
    ]
    return run_stacks(verb, tasks, progress, parallelism)


def done(changes: Sequence[ResourceChange]) -> str:
    """The numbers of changes as text, such as `2 added, 1 changed`."""
    return count_text(changes, APPLIED) or "moved or imported only"


def failures(
    results: StackResults[T], places: Mapping[ResourceKey, Declaration], verb: Verb = "apply"
) -> Iterator[str]:
    """Lines about every stack: applied, failed (with the error and the declaring file) or not applied.

    Args:
        results: the results of all stacks.
        places: the declarations of resources.
        verb: what was done with the stacks.
    """
    yield from (f"  {DONE[verb]}: {stack}" for stack in results.done)
    for stack, error in results.failed.items():
        yield f"  failed: {stack}: {error}"
        yield from (f"    declared in {place}" for place in _places(stack, error, places))
    yield from (f"  not {DONE[verb]}: {stack}: {why}" for stack, why in results.left.items())


def _places(stack: str, error: OutsideError, places: Mapping[ResourceKey, Declaration]) -> Iterator[str]:
    addresses = error.addresses if isinstance(error, ApplyError) else ()
    for address in dict.fromkeys(addresses):
        place = places.get((stack, address))
        if place and (position := place.position()):
            yield visible(position)


def take_stale(results: StackResults[None]) -> frozenset[str]:
    """Removes stacks with stale plans from the results, and returns their names.

    If no stack failed for another reason, the stacks that were left out are removed and returned, too.

    Args:
        results: the results of all stacks, which are changed.
    """
    stale = {name for name, error in results.failed.items() if isinstance(error, ApplyError) and error.stale}
    if set(results.failed) == stale:
        stale |= set(results.left)
    results.failed = {name: error for name, error in results.failed.items() if name not in stale}
    results.left = {name: why for name, why in results.left.items() if name not in stale}
    return frozenset(stale)


def raise_failures(
    results: StackResults[T],
    places: Mapping[ResourceKey, Declaration],
    title: str,
    rest: str,
    verb: Verb = "apply",
) -> None:
    """Raises the errors of stacks.

    Args:
        results: the results of all stacks.
        places: the declarations of resources.
        title: the first line.
        rest: the last line: how to do the rest. Where a state could not be saved, saving it comes first.
        verb: what was done with the stacks.

    Raises:
        StoppedError: the user interrupted.
        OutsideError: a stack failed or was left out.
    """
    if not results.failed and not results.left:
        return
    unsaved = any(isinstance(one, ApplyError) and one.unsaved for one in results.failed.values())
    lines = [title, *failures(results, places, verb), UNSAVED_HINT if unsaved else rest]
    kind = StoppedError if results.stopped else OutsideError
    raise kind("\n".join(lines))
