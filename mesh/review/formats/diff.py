"""The Terraform diff as lines of text: the masked attributes of every resource, before and after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from mesh.console import visible
from mesh.review.plan import ResourceChange
from mesh.review.review import StackReview
from mesh.review.sentence import counted

_SIGNS = {
    "create": "+",
    "delete": "-",
    "update": "!",
    "replace": "-",
    "recreate": "+",
    "forget": "#",
    "move": "#",
    "import": "#",
}


def counts(stacks: Iterable[StackReview]) -> str:
    """The numbers of stacks and changes as text: `2 stacks: 1 to add, 5 to change, 1 to destroy`."""
    each = list(stacks)
    return f"{counted(len(each), 'stack')}: {totals(each)}"


def totals(stacks: Sequence[StackReview]) -> str:
    """The numbers of changes in all stacks as text: `1 to add, 5 to change, 1 to destroy`."""
    sums = [sum(column) for column in zip(*(one.counts for one in stacks), strict=True)]
    labels = stacks[0].labels.counts if stacks else ()
    return ", ".join(f"{number} {label}" for number, label in zip(sums, labels, strict=True) if label)


def lines(stack: StackReview) -> Iterator[str]:
    """The diff of one stack; lines begin with `+`, `-` or `!`, which renderers of `diff` colour."""
    for resource in stack.resources:
        yield from _resource(resource, stack.labels.actions)


def _resource(change: ResourceChange, predicates: Mapping[str, str]) -> Iterator[str]:
    sign = _SIGNS[change.action]
    moved = f" (was {change.previous_address})" if change.previous_address else ""
    yield visible(f"{sign} {change.object_address} {predicates[change.action]}{moved}")
    if change.action == "delete":
        return
    for edit in change.edits:
        if change.action == "create" or edit.before is None:
            yield visible(f"+   {edit.path} = {edit.after}")
        elif edit.after is None:
            yield visible(f"-   {edit.path} = {edit.before}")
        else:
            forces = (
                " (forces replacement)"
                if edit.path.partition(".")[0].partition("[")[0] in change.because
                else ""
            )
            yield visible(f"!   {edit.path}: {edit.before} → {edit.after}{forces}")
