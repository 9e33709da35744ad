"""The sensitive values of a plan, wherever they stand in its texts: in addresses, paths, errors and checks.

Terraform marks the places of sensitive values, but the same value can also be part of a text that has no
mark, for example the path of a block that a sensitive name identifies.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mesh.review.masking import SENSITIVE, Marks, json_in, json_value_in, sensitive
from mesh.review.plan_text import too_deep

# A shorter value is part of too many words; it is hidden where it stands in quotes or brackets
_LEAST = 4
_SECTIONS = ("resource_changes", "resource_drift", "deferred_changes")


@dataclass(frozen=True)
class SensitiveText:
    """Hides sensitive values in texts.

    Args:
        values: the values.
        words: the names of attributes and types, which are hidden in quotes and brackets only.
    """

    values: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()

    def hide(self, text: str) -> str:
        """The text with every sensitive value masked."""
        for pattern in self._patterns:
            text = pattern.sub(SENSITIVE, text)
        return text

    def hide_in(self, value: Any) -> Any:
        """The value with sensitive values masked in its texts, except JSON, from which rules are read."""
        if isinstance(value, Mapping):
            return {key: self.hide_in(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.hide_in(inner) for inner in value]
        return self.hide(value) if isinstance(value, str) and json_in(value) is None else value

    @cached_property
    def _patterns(self) -> tuple[re.Pattern[str], ...]:
        forms = {form for value in self.values for form in _forms(value)}
        whole = _alternatives(one for one in forms if len(one) >= _LEAST and one not in self.words)
        quoted = rf"""(?<=["'`\[])(?:{_alternatives(forms)})(?=["'`\]])"""
        return tuple(re.compile(one) for one in (whole, quoted) if one and forms)


def _forms(value: str) -> Iterator[str]:
    """A value as texts contain it: literally, escaped as in JSON, and line by line."""
    yield value
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    if "\n" in value:
        yield from (line.strip() for line in value.splitlines() if len(line.strip()) >= _LEAST)


def _alternatives(values: Iterable[str]) -> str:
    return "|".join(re.escape(one) for one in sorted(values, key=lambda one: (-len(one), one)))


def sensitive_text(plan: Mapping[str, Any]) -> SensitiveText:
    """The sensitive values of a plan's JSON."""
    changes = [change for entry in _entries(plan) if isinstance(change := entry.get("change"), dict)]
    values: set[str] = set()
    for change in [*changes, *_outputs(plan)]:
        marks = Marks(sensitive(change.get("before_sensitive"), change.get("after_sensitive")))
        for side in ("before", "after"):
            values.update(_marked(change.get(side), marks))
    values.update(text for value in _variables(plan) for text in _texts(value))
    return SensitiveText(frozenset(values - {"", "true", "false", "null"}), _words(plan, changes))


def _entries(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """All entries of a plan that contain a change."""
    for section in _SECTIONS:
        entries = plan.get(section)
        for one in entries if isinstance(entries, list) else ():
            if isinstance(one, dict):
                inner = one.get("resource_change")
                yield inner if isinstance(inner, dict) else one


def _outputs(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    outputs = plan.get("output_changes")
    for one in outputs.values() if isinstance(outputs, dict) else ():
        if isinstance(one, dict):
            yield one


def _variables(plan: Mapping[str, Any]) -> Iterator[Any]:
    """The values of the variables that the configuration declares as sensitive."""
    declared: Any = plan
    for name in ("configuration", "root_module", "variables"):
        declared = declared.get(name) if isinstance(declared, dict) else None
    given = plan.get("variables")
    for name, one in (declared if isinstance(declared, dict) else {}).items():
        if isinstance(one, dict) and one.get("sensitive") is True and isinstance(given, dict):
            yield given.get(name)


def _marked(value: Any, marks: Marks) -> Iterator[str]:
    """The texts in a value that have a mark."""
    if marks.sensitive is True:
        yield from _texts(value)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _marked(inner, marks.of(key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _marked(inner, marks.of(index))


def _texts(value: Any) -> Iterator[str]:
    """All texts in a value: strings, numbers that are long enough, and keys of maps."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            # a key in lower case is the name of an attribute
            yield from () if re.fullmatch("[a-z][a-z0-9_]*", str(key)) else (str(key),)
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value
        inner = json_value_in(value)
        yield from () if too_deep(inner) else _texts(inner)
    elif isinstance(value, int | float) and not isinstance(value, bool) and len(str(value)) >= _LEAST:
        yield str(value)


def _words(plan: Mapping[str, Any], changes: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The names of the types and of the attributes at the top level, with the parts of the types."""
    types = {str(one.get("type") or "") for one in _entries(plan)}
    sides = [change.get(side) for change in changes for side in ("before", "after")]
    attributes = {str(key) for side in sides if isinstance(side, dict) for key in side}
    return frozenset(attributes | types | {part for type in types for part in type.split("_")})
