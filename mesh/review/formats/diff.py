"""What Terraform changes, as lines of text: the attributes of every resource, before and after, masked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from mesh.console import visible
from mesh.review.plan import Planned
from mesh.review.review import StackReview

_SIGNS = {
    "create": "+",
    "delete": "-",
    "update": "!",
    "replace": "-",
    "forget": "#",
    "move": "#",
    "import": "#",
}


def counts(stacks: Iterable[StackReview]) -> str:
    """`2 stacks: 1 to add, 5 to change, 1 to destroy`."""
    each = list(stacks)
    stacks_word = "1 stack" if len(each) == 1 else f"{len(each)} stacks"
    return f"{stacks_word}: {totals(each)}"


def totals(stacks: Sequence[StackReview]) -> str:
    """`1 to add, 5 to change, 1 to destroy`, of all stacks together."""
    sums = [sum(column) for column in zip(*(one.counts for one in stacks), strict=True)]
    words = stacks[0].wording.counted if stacks else ()
    return ", ".join(f"{number} {word}" for number, word in zip(sums, words, strict=True) if word)


def lines(stack: StackReview) -> Iterator[str]:
    """The diff of one stack, in the form that renderers of `diff` colour: `+`, `-` and `!` begin lines."""
    for one in stack.resources:
        yield from _resource(one, stack.wording.actions)


def _resource(one: Planned, words: Mapping[str, str]) -> Iterator[str]:
    sign = _SIGNS[one.action]
    moved = f" (was {one.former})" if one.former else ""
    yield visible(f"{sign} {one.address} {words[one.action]}{moved}")
    if one.action == "delete":
        return
    for edit in one.edits:
        if one.action == "create" or edit.before is None:
            yield visible(f"+   {edit.path} = {edit.after}")
        elif edit.after is None:
            yield visible(f"-   {edit.path} = {edit.before}")
        else:
            forces = " (forces this)" if edit.path.partition(".")[0].partition("[")[0] in one.because else ""
            yield visible(f"!   {edit.path}: {edit.before} → {edit.after}{forces}")
