"""The review as one page that needs nothing else: for a browser, a pipeline's artifacts, or a mail.

The page is built as a tree of elements and written at the end, so that text stays text: no plan can put an
element, an attribute or a script into it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from mesh.console import visible
from mesh.model.review_policy import RULES
from mesh.review.formats import diff
from mesh.review.policy import Ruling
from mesh.review.review import AREAS, Change, EnvironmentReview, Review, StackReview
from mesh.review.sentence import Name, Sentence, counted

# No script, nothing from elsewhere: what the tree might let through would do nothing
_SAFETY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_BLOCKS = {
    "head",
    "meta",
    "title",
    "style",
    "header",
    "main",
    "section",
    "div",
    "h1",
    "h2",
    "h3",
    "p",
    "ul",
    "li",
}
_BLOCKS |= {"details", "summary", "pre"}
_FEW = 3  # stacks of an environment that are not folded


def page(review: Review) -> str:
    """The review as HTML."""
    root = Element("html", lang="en")
    head = SubElement(root, "head")
    SubElement(head, "meta", charset="utf-8")
    SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": _SAFETY})
    SubElement(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    SubElement(head, "meta", name="color-scheme", content="light dark")
    SubElement(head, "title").text = review.wording.title
    SubElement(head, "style").text = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
    body = SubElement(root, "body")
    _header(SubElement(body, "header"), review)
    main = SubElement(body, "main")
    if review.rulings:
        _rulings(main, review.rulings)
    for environment in review.environments:
        if environment.stacks:
            _environment(main, environment)
    for one in root.iter():
        # only around blocks, where a line's end shows nowhere
        if one.tag in _BLOCKS and not one.tail:
            one.tail = "\n"
    return "<!doctype html>\n" + ElementTree.tostring(root, encoding="unicode", method="html") + "\n"


def _header(header: Element, review: Review) -> None:
    SubElement(header, "h1").text = review.wording.title
    if said := "Refused by the policy" if review.refused else review.wording.verdict.capitalize():
        verdict = SubElement(header, "p", {"class": "refused" if review.refused else "fine"})
        verdict.text = said
    listed = SubElement(header, "ul")
    for one in review.environments:
        item = SubElement(listed, "li")
        _write(item, (Name.of(one.where), f" {one.summary}"))
    for note in review.notes:
        _write(SubElement(listed, "li"), ("not known: ", Name.of(note)))


def _rulings(main: Element, told: Sequence[Ruling]) -> None:
    section = SubElement(main, "section", {"aria-labelledby": "rules"})
    SubElement(section, "h2", id="rules").text = "What the policy says"
    for rule, meaning in RULES.items():
        about = [one for one in told if one.rule == rule]
        if not about:
            continue
        refused = any(one.refused for one in about)
        box = SubElement(section, "div", {"class": "box refused" if refused else "box"})
        SubElement(box, "h3").text = f"{meaning[0].upper()}{meaning[1:]} ({counted(len(about), 'change')})"
        if refused:
            line: Sentence = (
                "Refused; a line ",
                Name(f"{rule}: approved"),
                " in the pull request approves it.",
            )
        else:
            line = ("Approved." if all(one.approved for one in about) else "A warning.",)
        _write(SubElement(box, "p"), line)
        items = SubElement(box, "ul")
        for one in about:
            _item(items, (Name.of(one.where), ": ", *one.sentence), one.details)


def _environment(main: Element, environment: EnvironmentReview) -> None:
    section = SubElement(main, "section")
    _write(SubElement(section, "h2"), (Name.of(environment.where),))
    for stack in environment.stacks:
        folded = len(environment.stacks) > _FEW and not stack.loses and stack.error is None
        details = SubElement(section, "details", {} if folded else {"open": "open"})
        summary = SubElement(details, "summary")
        SubElement(summary, "b").text = visible(stack.place.title)
        for word, loud in _short(stack):
            mark = SubElement(summary, "span", {"class": "loud" if loud else "mark"})
            mark.text = word
        if stack.error is not None:
            SubElement(
                details, "p"
            ).text = f"{stack.wording.failed} this. What follows may not be all. It says:"
            _code(details, stack.error.split("\n"))
        for area, name in AREAS.items():
            if changes := [one for one in stack.changes if one.area == area]:
                SubElement(details, "h3").text = name
                _changes(details, changes)
        if stack.changed:
            inner = SubElement(details, "details", {"class": "diff"})
            SubElement(inner, "summary").text = f"Terraform, {diff.counts([stack])}"
            _code(inner, list(diff.lines(stack)))


def _short(stack: StackReview) -> list[tuple[str, bool]]:
    """What a folded stack says of itself, and whether it says it loudly."""
    words = [(stack.wording.loses, True)] if stack.loses else []
    words += [("failed", True)] if stack.error is not None else []
    for area, name in AREAS.items():
        if number := sum(one.area == area for one in stack.changes):
            words.append((f"{name.lower()} {number}", False))
    return words


def _changes(parent: Element, changes: Sequence[Change]) -> None:
    items = SubElement(parent, "ul")
    for one in changes:
        loud = getattr(one, "loses", False) or bool(getattr(one, "loosened", ()))
        _item(items, one.sentence, one.details, loud=loud)


def _item(items: Element, sentence: Sentence, details: Sequence[Sentence], *, loud: bool = False) -> None:
    item = SubElement(items, "li", {"class": "loss"} if loud else {})
    _write(item, sentence)
    if details:
        inner = SubElement(item, "ul")
        for detail in details:
            _write(SubElement(inner, "li"), detail)


def _write(element: Element, sentence: Sentence) -> None:
    """A sentence, with its names as code."""
    last: Element | None = None
    for part in sentence:
        if isinstance(part, Name):
            last = SubElement(element, "code")
            last.text = part.text
        elif last is None:
            element.text = (element.text or "") + part
        else:
            last.tail = (last.tail or "") + part


def _code(parent: Element, lines: Sequence[str]) -> None:
    block = SubElement(SubElement(parent, "pre", tabindex="0"), "code")
    for line in lines:
        kind = {"+": "plus", "-": "minus", "!": "edit"}.get(line[:1], "same")
        one = SubElement(block, "span", {"class": kind})
        one.text = visible(line)
        one.tail = "\n"
