"""The report as one self-contained page: for a browser, a pipeline's artifacts, or a mail.

The page is built as a tree of elements and serialized at the end: no text of a plan can become an element,
an attribute or a script.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from mesh.console import visible
from mesh.model.review_policy import RULES
from mesh.review import contracts
from mesh.review.contracts import ContractComparison
from mesh.review.formats import diff
from mesh.review.policy import Ruling
from mesh.review.review import AREAS, EnvironmentReview, ReportChange, Review, StackReview
from mesh.review.sentence import Name, Sentence, counted

# A second barrier: no scripts, no external content
_SECURITY_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
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
_MAX_OPEN = 3  # in an environment with more stacks, stacks are folded


def page(review: Review) -> str:
    """The report as HTML."""
    root = Element("html", lang="en")
    head = SubElement(root, "head")
    SubElement(head, "meta", charset="utf-8")
    SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": _SECURITY_POLICY})
    SubElement(head, "meta", name="viewport", content="width=device-width, initial-scale=1")
    SubElement(head, "meta", name="color-scheme", content="light dark")
    SubElement(head, "title").text = review.labels.title
    SubElement(head, "style").text = Path(__file__).with_suffix(".css").read_text(encoding="utf-8")
    body = SubElement(root, "body")
    _header(SubElement(body, "header"), review)
    main = SubElement(body, "main")
    if review.rulings:
        _rulings(main, review.rulings)
    if review.contracts and review.contracts.differences:
        _contracts(main, review.contracts, review.rulings)
    for environment in review.environments:
        if environment.stacks:
            _environment(main, environment)
    for element in root.iter():
        # line breaks between blocks are invisible
        if element.tag in _BLOCKS and not element.tail:
            element.tail = "\n"
    return "<!doctype html>\n" + ElementTree.tostring(root, encoding="unicode", method="html") + "\n"


def _header(header: Element, review: Review) -> None:
    SubElement(header, "h1").text = review.labels.title
    if verdict := "Refused by the policy" if review.refused else review.verdict.capitalize():
        paragraph = SubElement(header, "p", {"class": "refused" if review.refused else "fine"})
        paragraph.text = verdict
    items = SubElement(header, "ul")
    for environment in review.environments:
        _write(SubElement(items, "li"), (Name.of(environment.environment), f" {environment.summary}"))
    for note in review.notes:
        _write(SubElement(items, "li"), ("not known: ", Name.of(note)))


def _rulings(main: Element, rulings: Sequence[Ruling]) -> None:
    section = SubElement(main, "section", {"aria-labelledby": "rules"})
    SubElement(section, "h2", id="rules").text = "Rules"
    for rule, meaning in RULES.items():
        group = [one for one in rulings if one.rule == rule]
        if not group:
            continue
        refused = any(one.refused for one in group)
        box = SubElement(section, "div", {"class": "box refused" if refused else "box"})
        SubElement(box, "h3").text = f"{meaning[0].upper()}{meaning[1:]} ({counted(len(group), 'change')})"
        if refused:
            line: Sentence = (
                "Refused. To approve, add the line ",
                Name(f"{rule}: approved"),
                " to the pull request.",
            )
        else:
            line = ("Approved." if all(one.approved for one in group) else "Warning.",)
        _write(SubElement(box, "p"), line)
        items = SubElement(box, "ul")
        for one in group:
            _item(items, (Name.of(one.environment), ": ", *one.sentence), one.details)


def _contracts(main: Element, comparison: ContractComparison, rulings: Sequence[Ruling]) -> None:
    """All changes of contracts; those that a rule applies to have their details there."""
    section = SubElement(main, "section", {"aria-labelledby": "contracts"})
    heading = SubElement(section, "h2", id="contracts")
    _write(heading, ("Contracts since ", Name.of(comparison.base)))
    items = SubElement(section, "ul")
    ruled = {one.sentence for one in rulings}
    for one in comparison.differences:
        sentence = contracts.sentence(one)
        details = () if sentence in ruled else contracts.details(one)
        _item(items, sentence, details, loud=one.verdict == "broken")


def _environment(main: Element, environment: EnvironmentReview) -> None:
    section = SubElement(main, "section")
    _write(SubElement(section, "h2"), (Name.of(environment.environment),))
    for stack in environment.stacks:
        folded = len(environment.stacks) > _MAX_OPEN and not stack.loses and stack.error is None
        details = SubElement(section, "details", {} if folded else {"open": "open"})
        summary = SubElement(details, "summary")
        SubElement(summary, "b").text = visible(stack.location.title)
        for label, loud in _marks(stack):
            mark = SubElement(summary, "span", {"class": "loud" if loud else "mark"})
            mark.text = label
        if stack.error is not None:
            paragraph = SubElement(details, "p")
            paragraph.text = f"{stack.labels.failed}. The changes below may be incomplete. Error:"
            _code(details, stack.error.split("\n"))
        for area, name in AREAS.items():
            if changes := [one for one in stack.changes if one.area == area]:
                SubElement(details, "h3").text = name
                _changes(details, changes)
        if stack.changed:
            inner = SubElement(details, "details", {"class": "diff"})
            SubElement(inner, "summary").text = f"Terraform, {diff.counts([stack])}"
            _code(inner, list(diff.lines(stack)))


def _marks(stack: StackReview) -> list[tuple[str, bool]]:
    """The marks beside a stack's title: text, and True if the mark is highlighted."""
    marks = [(stack.labels.data_loss, True)] if stack.loses else []
    marks += [("failed", True)] if stack.error is not None else []
    for area, name in AREAS.items():
        if number := sum(one.area == area for one in stack.changes):
            marks.append((f"{name.lower()} {number}", False))
    return marks


def _changes(parent: Element, changes: Sequence[ReportChange]) -> None:
    items = SubElement(parent, "ul")
    for change in changes:
        loud = getattr(change, "loses", False) or bool(getattr(change, "loosened", ()))
        _item(items, change.sentence, change.details, loud=loud)


def _item(items: Element, sentence: Sentence, details: Sequence[Sentence], *, loud: bool = False) -> None:
    item = SubElement(items, "li", {"class": "loss"} if loud else {})
    _write(item, sentence)
    if details:
        inner = SubElement(item, "ul")
        for detail in details:
            _write(SubElement(inner, "li"), detail)


def _write(element: Element, sentence: Sentence) -> None:
    """Writes a sentence into an element, with names as code."""
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
