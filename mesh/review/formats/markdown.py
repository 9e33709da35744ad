"""The review as comments on a pull request: Markdown that no text of a plan can break out of.

Names stand in code spans, the diff in a fenced block, and HTML is written by us alone, so that backticks,
pipes, tags, links and mentions stay the text that they are. Source: CommonMark; GitHub Flavored Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from mesh.model.review_policy import RULES
from mesh.review.formats import diff
from mesh.review.labels import Wording
from mesh.review.policy import Ruling
from mesh.review.review import AREAS, EnvironmentReview, Review, StackReview
from mesh.review.sentence import Name, Sentence, counted

LONGEST = 65_536  # characters of a comment; GitHub takes no more
_FEW = 3  # projects that are not folded
_LEFT_OUT = "The Terraform diff is left out, since this would be too long: `--format html` has it."


@dataclass(frozen=True)
class _Block:
    """Lines that stay together, below a heading that is said again where they go on in another comment."""

    lines: tuple[str, ...]
    heading: tuple[str, ...] = ()
    ending: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return "\n".join([*self.heading, *self.lines, *self.ending]) + "\n"


def comments(review: Review, longest: int = LONGEST) -> list[str]:
    """The review as one comment, or as several where it is too long for one; only the diff may be left out.

    Args:
        review: the review.
        longest: the most characters of a comment; a third of what GitHub takes is enough for any line.
    """
    blocks = list(_blocks(review))
    diffs = list(_diffs(review))
    without = [*blocks, _Block((_LEFT_OUT,))] if diffs else blocks
    for found in ([*blocks, *diffs], without):
        whole = f"{_marker(review.wording, 1)}\n" + "\n".join(block.text for block in found)
        if len(whole) <= longest:
            return [whole]
    return list(_split(without, longest, review.wording))


def _marker(wording: Wording, number: int) -> str:
    """What nobody sees, and who replaces a comment finds it by."""
    if not wording.marker:
        return f"<!-- mesh review {number} -->"
    return f"<!-- mesh {wording.marker} -->" if number == 1 else f"<!-- mesh {wording.marker} {number} -->"


def _split(blocks: Sequence[_Block], longest: int, wording: Wording) -> Iterator[str]:
    """Comments that each say which part they are."""
    room = longest - len(_part(wording, 99_999, 99_999)) - 3
    parts: list[str] = []
    held = ""
    for block in (piece for one in blocks for piece in _pieces(one, room)):
        if held and len(held) + len(block.text) + 1 > room:
            parts.append(held)
            held = ""
        held = f"{held}\n{block.text}" if held else block.text
    parts.append(held)
    for number, part in enumerate(parts, 1):
        yield f"{_part(wording, number, len(parts))}\n\n{part}"


def _part(wording: Wording, number: int, of: int) -> str:
    return f"{_marker(wording, number)}\n*{wording.title}, part {number} of {of}*"


def _pieces(block: _Block, room: int) -> Iterator[_Block]:
    """A block that fits, or several with the same heading; a single line fits, since names are short."""
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
    """Everything but the diff."""
    yield _Block(tuple(_head(review)))
    if told := [one for one in review.rulings if one.rule == "data-loss"]:
        yield _rule(told, "CAUTION")
    for rule in RULES:
        if rule != "data-loss" and (told := [one for one in review.rulings if one.rule == rule]):
            yield _rule(told, "WARNING" if any(one.refused for one in told) else "NOTE")
    yield from _other_losses(review)
    for environment in review.environments:
        if environment.stacks:
            yield _Block((f"#### {code(environment.where)}",))
        for stack in environment.stacks:
            yield from _stack(stack, environment)


def _head(review: Review) -> Iterator[str]:
    yield f"### {review.wording.title}"
    yield ""
    for one in review.environments:
        yield f"- **{code(one.where)}** · {one.summary}"
    if not review.environments:
        yield f"- {review.wording.none}"
    for note in review.notes:
        yield f"- Not known: {code(note)}"


def _rule(told: Sequence[Ruling], kind: str) -> _Block:
    """What a rule is about, and what would approve it."""
    rule, refused = told[0].rule, [one for one in told if one.refused]
    title = f"**{RULES[rule][0].upper()}{RULES[rule][1:]}** · {counted(len(told), 'change')}"
    if refused:
        title += f". Refused: a line `{rule}: approved` in the pull request approves it."
    elif all(one.approved for one in told):
        title += ". Approved."
    lines = []
    for one in told:
        lines.append(f"> - {code(one.where)}: {_text(one.sentence)}")
        lines += [f">   - {_text(detail)}" for detail in one.details]
    return _Block(tuple(lines), heading=(f"> [!{kind}]", f"> {title}", ">"))


def _other_losses(review: Review) -> Iterator[_Block]:
    """What the policy ignores is said all the same."""
    ruled = {one.stack for one in review.rulings if one.rule == "data-loss"}
    if left := [one for one in review.losses if one.stack not in ruled]:
        lines = [f"> - {_text(one.sentence)}" for one in left]
        yield _Block(
            tuple(lines), heading=("> [!NOTE]", "> **Data is destroyed, which the policy ignores**", ">")
        )


def _stack(stack: StackReview, environment: EnvironmentReview) -> Iterator[_Block]:
    """One stack, folded where there are many."""
    folded = len(environment.stacks) > _FEW and not stack.loses and stack.error is None
    opening = "<details>" if folded else "<details open>"
    title = f"{opening}<summary><b>{_html(stack.place.title)}</b>{_short(stack)}</summary>"
    heading, ending = (title, ""), ("", "</details>")
    lines: list[str] = []
    if stack.error is not None:
        opened, *said, closed = _fenced(stack.error.split("\n"))
        about = f"**{stack.wording.failed} this.** What follows may not be all. It says:"
        yield _Block(tuple(said), (title, "", about, "", opened), (closed, *ending))
        title = f"{opening}<summary>{_html(stack.place.title)}, as far as Terraform came</summary>"
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
    yield _Block(tuple(lines[:-1] or ["Only addresses in the state change."]), heading, ending)


def _short(stack: StackReview) -> str:
    """What a folded stack says of itself."""
    parts = [f"<b>{stack.wording.loses}</b>"] if stack.loses else []
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
    """Text as a code span: nothing in it is Markdown, HTML, a link or a mention."""
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
    """Lines as a code block that none of them ends."""
    ticks = max((len(run) for line in lines for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, ticks + 1)
    return [f"{fence}{language}", *(Name(line).text for line in lines), fence]


def _html(text: str) -> str:
    return f"<code>{escape(Name.of(text).text)}</code>"
