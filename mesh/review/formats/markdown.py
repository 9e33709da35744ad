"""The report as comments on a pull request: Markdown that renders every text of a plan literally.

Names are code spans and the diff is a fenced block, so that backticks, pipes, tags, links and mentions in a
plan have no effect. Source: CommonMark; GitHub Flavored Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from mesh.model.review_policy import RULES
from mesh.review import contracts
from mesh.review.contracts import ContractComparison
from mesh.review.formats import diff
from mesh.review.labels import ReportLabels
from mesh.review.policy import Ruling
from mesh.review.review import AREAS, EnvironmentReview, Review, StackReview
from mesh.review.sentence import Name, Sentence, counted

MAX_LENGTH = 65_536  # characters of a comment, GitHub's limit
# The first line of a comment, as `_marker` writes it for reviews and for reports on drift
_MARKER = re.compile(r"<!-- mesh (?:review \d+|drift \S+(?: \d+)?|contracts(?: \d+)?) -->(?:\n|$)")
_MAX_OPEN = 3  # in an environment with more stacks, stacks are folded
_LEFT_OUT = (
    "The Terraform diff is left out because the comment would be too long; `--format html` contains it."
)


@dataclass(frozen=True)
class _Block:
    """Lines below a heading, which is repeated where the lines continue in another comment."""

    lines: tuple[str, ...]
    heading: tuple[str, ...] = ()
    ending: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return "\n".join([*self.heading, *self.lines, *self.ending]) + "\n"


def comments(review: Review, longest: int = MAX_LENGTH) -> list[str]:
    """The report as one or several comments; if it is too long for one comment, the diff is left out.

    Args:
        review: the review.
        longest: the limit of a comment in characters, at least a third of GitHub's limit so that every line
            fits.
    """
    blocks = list(_blocks(review))
    diffs = list(_diffs(review))
    without = [*blocks, _Block((_LEFT_OUT,))] if diffs else blocks
    for content in ([*blocks, *diffs], without):
        whole = f"{_marker(review.labels, 1)}\n" + "\n".join(block.text for block in content)
        if len(whole) <= longest:
            return [whole]
    return list(_split(without, longest, review.labels))


def _marker(labels: ReportLabels, number: int) -> str:
    """The hidden marker by which later reports find and replace the comment."""
    if not labels.marker:
        return f"<!-- mesh review {number} -->"
    return f"<!-- mesh {labels.marker} -->" if number == 1 else f"<!-- mesh {labels.marker} {number} -->"


def is_comment(text: str) -> bool:
    """True if a comment contains an earlier report, so that a later report replaces it."""
    return _MARKER.match(text) is not None


def _split(blocks: Sequence[_Block], longest: int, labels: ReportLabels) -> Iterator[str]:
    """Several comments, each with its number."""
    room = longest - len(_part(labels, 99_999, 99_999)) - 3
    parts: list[str] = []
    held = ""
    for block in (piece for one in blocks for piece in _pieces(one, room)):
        if held and len(held) + len(block.text) + 1 > room:
            parts.append(held)
            held = ""
        held = f"{held}\n{block.text}" if held else block.text
    parts.append(held)
    for number, part in enumerate(parts, 1):
        yield f"{_part(labels, number, len(parts))}\n\n{part}"


def _part(labels: ReportLabels, number: int, of: int) -> str:
    return f"{_marker(labels, number)}\n*{labels.title}, part {number} of {of}*"


def _pieces(block: _Block, room: int) -> Iterator[_Block]:
    """The block in pieces that fit, each with the same heading; a single line always fits."""
    around = len(_Block((), block.heading, block.ending).text) + 1
    held: list[str] = []
    length = around
    for line in block.lines:
        if held and length + len(line) + 1 > room:
            yield _Block(tuple(held), block.heading, block.ending)
            held, length = [], around
        held.append(line)
        length += len(line) + 1
    yield _Block(tuple(held), block.heading, block.ending)


def _blocks(review: Review) -> Iterator[_Block]:
    """The blocks of the report, without the Terraform diff."""
    yield _Block(tuple(_head(review)))
    if losses := [one for one in review.rulings if one.rule == "data-loss"]:
        yield _rule(losses, "CAUTION")
    for rule in RULES:
        if rule != "data-loss" and (group := [one for one in review.rulings if one.rule == rule]):
            yield _rule(group, "WARNING" if any(one.refused for one in group) else "NOTE")
    yield from _ignored_losses(review)
    if review.contracts and review.contracts.differences:
        yield _contracts(review.contracts, review.rulings)
    for environment in review.environments:
        if environment.stacks:
            yield _Block((f"#### {code(environment.environment)}",))
        for stack in environment.stacks:
            yield from _stack(stack, environment)


def _head(review: Review) -> Iterator[str]:
    yield f"### {review.labels.title}"
    yield ""
    for environment in review.environments:
        yield f"- **{code(environment.environment)}** · {environment.summary}"
    if review.empty:
        yield f"- {review.labels.empty}"
    for note in review.notes:
        yield f"- Not known: {code(note)}"


def _rule(rulings: Sequence[Ruling], kind: str) -> _Block:
    """The rulings of one rule, with the line that approves it."""
    rule, refused = rulings[0].rule, [one for one in rulings if one.refused]
    title = f"**{RULES[rule][0].upper()}{RULES[rule][1:]}** · {counted(len(rulings), 'change')}"
    if refused:
        title += f". Refused. To approve, add the line `{rule}: approved` to the pull request."
    elif all(one.approved for one in rulings):
        title += ". Approved."
    lines = []
    for one in rulings:
        lines.append(f"> - {code(one.environment)}: {_text(one.sentence)}")
        lines += [f">   - {_text(detail)}" for detail in one.details]
    return _Block(tuple(lines), heading=(f"> [!{kind}]", f"> {title}", ">"))


def _ignored_losses(review: Review) -> Iterator[_Block]:
    """Data losses that the policy ignores."""
    ruled = {one.stack for one in review.rulings if one.rule == "data-loss"}
    if ignored := [one for one in review.losses if one.stack not in ruled]:
        lines = [f"> - {_text(one.sentence)}" for one in ignored]
        title = "> **Data will be destroyed or recreated; the policy ignores this rule**"
        yield _Block(tuple(lines), heading=("> [!NOTE]", title, ">"))


def _contracts(comparison: ContractComparison, rulings: Sequence[Ruling]) -> _Block:
    """All changes of contracts; those that a rule applies to have their details there."""
    lines, ruled = [], {one.sentence for one in rulings}
    for one in comparison.differences:
        sentence = contracts.sentence(one)
        lines.append(f"- {_text(sentence)}")
        if sentence not in ruled:
            lines += [f"  - {_text(detail)}" for detail in contracts.details(one)]
    return _Block(tuple(lines), heading=(f"#### Contracts since {code(comparison.base)}", ""))


def _stack(stack: StackReview, environment: EnvironmentReview) -> Iterator[_Block]:
    """One stack, folded in an environment with many stacks."""
    folded = len(environment.stacks) > _MAX_OPEN and not stack.loses and stack.error is None
    opening = "<details>" if folded else "<details open>"
    title = f"{opening}<summary><b>{_html(stack.location.title)}</b>{_marks(stack)}</summary>"
    heading, ending = (title, ""), ("", "</details>")
    lines: list[str] = []
    if stack.error is not None:
        opened, *message, closed = _fenced(stack.error.split("\n"))
        about = f"**{stack.labels.failed}.** The changes below may be incomplete. Error:"
        yield _Block(tuple(message), (title, "", about, "", opened), (closed, *ending))
        title = f"{opening}<summary>{_html(stack.location.title)} (may be incomplete)</summary>"
        heading = (title, "")
        if not stack.changes:
            return
    for area, name in AREAS.items():
        if changes := [one for one in stack.changes if one.area == area]:
            lines += [f"**{name}**", ""]
            for change in changes:
                lines.append(f"- {_text(change.sentence)}")
                lines += [f"  - {_text(detail)}" for detail in change.details]
            lines.append("")
    yield _Block(tuple(lines[:-1] or ["Only Terraform addresses change."]), heading, ending)


def _marks(stack: StackReview) -> str:
    """The marks beside a stack's title."""
    parts = [f"<b>{stack.labels.data_loss}</b>"] if stack.loses else []
    parts += ["<b>failed</b>"] if stack.error is not None else []
    for area, name in AREAS.items():
        if number := sum(one.area == area for one in stack.changes):
            parts.append(f"{name.lower()} {number}")
    return "".join(f" · {part}" for part in parts)


def _diffs(review: Review) -> Iterator[_Block]:
    """The diff of all stacks, folded."""
    stacks = [one for one in review.stacks if one.changed]
    if stacks:
        lines: list[str] = []
        for one in stacks:
            lines += [code(one.stack), "", *_fenced(list(diff.lines(one)), "diff"), ""]
        title = f"<details><summary>Terraform, {diff.counts(stacks)}</summary>"
        yield _Block(tuple(lines), (title, ""), ("</details>",))


def code(text: str) -> str:
    """Text as a code span, in which Markdown, HTML, links and mentions have no effect."""
    text = Name.of(text).text
    if not text.strip():
        return '`""`'
    runs = {len(run) for run in re.findall("`+", text)}
    fence = "`" * next(length for length in range(1, len(runs) + 2) if length not in runs)
    padding = " " if text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def _text(sentence: Sentence) -> str:
    return "".join(code(part.text) if isinstance(part, Name) else part for part in sentence)


def _fenced(lines: Sequence[str], language: str = "") -> list[str]:
    """Lines as a code block, with a fence that no line can close."""
    ticks = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, ticks + 1)
    return [f"{fence}{language}", *(Name(line).text for line in lines), fence]


def _html(text: str) -> str:
    return f"<code>{escape(Name.of(text).text)}</code>"
