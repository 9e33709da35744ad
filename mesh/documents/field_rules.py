"""Rules of a block's fields that a type cannot express: fields that exclude or need each other, and ranges.

A concept's module in `mesh/model` lists the rules of its blocks with their source. `Shape.ruled` adds
them to the shapes, so that such a block is checked wherever it is declared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from mesh.documents.document import Document, Location
from mesh.finding import Finding


class Rule(Protocol):
    """A rule of the fields of one block."""

    def check(self, given: Mapping[str, Any], document: Document, at: Location) -> Iterator[Finding]:
        """Checks a block.

        Args:
            given: its fields that have a value.
            document: the file.
            at: the block's location.
        """
        ...


@dataclass(frozen=True)
class BlockRules:
    """The rules of one block.

    Args:
        rules: rules of several fields.
        ranges: the smallest and largest number, or length of a list or text; None for no limit.
        values: the allowed values of a text; an empty tuple means the values that the SDK allows.
        required: fields that must be set, although Terraform's schema does not say so.
    """

    rules: Sequence[Rule] = ()
    ranges: Mapping[str, tuple[int | None, int | None]] = field(default_factory=dict)
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    required: Sequence[str] = ()


class AtMostOne:
    """Only one of several fields may be set."""

    def __init__(self, *fields: str) -> None:
        self.fields = fields

    def check(self, given: Mapping[str, Any], document: Document, at: Location) -> Iterator[Finding]:
        """Reports the second field that is set."""
        both = [name for name in self.fields if name in given]
        if len(both) > 1:
            message = f"{block_name(at)} has {' and '.join(both)} (keep one)"
            yield document.finding("conflicting-fields", (*at, both[1]), message, at_key=True)


class ExactlyOne(AtMostOne):
    """One of several fields must be set."""

    def check(self, given: Mapping[str, Any], document: Document, at: Location) -> Iterator[Finding]:
        """Reports that no field is set, or the second field that is set."""
        yield from super().check(given, document, at)
        if given.keys().isdisjoint(self.fields):
            message = f"{block_name(at)} has none of {', '.join(self.fields)} (add one)"
            yield document.finding("missing-field", at, message)


@dataclass(frozen=True)
class Excludes:
    """Fields of one group may not be set together with fields of another group.

    Args:
        fields: one group.
        others: the other group.
    """

    fields: Sequence[str]
    others: Sequence[str]

    def check(self, given: Mapping[str, Any], document: Document, at: Location) -> Iterator[Finding]:
        """Reports the first field of the other group if fields of both groups are set."""
        one = [name for name in self.fields if name in given]
        other = [name for name in self.others if name in given]
        if one and other:
            message = f"{block_name(at)} has {one[0]} and {other[0]} (keep one)"
            yield document.finding("conflicting-fields", (*at, other[0]), message, at_key=True)


@dataclass(frozen=True)
class Needs:
    """A field is only allowed together with another field, without which it has no effect.

    Args:
        fields: the dependent fields; a field that is false counts as not set.
        others: the other fields; at least one of them must be set.
    """

    fields: Sequence[str]
    others: Sequence[str]

    def check(self, given: Mapping[str, Any], document: Document, at: Location) -> Iterator[Finding]:
        """Reports a dependent field if none of the other fields is set."""
        for name in self.fields:
            if given.get(name, False) is not False and given.keys().isdisjoint(self.others):
                message = f"`{name}` needs {' or '.join(self.others)} (add it, or remove `{name}`)"
                yield document.finding("missing-field", (*at, name), message, at_key=True)


@dataclass(frozen=True)
class NotAbove:
    """One number may not exceed another number.

    Args:
        low: the field of the smaller number.
        high: the field of the larger number.
    """

    low: str
    high: str

    def check(self, given: Mapping[str, Any], document: Document, at: Location) -> Iterator[Finding]:
        """Reports that the smaller number exceeds the larger number."""
        low, high = given.get(self.low), given.get(self.high)
        if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
            message = f"`{self.low}` is {low}, above `{self.high}`, which is {high} (correct one)"
            yield document.finding("out-of-range", (*at, self.low), message)


@dataclass(frozen=True)
class Https:
    """A text is a URL that begins with `https://`.

    Args:
        field: the field.
    """

    field: str

    def check(self, given: Mapping[str, Any], document: Document, at: Location) -> Iterator[Finding]:
        """Reports a text without this prefix."""
        written = given.get(self.field)
        if isinstance(written, str) and not _is_https(written):
            message = f"`{self.field}` is `{written[:60]}`: should be a URL that begins with https://"
            yield document.finding("wrong-value", (*at, self.field), message)


def _is_https(text: str) -> bool:
    try:
        url = urlsplit(text)
    except ValueError:
        return False
    return url.scheme == "https" and bool(url.netloc)


def block_name(at: Location) -> str:
    """The name of the block at a location in a message, without indexes of lists."""
    name = next((part for part in reversed(at) if isinstance(part, str)), None)
    return f"`{name}`" if name else "the file"


def out_of_range(name: str, size: float, least: int | None, most: int | None, what: str) -> str | None:
    """Returns the message of a number or length outside its range; None inside it.

    Args:
        name: the field.
        size: the number or length.
        least: the smallest allowed value; None for no limit.
        most: the largest allowed value; None for no limit.
        what: the unit of a length, such as `items`; "" for a number.
    """
    if (least is None or size >= least) and (most is None or size <= most):
        return None
    allowed = " to ".join(str(end) for end in (least, most) if end is not None)
    if least is None or most is None:
        allowed += " at most" if least is None else " at least"
    number = f"{size:,} {what}" if what else f"{size}"
    return f"`{name}` {'has' if what else 'is'} {number} ({allowed})"


def check_rules(rules: Sequence[Rule], document: Document, at: Location) -> Iterator[Finding]:
    """Checks rules that combine fields of the mesh with fields of the provider.

    Args:
        rules: the rules.
        document: the file.
        at: the location of the fields.
    """
    value: Any = document.data
    for part in at:
        value = value[part]
    given = {name: inner for name, inner in value.items() if inner is not None}
    for rule in rules:
        yield from rule.check(given, document, at)
