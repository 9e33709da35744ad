"""Calls of Python itself: built-in functions, methods of texts, and functions that are not known."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from mesh.lineage.frame_calls import Call
from mesh.lineage.python_value import (
    NONE,
    Computed,
    Frame,
    Items,
    Known,
    Pairs,
    Value,
    as_expression,
    combined,
    data_of,
    gap_of,
    text_of,
)
from mesh.lineage.table import UNKNOWN, Gap

_MOST_NUMBERS = 200  # of `range`
_LONGEST = 1_000_000  # the longest text that is computed, in characters
_SHORT = 2_000  # the longest text whose methods are computed


def unknown_call(name: str, call: Call) -> Value:
    """Returns the result of a function that is not known: it is computed from its arguments."""
    expressions = [as_expression(one, names=False) for one in call.values]
    if any(one.names or one.origin.columns for one in expressions) and not _has_data(call):
        return combined(expressions)
    gap = gap_of(call.values) or Gap(call.place, f"the result of `{name[:60]}` is only known when it runs")
    return Computed(gap, data_of(call.values))


def _has_data(call: Call) -> bool:
    return any(isinstance(one, Frame | Computed) for one in call.values)


def _range(call: Call) -> Value:
    numbers = [one.value for one in call.arguments if isinstance(one, Known) and isinstance(one.value, int)]
    if len(numbers) != len(call.arguments) or not 1 <= len(numbers) <= 3 or numbers[2:] == [0]:
        return unknown_call("range", call)
    found = range(*numbers)
    if len(found) > _MOST_NUMBERS:
        return unknown_call("range", call)
    return Items(tuple(Known(one) for one in found))


def _items(call: Call) -> Value:
    first = call.argument(0)
    if first is None:
        return Items(())
    if isinstance(first, Pairs):
        return Items(tuple(Known(key) for key in first.items))
    return first if isinstance(first, Items) else unknown_call("list", call)


def _dict(call: Call) -> Value:
    first = call.argument(0)
    if isinstance(first, Pairs):
        return Pairs({**first.items, **call.keywords})
    return unknown_call("dict", call) if first is not None else Pairs(dict(call.keywords))


def _text(call: Call) -> Value:
    first = call.argument(0)
    if isinstance(first, Known):
        return Known(str(first.value))
    return unknown_call("str", call)


def _length(call: Call) -> Value:
    first = call.argument(0)
    return Known(len(first.items)) if isinstance(first, Items | Pairs) else unknown_call("len", call)


def _zip(call: Call) -> Value:
    lists = [one.items for one in call.arguments if isinstance(one, Items)]
    if len(lists) != len(call.arguments):
        return unknown_call("zip", call)
    return Items(tuple(Items(tuple(one)) for one in zip(*lists, strict=False)))


def _enumerate(call: Call) -> Value:
    first = call.argument(0)
    if not isinstance(first, Items):
        return unknown_call("enumerate", call)
    return Items(tuple(Items((Known(index), one)) for index, one in enumerate(first.items)))


BUILT_IN: Mapping[str, Callable[[Call], Value]] = {
    "builtins.str": _text,
    "builtins.len": _length,
    "builtins.range": _range,
    "builtins.list": _items,
    "builtins.tuple": _items,
    "builtins.set": _items,
    "builtins.sorted": _items,
    "builtins.reversed": _items,
    "builtins.dict": _dict,
    "builtins.zip": _zip,
    "builtins.enumerate": _enumerate,
    "builtins.print": lambda _: NONE,
}

# Methods of texts whose result is computed
_OF_TEXT = frozenset(
    [
        "upper",
        "lower",
        "strip",
        "lstrip",
        "rstrip",
        "replace",
        "title",
        "capitalize",
        "casefold",
        "removeprefix",
        "removesuffix",
        "split",
        "rsplit",
        "splitlines",
        "partition",
        "rpartition",
        "startswith",
        "endswith",
        "zfill",
        "swapcase",
        "isdigit",
        "isalpha",
        "count",
        "find",
    ]
)


def call_text(text: str, name: str, call: Call) -> Value:
    """Calls a method of a text."""
    if name == "join":
        parts = call.argument(0)
        if isinstance(parts, Items) and len(text) <= _SHORT:
            texts = [text_of(one) if text_of(one) is not None else UNKNOWN for one in parts.items]
            return _bounded(text.join(map(str, texts)), call)
    if name == "format":
        return _formatted(text, call)
    short = len(text) <= _SHORT and all(len(text_of(one) or "") <= _SHORT for one in call.arguments)
    if name in _OF_TEXT and short and all(map(_is_known, call.arguments)) and not call.keywords:
        try:
            result = getattr(text, name)(*(one.value for one in call.arguments if isinstance(one, Known)))
        except (TypeError, ValueError, MemoryError, OverflowError):
            return unknown_call(name, call)
        if isinstance(result, list | tuple):
            return Items(tuple(Known(one) for one in result))
        return _bounded(result, call) if isinstance(result, str) else Known(result)
    return unknown_call(name, call)


def _is_known(value: Value) -> bool:
    return isinstance(value, Known)


def _formatted(text: str, call: Call) -> Value:
    for index, one in enumerate(call.arguments):
        shown = str(one.value) if isinstance(one, Known) else UNKNOWN
        text = text.replace("{}", shown, 1).replace(f"{{{index}}}", shown)
    for key, one in call.keywords.items():
        text = text.replace(f"{{{key}}}", str(one.value) if isinstance(one, Known) else UNKNOWN)
    return _bounded(text, call)


def _bounded(text: str, call: Call) -> Value:
    if len(text) > _LONGEST:
        return Computed(Gap(call.place, "the text is too long to be followed"))
    return Known(text)
