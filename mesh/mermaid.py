"""A graph as the text of a mermaid flowchart.

Source: mermaid documentation, "Flowcharts - Basic Syntax": entity codes, subgraphs, classes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mesh.graph import Edge, Graph, Node
from mesh.report import visible

LONGEST = 50_000
"""How many characters mermaid draws unless its `maxTextSize` says more; mermaid documentation, "Config"."""

# Letters, digits and spaces mean themselves everywhere, and `_ - . /` between letters: that is never
# Markdown, a list or emphasis. All else could end the text that it is in, or be taken for HTML.
_CODED = re.compile(r"[^\w\-./ ]|(?<![^\W_])[_\-./]|[_\-./](?![^\W_])")

_SHAPES = {
    "schema": ('[("', '")]'),
    "task": ('("', '")'),
    "pipeline": ('[["', '"]]'),
}
_BOX = ('["', '"]')


def mermaid(drawn: Graph) -> str:
    """The graph as text for mermaid: levels are subgraphs, flows boxes, tasks rounded, schemas cylinders."""
    return "".join(f"{line}\n" for line in _Flowchart(drawn).lines())


def coded(text: str) -> str:
    """Text that is nothing but text to mermaid, in its entity codes: `#34;` for a quotation mark."""
    return _CODED.sub(lambda found: f"#{ord(found[0])};", visible(text))


class _Flowchart:
    """Ids are numbers in the order of the nodes: a name could be a word that mermaid keeps for itself."""

    def __init__(self, drawn: Graph) -> None:
        self._drawn = drawn
        self._ids = {node.id: f"n{number}" for number, node in enumerate(drawn.nodes, 1)}
        self._inside: dict[str | None, list[Node]] = {}
        for node in drawn.nodes:
            self._inside.setdefault(node.parent if node.parent in self._ids else None, []).append(node)

    def lines(self) -> Iterator[str]:
        yield "flowchart LR"
        for node in self._inside.get(None, ()):
            yield from self._node(node, "  ")
        for edge in self._drawn.edges:
            yield f"  {self._edge(edge)}"
        if outside := [self._ids[node.id] for node in self._drawn.nodes if node.outside]:
            yield "  classDef outside stroke-dasharray: 4 4"
            yield f"  class {','.join(outside)} outside"

    def _node(self, node: Node, indent: str) -> Iterator[str]:
        id, below = self._ids[node.id], self._inside.get(node.id)
        if not below:
            begin, end = _SHAPES.get(node.kind, _BOX)
            yield f"{indent}{id}{begin}{_label(node)}{end}"
            return
        yield f'{indent}subgraph {id}["{_label(node)}"]'
        for inner in below:
            yield from self._node(inner, f"{indent}  ")
        yield f"{indent}end"

    def _edge(self, edge: Edge) -> str:
        words = {
            "reads": f"read as {edge.name}",
            "writes": "",
            "depends_on": edge.name or "",
            "runs": "runs",
        }[edge.kind]
        arrow = f'-->|"{coded(words)}"|' if words else "-->"
        return f"{self._ids[edge.source]} {arrow} {self._ids[edge.target]}"


def _label(node: Node) -> str:
    lines = (node.name, " on ".join(filter(None, (node.runs, node.compute))))
    return "<br>".join(coded(line) for line in lines if line)
