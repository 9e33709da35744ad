"""Facts with their origins: a tree of names and values, each with the position that sets it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mesh.console import visible

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree

_WIDEST_COLUMN = 48  # wider values do not shift the origins of the other lines


@dataclass(frozen=True)
class Fact:
    """One value.

    Args:
        name: unique in its group.
        value: text, a number, true or false, or a list of text.
        origin: the origin of the value: `file:line`, `built in`, a variable, …
    """

    name: str
    value: Any
    origin: str

    @property
    def text(self) -> str:
        """The value on one line, for terminals."""
        match self.value:
            case "" | [] | ():
                return "(empty)"
            case bool():
                return str(self.value).lower()
            case list() | tuple() if all(isinstance(item, str) for item in self.value):
                return visible(", ".join(self.value))
            case list() | tuple() | dict():
                return visible(json.dumps(self.value, ensure_ascii=False, default=str))
        return visible(str(self.value))


@dataclass(frozen=True)
class Facts:
    """A named group of facts.

    Args:
        name: unique in its group.
        inside: the facts and groups, in order.
    """

    name: str
    inside: Sequence[Fact | Facts]


def as_json(facts: Facts) -> dict[str, Any]:
    """The facts by name: a fact as `{"value": …, "from": …}`, a group as an object."""
    return {
        one.name: {"value": _plain(one.value), "from": one.origin} if isinstance(one, Fact) else as_json(one)
        for one in facts.inside
    }


def as_tree(facts: Facts) -> Tree:
    """A tree for terminals with names, values and origins in columns; no text is cut."""
    from rich.text import Text
    from rich.tree import Tree

    tree = Tree(Text(visible(facts.name), "bold", overflow="fold"))
    _grow(tree, facts)
    return tree


def _grow(tree: Tree, facts: Facts) -> None:
    from rich.text import Text

    leaves = [one for one in facts.inside if isinstance(one, Fact)]
    widths = _width([visible(one.name) for one in leaves]), _width([one.text for one in leaves])
    for one in facts.inside:
        if isinstance(one, Fact):
            tree.add(_line(one, *widths))
        elif one.inside:
            _grow(tree.add(Text(visible(one.name), "cyan", overflow="fold")), one)


def _line(fact: Fact, names: int, values: int) -> Text:
    from rich.text import Text

    name, value = visible(fact.name), fact.text
    parts = ((_padded(name, names), "dim"), "  ", _padded(value, values), "  ", (fact.origin, "dim"))
    return Text.assemble(*parts, overflow="fold")


def _width(texts: Sequence[str]) -> int:
    from rich.cells import cell_len

    return max((width for text in texts if (width := cell_len(text)) <= _WIDEST_COLUMN), default=0)


def _padded(text: str, width: int) -> str:
    from rich.cells import cell_len

    return text + " " * (width - cell_len(text))


def _plain(value: Any) -> Any:
    """The value as JSON."""
    return json.loads(json.dumps(value, default=str))
