"""The report for a terminal: a tree of environments, stacks and sentences, then the rulings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesh.console import render_to_text, visible
from mesh.review import contracts
from mesh.review.access import AccessChange
from mesh.review.contracts import ContractComparison
from mesh.review.formats import diff
from mesh.review.labels import ReportLabels
from mesh.review.other_changes import OtherChange
from mesh.review.outcome import Outcome, outcome, predicate
from mesh.review.policy import Ruling
from mesh.review.review import AREAS, EnvironmentReview, ReportChange, Review, StackReview
from mesh.review.sentence import Name, Sentence, counted
from mesh.review.waiting_tables import WaitingTable

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text
    from rich.tree import Tree


@dataclass(frozen=True)
class Brevity:
    """Which objects a report only counts; by default it names every object.

    Args:
        counting: objects with this outcome may be counted; None to count no object.
        named: up to this number of objects, or of changes of access to them, a stack names each of them.
    """

    counting: Outcome | None = None
    named: int = 0


WHOLE = Brevity()


def text(review: Review, brevity: Brevity = WHOLE) -> str:
    """The report as text, coloured on a terminal; long lines wrap and are never cut.

    Args:
        review: the review.
        brevity: which objects are only counted.
    """
    return render_to_text(_parts(review, brevity))


def _parts(review: Review, brevity: Brevity) -> Iterator[RenderableType]:
    from rich.text import Text

    for note in review.notes:
        yield Text.assemble(("not known: ", "yellow"), visible(note), overflow="fold")
    for environment in review.environments:
        yield _environment(environment, review.labels, brevity)
    if review.contracts and review.contracts.differences:
        yield _contracts(review.contracts)
    for ruling in review.rulings:
        yield _ruling(ruling)
    refused = list(dict.fromkeys(one.rule for one in review.rulings if one.refused))
    if refused:
        options = " ".join(f"--approved {rule}" for rule in refused)
        yield Text(f"refused (to approve: {options})", "bold red", overflow="fold")
    elif review.empty:
        yield Text(review.labels.empty)
    elif review.verdict:
        yield Text(review.verdict, "green" if review.verdict == review.labels.verdict else "yellow")


def _environment(environment: EnvironmentReview, labels: ReportLabels, brevity: Brevity) -> Tree:
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
        _stack(tree, stack, brevity)
    return tree


def _contracts(comparison: ContractComparison) -> Tree:
    from rich.text import Text
    from rich.tree import Tree

    tree = Tree(Text.assemble(("Contracts", "bold"), f" · since {visible(comparison.base)}", overflow="fold"))
    for one in comparison.differences:
        leaf = tree.add(_line(contracts.sentence(one), "red" if one.verdict == "broken" else ""))
        for detail in contracts.details(one):
            leaf.add(_line(detail, "dim"))
    return tree


def _stack(tree: Tree, stack: StackReview, brevity: Brevity) -> None:
    from rich.text import Text

    title = Text.assemble((visible(stack.location.title), "cyan"), overflow="fold")
    if stack.changed:
        title.append(f"  {diff.totals([stack])}", "dim")
    branch = tree.add(title)
    if stack.error is not None:
        failed = branch.add(Text(stack.labels.failed, "bold red"))
        for line in stack.error.split("\n"):
            failed.add(Text(visible(line), overflow="fold"))
    named, lines = _brief(stack.changes, brevity)
    for line in lines:
        branch.add(Text(line, overflow="fold"))
    for area, name in AREAS.items():
        if changes := [one for one in named if one.area == area]:
            _area(branch.add(Text(name, "bold")), changes, brevity)


def _brief(changes: Sequence[ReportChange], brevity: Brevity) -> tuple[list[ReportChange], list[str]]:
    """The changes that are named, and lines that count the others."""
    kinds: Counter[str] = Counter()
    for one in changes:
        if _is_counted(one, brevity):
            noun, number = _noun(one)
            kinds[noun] += number
    if brevity.counting is None or kinds.total() <= brevity.named:
        return [*changes], []
    objects = ", ".join(counted(number, noun) for noun, number in kinds.items())
    access = [one for one in changes if isinstance(one, AccessChange) and (one.new or one.gone)]
    left = access if len(access) > brevity.named else []
    lines = [f"{objects} {predicate(brevity.counting)}"]
    lines += [f"{counted(len(left), 'change')} of access to these objects"] if left else []
    waiting = [one for one in changes if isinstance(one, WaitingTable)]
    waits = "waits" if len(waiting) == 1 else "wait"
    kinds_ = " and ".join(
        f"{one}s" for one in ("table", "function") if one in {each.kind for each in waiting}
    )
    lines += (
        [f"{counted(len(waiting), 'grant')} {waits} for {kinds_} that do not exist yet"] if waiting else []
    )
    named = [one for one in changes if not _is_counted(one, brevity) and one not in (*left, *waiting)]
    return named, lines


def _is_counted(change: ReportChange, brevity: Brevity) -> bool:
    """True if a change has the outcome that is counted, and nothing that must be read."""
    if brevity.counting is None or isinstance(change, AccessChange) or _is_loosened(change):
        return False
    happens = outcome(change.happens) if isinstance(change, OtherChange) else getattr(change, "happens", "")
    # what holds no data is removed, and data is destroyed
    return ("destroyed" if happens == "removed" else happens) == brevity.counting


def _is_loosened(change: ReportChange) -> bool:
    return bool(getattr(change, "loosened", ()))


def _noun(change: ReportChange) -> tuple[str, int]:
    """The kind of object, and the number of objects."""
    if isinstance(change, OtherChange):
        return change.type.replace("_", " "), len(change.names)
    return str(getattr(change, "kind", "object")), 1 + len(getattr(change, "more", ()))


def _area(branch: Tree, changes: Iterable[ReportChange], brevity: Brevity) -> None:
    for change in changes:
        loud = getattr(change, "loses", False) or _is_loosened(change)
        leaf = branch.add(_line(change.sentence, "red" if loud else ""))
        new = isinstance(change, AccessChange) and (change.new or change.gone)
        brief = brevity.counting is not None and (new or _is_counted(change, brevity))
        for detail in () if brief else change.details:
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
