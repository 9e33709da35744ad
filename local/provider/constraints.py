"""What the provider refuses before it sends anything: fields that exclude or need each other, and values.

The bindings hold none of these rules: they are those of the provider's schemas. Terraform itself checks
required attributes, types and the number of blocks.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from local.provider.schema import Block
from local.provider.values import UNKNOWN, ObjectValue, Value

Given = Mapping[str, Value]
Relation = Callable[[Given], Iterator[tuple[str, str]]]
"""A rule of several fields of one block: yields the field and the problem."""
Check = Callable[[Value], str | None]
"""A rule of one known value: returns the problem."""


@dataclass(frozen=True)
class Problem:
    """A configuration that the provider refuses.

    Args:
        path: the attribute or block, such as `trigger.periodic.unit`.
        text: what is wrong.
    """

    path: str
    text: str


@dataclass(frozen=True)
class Constraints:
    """The constraints of one resource type.

    Args:
        relations: the path of a block (empty for the resource itself) and the rules of its fields.
        values: the path of an attribute and the rule of its value.
    """

    relations: Mapping[str, tuple[Relation, ...]] = field(default_factory=dict)
    values: Mapping[str, Check] = field(default_factory=dict)

    def merged(self, other: Constraints) -> Constraints:
        """Return these constraints together with the constraints of other paths."""
        return Constraints({**self.relations, **other.relations}, {**self.values, **other.values})

    def problems(self, config: ObjectValue, block: Block, path: str = "") -> Iterator[Problem]:
        """Yield what the provider refuses of a configuration.

        Args:
            config: the configuration of the resource or of one block; unknown values are not checked.
            block: its schema.
            path: the path of the block; empty for the resource.
        """
        given = {name: value for name, value in config.items() if _is_given(name, value, block)}
        for relation in self.relations.get(path, ()):
            for name, text in relation(given):
                yield Problem(_join(path, name), text)
        for name, value in given.items():
            where = _join(path, name)
            if value is UNKNOWN:
                continue
            if name in block.blocks:
                for element in value if isinstance(value, list) else [value]:
                    yield from self.problems(element, block.blocks[name].block, where)
            elif where in self.values and (text := self.values[where](value)):
                yield Problem(where, f"{where} {text}")


def _is_given(name: str, value: Value, block: Block) -> bool:
    """Return whether a field is configured; an empty list of blocks is not."""
    return value is not None and not (name in block.blocks and value in ([], {}))


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def at_most_one(*names: str) -> Relation:
    """Return the rule that each of these fields excludes all others."""

    def rule(given: Given) -> Iterator[tuple[str, str]]:
        known = [name for name in names if name in given and given[name] is not UNKNOWN]
        if len(known) > 1:
            yield known[1], f"{known[0]} and {known[1]} exclude each other"

    return rule


def excluded(name: str, *others: str) -> Relation:
    """Return the rule that a field excludes others, which may be set together."""

    def rule(given: Given) -> Iterator[tuple[str, str]]:
        for other in others:
            if name in given and given.get(other) not in (None, UNKNOWN):
                yield name, f"{name} and {other} exclude each other"

    return rule


def exactly_one(*names: str) -> Relation:
    """Return the rule that one of these fields is set, and no other."""

    def rule(given: Given) -> Iterator[tuple[str, str]]:
        present = [name for name in names if name in given]
        known = [name for name in present if given[name] is not UNKNOWN]
        if not present or len(known) > 1:
            yield names[0], f"exactly one of {', '.join(names)} must be set"

    return rule


def at_least_one(*names: str) -> Relation:
    """Return the rule that one of these fields is set."""

    def rule(given: Given) -> Iterator[tuple[str, str]]:
        if given.keys().isdisjoint(names):
            yield names[0], f"one of {', '.join(names)} must be set"

    return rule


def needs(name: str, other: str) -> Relation:
    """Return the rule that a field is only set together with another one."""

    def rule(given: Given) -> Iterator[tuple[str, str]]:
        if name in given and other not in given:
            yield name, f"{name} needs {other}"

    return rule


def has(block: str, inner: str) -> Relation:
    """Return the rule that a block which occurs once contains a field."""

    def rule(given: Given) -> Iterator[tuple[str, str]]:
        elements = given.get(block)
        if isinstance(elements, list) and elements and not elements[0].get(inner):
            yield block, f"{block} needs {inner}"

    return rule


def one_of(*allowed: str, ignore_case: bool = False) -> Check:
    """Return the rule that a text is one of these."""
    texts = {text.casefold() for text in allowed} if ignore_case else set(allowed)

    def check(value: Value) -> str | None:
        text = value.casefold() if ignore_case else value
        return None if text in texts else f"is `{value}` (one of {', '.join(allowed)})"

    return check


def none_of(*refused: str) -> Check:
    """Return the rule that a text is none of these."""
    return lambda value: f"must not be `{value}`" if value in refused else None


def between(least: int, most: int | None = None) -> Check:
    """Return the rule that a number is in a range."""

    def check(value: Value) -> str | None:
        if value >= least and (most is None or value <= most):
            return None
        return f"is {value} (at least {least})" if most is None else f"is {value} ({least} to {most})"

    return check


def items(least: int, most: int | None = None) -> Check:
    """Return the rule that a list or set has a number of elements in a range."""

    def check(value: Value) -> str | None:
        problem = between(least, most)(len(value))
        return problem and f"has a number of elements that {problem}"

    return check


def not_empty(value: Value) -> str | None:
    """Return the problem of an empty text."""
    return None if value else "must not be empty"


def not_blank(value: Value) -> str | None:
    """Return the problem of a text of white space only."""
    return None if value.strip() else "must not be empty"


def base64_text(value: Value) -> str | None:
    """Return the problem of a text that is not in base64."""
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return "is not in base64"
    return None


def url_of(*schemes: str) -> Check:
    """Return the rule that a text is a URL with a host and one of these schemes."""

    def check(value: Value) -> str | None:
        try:
            url = urlsplit(value)
        except ValueError:
            return f"is `{value}`, which is not a URL"
        if not url.netloc:
            return f"is `{value}`, which has no host"
        return (
            None if url.scheme in schemes else f"is `{value}`, which begins with none of {', '.join(schemes)}"
        )

    return check
