"""The rules of a review that somebody approves: on the command line, or in the text of a pull request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from html.parser import HTMLParser
from itertools import pairwise
from typing import TYPE_CHECKING

from mesh.errors import UsageError
from mesh.finding import nearest
from mesh.model.review_policy import RULES

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token

_APPROVAL = re.compile(r"([a-z-]+): approved *")
_FOOTNOTE = re.compile(r"\[\^[^\]\s]+\]:")
# The HTML elements that change how the text in them is read: those that GitHub shows, and those of browsers
# without text. GitHub drops the tags of all others, such as `<stack>`. Source: the allow list of GitHub's
# html-pipeline, SanitizationFilter.
_ELEMENTS = {
    *("a", "b", "blockquote", "code", "dd", "del", "details", "div", "dl", "dt", "em"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "i", "ins", "kbd", "li", "ol", "pre", "q", "s", "samp"),
    *("span", "strike", "strong", "sub", "summary", "sup", "table", "tbody", "td", "tfoot", "th"),
    *("thead", "tr", "tt", "ul", "var"),
    *("abbr", "bdo", "caption", "cite", "dfn", "figcaption", "figure", "mark", "picture", "rp", "rt", "ruby"),
    *("small", "time"),
    # no text for readers in a browser, whatever a page makes of them
    *("audio", "canvas", "datalist", "dialog", "iframe", "math", "noembed", "noframes", "noscript"),
    *("object", "option", "plaintext", "script", "select", "style", "svg", "template", "textarea", "title"),
    *("video", "xmp"),
}
# Characters that GitHub reads as a pair: struck-through text and mathematics
_PAIRS = "~$"


def approvals(named: Iterable[str], text: str = "") -> frozenset[str]:
    """The approved rules: from the command line and from a pull request's text.

    Args:
        named: the rules on the command line.
        text: the pull request's text; a line `<rule>: approved` approves a rule.

    Raises:
        UsageError: a rule on the command line does not exist.
    """
    for name in named:
        if name not in RULES:
            raise UsageError(f"`{name}` is not a review rule ({nearest(name, RULES, 'rules')})")
    return frozenset(named) | {rule for line in _plain_lines(text) if (rule := _approved(line)) in RULES}


def _approved(line: str) -> str:
    match = _APPROVAL.fullmatch(line)
    return match[1] if match else ""


def _plain_lines(text: str) -> Iterator[str]:
    """The lines of Markdown that a reader sees as plain text: lines of paragraphs at the top level."""
    opened = _OpenElements()
    tokens = _parser().parse(text)
    for before, token in pairwise(tokens):
        if before.type == "html_block":
            opened.feed(before.content)
        elif token.type == "inline":
            plain = before.type == "paragraph_open" and before.level == 0
            yield from _lines_of(token.children or (), opened, plain=plain)


def _lines_of(children: Sequence[Token], opened: _OpenElements, *, plain: bool) -> list[str]:
    """The lines of a paragraph that consist of text only; also follows the HTML elements in it."""
    lines: list[str | None] = [""]
    for one in children:
        if one.type in ("softbreak", "hardbreak"):
            lines.append("")
        elif one.type == "html_inline":
            opened.feed(one.content)
            lines[-1] = None
        elif one.type != "text" or one.level or opened.any:
            lines[-1] = None
        elif lines[-1] is not None:
            lines[-1] += one.content
    texts = [line or "" for line in lines]
    return [
        line
        for number, line in enumerate(texts)
        if plain and not _between_pair("\n".join(texts[:number]), "\n".join(texts[number + 1 :]))
    ]


def _between_pair(before: str, after: str) -> bool:
    return any(one in before and one in after for one in _PAIRS)


class _OpenElements(HTMLParser):
    """The HTML elements that are open at a position, as far as they change how text is read."""

    def __init__(self) -> None:
        super().__init__()
        self._open: list[str] = []
        self._cut_off = False

    @property
    def any(self) -> bool:
        """True if text at this position is in an element, or in a tag that does not end."""
        return self._cut_off or bool(self._open)

    def feed(self, data: str) -> None:
        """Reads one piece of HTML; a piece that ends within a tag hides everything after it."""
        try:
            super().feed(data)
        except AssertionError:  # of the parser, at declarations that it does not know
            self._cut_off = True
        self._cut_off = self._cut_off or "<" in self.rawdata
        self.reset()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Opens an element."""
        if tag in _ELEMENTS:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Opens an element: HTML ignores the slash in `<details/>`."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Closes the innermost element of this name."""
        if tag in self._open:
            del self._open[len(self._open) - 1 - self._open[::-1].index(tag)]


def _parser() -> MarkdownIt:
    """CommonMark with what GitHub adds to it."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    parser.block.ruler.before("reference", "footnote", _footnote, {"alt": ["paragraph", "reference"]})
    return parser


def _footnote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Leaves out a footnote, which GitHub shows at the end of the text, or not at all."""
    text = state.bMarks[start] + state.tShift[start]
    if state.is_code_block(start) or not _FOOTNOTE.match(state.src, text):
        return False
    if not silent:
        line = start + 1
        # further paragraphs are indented; a paragraph's lines need not be
        while line < end and (
            state.isEmpty(line) or not state.isEmpty(line - 1) or state.sCount[line] >= state.blkIndent + 4
        ):
            line += 1
        state.line = line
    return True
