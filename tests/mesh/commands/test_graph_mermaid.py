"""A graph as text for mermaid, whatever its names are."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesh.commands.graph import Edge, Graph, Node, coded, mermaid
from mesh.console import visible

HOSTILE = [
    'a"]',
    'x"] --> y["z',
    'a")]\n  click n1 "javascript:alert(1)"',
    "n1 --> n2\nclick n1 call alert()",
    "`**bold**`",
    "%% a comment",
    "%%{init: {'theme': 'dark'}}%%",
    "<script>alert(1)</script>",
    "<br>",
    "a; b | c { d } ( e ) [ f ]",
    "1. one",
    "- one",
    "__main__",
    "end",
    "subgraph",
    "#quot;#9829;&lt;",
    "style x:y#1;",
    "---\ntitle: x\n---",
    "fa:fa-car",
    "$$x^2$$",
    "\u202eabc\x1b[2J\0",
    "æøå 東京",
]
TEXT = r"(?:[\w ]|#\d+;|(?<=[^\W_])[_\-./](?=[^\W_]))*"
LABEL = rf'"{TEXT}(?:<br>{TEXT})?"'
LINE = re.compile(
    "flowchart LR|"
    rf" *n\d+(?:\[{LABEL}\]|\({LABEL}\)|\[\({LABEL}\)\])|"
    rf" *subgraph n\d+\[{LABEL}\]| *end|"
    rf'  n\d+ -->(?:\|"{TEXT}"\|)? n\d+|'
    r"  classDef outside stroke-dasharray: 4 4|  class n\d+(?:,n\d+)* outside"
)


def hostile(text: str) -> Graph:
    """A graph that says `text` wherever it can."""
    nodes = (
        Node("p", "project", text),
        Node("p/f", "flow", text, "p"),
        Node("p/f#t", "task", text, "p/f", runs=text, compute=text),
        Node("s", "schema", text, outside=True),
    )
    return Graph(nodes, (Edge("s", "p/f", "reads", text), Edge("p/f#t", "s", "depends_on", text)))


def read(text: str) -> str:
    """What mermaid shows for text with entity codes."""
    return re.sub(r"#(\d+);", lambda code: chr(int(code[1])), text)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_name_becomes_a_line_a_node_or_an_instruction_of_its_own(text: str) -> None:
    """Every line is of one of the few forms that are written here, and there are as many as things."""
    lines = mermaid(hostile(text)).splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert len(lines) == 11


@given(st.text())
def test_every_text_is_shown_as_it_is(text: str) -> None:
    """With what a terminal would obey written as an escape."""
    assert re.fullmatch(TEXT, coded(text))
    assert read(coded(text)) == visible(text)


def test_names_that_are_plain_are_readable_in_the_text() -> None:
    assert coded("acme_transport_taxinyc.dev-1/prep revenue") == "acme_transport_taxinyc.dev-1/prep revenue"


def test_a_level_with_nothing_in_it_is_a_box_as_subgraphs_are_never_empty() -> None:
    assert mermaid(Graph((Node("f", "flow", "f"),), ())) == 'flowchart LR\n  n1["f"]\n'
