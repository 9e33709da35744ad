"""The content of a bundle as a tree in which each value knows its file and line.

A bundle spreads over several files, and its targets override parts of it. So positions belong to values here,
not to documents.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mesh.documents.document import Document, Location

# The key of the entries of lists that merge entry by entry; Databricks CLI, overrides of a target.
# Other lists of a target are appended to the list of the bundle.
ENTRY_KEYS = {
    "tasks": "task_key",
    "job_clusters": "job_cluster_key",
    "environments": "environment_key",
    "parameters": "name",
    "clusters": "label",
}


@dataclass(frozen=True, order=True)
class Place:
    """A position in a file of the bundle.

    Args:
        file: relative to the bundle's folder.
        line: counted from 1.
        column: counted from 1.
    """

    file: str
    line: int = 1
    column: int = 1


@dataclass(frozen=True)
class Node:
    """A value with its position.

    Args:
        value: a mapping of nodes, a list of nodes, or a plain value.
        place: the position of its key, or of the value in a list.
    """

    value: Any
    place: Place

    @property
    def fields(self) -> Mapping[str, Node]:
        """The nodes of a mapping; empty for other values."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> list[Node]:
        """The nodes of a list; empty for other values."""
        return self.value if isinstance(self.value, list) else []

    @property
    def text(self) -> str:
        """The text; "" for other values."""
        return self.value if isinstance(self.value, str) else ""

    def get(self, *names: str) -> Node | None:
        """Returns the node below these keys; None if it is missing or null."""
        node: Node | None = self
        for name in names:
            node = node.fields.get(name) if node else None
        return node if node and node.value is not None else None

    def child(self, *names: str) -> Node:
        """Returns the node below these keys; an empty mapping if it is missing."""
        return self.get(*names) or Node({}, self.place)

    def having(self, **fields: Node) -> Node:
        """The mapping with these fields added or replaced."""
        return replace(self, value={**self.fields, **fields})

    def without(self, *names: str) -> Node:
        """The mapping without these fields."""
        return replace(self, value={name: node for name, node in self.fields.items() if name not in names})

    def renamed(self, old: str, new: str) -> Node:
        """The mapping with a field under another name, in the same place."""
        return replace(self, value={new if name == old else name: node for name, node in self.fields.items()})

    def new(self, value: Any) -> Node:
        """A plain value or tree with the position of this node."""
        if isinstance(value, Node):
            return value
        if isinstance(value, Mapping):
            return Node({key: self.new(inner) for key, inner in value.items()}, self.place)
        if isinstance(value, list | tuple):
            return Node([self.new(inner) for inner in value], self.place)
        return Node(value, self.place)


def from_document(document: Document) -> Node:
    """Returns the content of a file."""

    def build(value: Any, at: Location) -> Node:
        mark = document.keys.get(at) or document.marks.get(at, (1, 1))
        place = Place(document.file, *mark)
        if isinstance(value, Mapping):
            return Node({key: build(inner, (*at, key)) for key, inner in value.items()}, place)
        if isinstance(value, list):
            return Node([build(inner, (*at, index)) for index, inner in enumerate(value)], place)
        return Node(value, place)

    return build(document.data, ())


def merged(base: Node, over: Node, name: str = "") -> Node:
    """Merges an override of a target into a value of the bundle.

    Args:
        base: the value of the bundle.
        over: the override.
        name: the field that holds both.
    """
    if isinstance(base.value, dict) and isinstance(over.value, dict):
        both = {
            key: merged(base.fields[key], node, key)
            for key, node in over.fields.items()
            if key in base.fields
        }
        return replace(base, value={**base.fields, **over.fields, **both})
    if isinstance(base.value, list) and isinstance(over.value, list):
        key = ENTRY_KEYS.get(name)
        return replace(base, value=_by_key(base, over, key) if key else [*base.items, *over.items])
    return over


def _by_key(base: Node, over: Node, key: str) -> list[Node]:
    entries: dict[str, Node] = {}
    for index, entry in enumerate((*base.items, *over.items)):
        name = entry.child(key).text or f"\0{index}"
        entries[name] = merged(entries[name], entry) if name in entries else entry
    return list(entries.values())


def plain(node: Node) -> Any:
    """Returns the value without positions."""
    if isinstance(node.value, dict):
        return {key: plain(inner) for key, inner in node.fields.items()}
    if isinstance(node.value, list):
        return [plain(inner) for inner in node.items]
    return node.value


def walk(node: Node, at: Location = ()) -> Iterator[tuple[Location, Node]]:
    """Yields every node of a tree with its location, outer nodes first."""
    yield at, node
    for key, inner in node.fields.items():
        yield from walk(inner, (*at, key))
    for index, inner in enumerate(node.items):
        yield from walk(inner, (*at, index))
