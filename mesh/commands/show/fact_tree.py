"""Facts with their origin: a tree of names and values, each with the place that it is from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mesh.console import visible

if TYPE_CHECKING:
    from rich.text import Text
    from rich.tree import Tree

_WIDEST_COLUMN = 48  # beyond it a value does not move the origins of all others


@dataclass(frozen=True)
class Fact:
    """One value.

    Args:
        name: what it is, unique among those beside it.
        value: text, a number, true or false, or a list of text.
        origin: where it is from: `file:line`, `built in`, or what else says it.
    """

    name: str
    value: Any
    origin: str

    @property
    def text(self) -> str:
        """The value on one line, for people."""
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
    """Facts that belong together.

    Args:
        name: what they are about, unique among those beside it.
        inside: the facts, in order.
    """

    name: str
    inside: Sequence[Fact | Facts]


def as_json(facts: Facts) -> dict[str, Any]:
    """By name: a fact as `{"value": …, "from": …}`, facts that belong together as a mapping of them."""
    return {
        one.name: {"value": _plain(one.value), "from": one.origin} if isinstance(one, Fact) else as_json(one)
        for one in facts.inside
    }


def as_tree(facts: Facts) -> Tree:
    """For people: names, values and origins in columns; nothing is ever cut."""
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
    """The value as JSON has it."""
    return json.loads(json.dumps(value, default=str))
