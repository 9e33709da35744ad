"""Constructs: a tree in which every construct has an id that is unique in its scope.

Source: the classes `Construct` and `Node` of the npm package `constructs`.
"""

from __future__ import annotations

from collections.abc import Iterator


class Construct:
    """A part of the tree.

    Args:
        scope: the construct that contains it; None for the root.
        id: its name in the scope.

    Raises:
        RuntimeError: the scope has a construct with this id already.
    """

    def __init__(self, scope: Construct | None, id: str) -> None:
        self.node = Node(self, scope, id)


class Node:
    """The place of a construct in the tree.

    Args:
        construct: the construct.
        scope: the construct that contains it; None for the root.
        id: its name in the scope; a `/` becomes `--`.
    """

    __slots__ = ("_children", "construct", "id", "path", "scope")

    def __init__(self, construct: Construct, scope: Construct | None, id: str) -> None:
        self.construct = construct
        self.scope = scope
        self.id = id.replace("/", "--")
        self.path = self.id
        self._children: dict[str, Construct] = {}
        if scope is None:
            return
        if scope.node.path:
            self.path = f"{scope.node.path}/{self.id}"
        if self.id in scope.node._children:
            raise RuntimeError(f"There is already a construct with name '{self.id}' in {scope.node.path}")
        scope.node._children[self.id] = construct

    @property
    def children(self) -> list[Construct]:
        """The constructs in this one, in the order of a JavaScript object: whole numbers come first."""
        numbers = sorted((id for id in self._children if _is_index(id)), key=int)
        return [self._children[id] for id in dict.fromkeys([*numbers, *self._children])]

    def try_find_child(self, id: str) -> Construct | None:
        """The construct with an id in this one; None if there is none."""
        return self._children.get(id.replace("/", "--"))

    def find_all(self) -> Iterator[Construct]:
        """All constructs from here down, each before those that it contains."""
        yield self.construct
        for child in self.children:
            yield from child.node.find_all()

    @property
    def scopes(self) -> list[Construct]:
        """The constructs from the root to this one."""
        above = self.scope.node.scopes if self.scope else []
        return [*above, self.construct]


def _is_index(id: str) -> bool:
    return id.isascii() and id.isdigit() and str(int(id)) == id and int(id) < 2**32 - 1
