"""The report for a terminal: a tree of environments, stacks and sentences, then the rulings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from mesh.console import render_to_text, visible
from mesh.review.formats import diff
from mesh.review.labels import ReportLabels
from mesh.review.policy import Ruling
from mesh.review.review import AREAS, EnvironmentReview, ReportChange, Review, StackReview
from mesh.review.sentence import Name, Sentence

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text
    from rich.tree import Tree


def text(review: Review) -> str:
    """The report as text, coloured on a terminal; long lines wrap and are never cut."""
    return render_to_text(_parts(review))


def _parts(review: Review) -> Iterator[RenderableType]:
    from rich.text import Text

    for note in review.notes:
        yield Text.assemble(("not known: ", "yellow"), visible(note), overflow="fold")
    for environment in review.environments:
        yield _environment(environment, review.labels)
    for ruling in review.rulings:
        yield _ruling(ruling)
    refused = list(dict.fromkeys(one.rule for one in review.rulings if one.refused))
    if refused:
        options = " ".join(f"--approved {rule}" for rule in refused)
        yield Text(f"refused (to approve: {options})", "bold red", overflow="fold")
    elif not review.environments:
        yield Text(review.labels.empty)
    elif review.labels.verdict:
        yield Text(review.labels.verdict, "green")


def _environment(environment: EnvironmentReview, labels: ReportLabels) -> Tree:
    from rich.text import Text
    from rich.tree import Tree

    tree = Tree(
        Text.assemble(
            labels.environment_prefix,
            (visible(environment.environment), "bold"),
            f" · {environment.summary}",
            overflow="fold",
        )
    )
    for stack in environment.stacks:
        _stack(tree, stack)
    return tree


def _stack(tree: Tree, stack: StackReview) -> None:
    from rich.text import Text

    title = Text.assemble((visible(stack.location.title), "cyan"), overflow="fold")
    if stack.changed:
        title.append(f"  {diff.totals([stack])}", "dim")
    branch = tree.add(title)
    if stack.error is not None:
        failed = branch.add(Text(stack.labels.failed, "bold red"))
        for line in stack.error.split("\n"):
            failed.add(Text(visible(line), overflow="fold"))
    for area, name in AREAS.items():
        if changes := [one for one in stack.changes if one.area == area]:
            _area(branch.add(Text(name, "bold")), changes)


def _area(branch: Tree, changes: Iterable[ReportChange]) -> None:
    for change in changes:
        loud = getattr(change, "loses", False) or getattr(change, "loosened", ())
        leaf = branch.add(_line(change.sentence, "red" if loud else ""))
        for detail in change.details:
            leaf.add(_line(detail, "dim"))


def _ruling(ruling: Ruling) -> Text:
    from rich.text import Text

    verdict, style = ("refused", "bold red") if ruling.refused else ("approved", "green")
    if ruling.strictness == "warn":
        verdict, style = "warning", "yellow"
    line = _line((f"{ruling.rule} in ", Name.of(ruling.environment), ": ", *ruling.sentence), "")
    line.pad_left(1)
    return Text.assemble((verdict, style), line, overflow="fold")


def _line(sentence: Sentence, style: str) -> Text:
    from rich.text import Text

    line = Text(overflow="fold", style=style)
    for part in sentence:
        line.append(part.text if isinstance(part, Name) else part, "bold" if isinstance(part, Name) else "")
    return line
