"""JSON Schemas that say each thing once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from itertools import count
from typing import Any

_REF = "#/$defs/"
_KEYWORDS = {"additionalProperties", "anyOf", "items", "properties"}
_SHORTEST = 200  # characters; what is shorter is easier to read where it stands


def defined_once(schema: dict[str, Any]) -> dict[str, Any]:
    """The same schema, where every object that it describes several times is described in `$defs`.

    Args:
        schema: a whole schema. An object that a reference in it goes through has to be there once only.
    """
    definitions: dict[str, Any] = schema.get("$defs", {})
    rest = {key: value for key, value in schema.items() if key != "$defs"}
    while repeated := _repeated([rest, definitions]):
        shared = _Shared(repeated, definitions)
        rest = shared.refer(rest, "")
        definitions = shared.inside_definitions() | shared.new
    return rest | ({"$defs": definitions} if definitions else {})


class _Shared:
    """One round: of what stands there several times, the outermost moves."""

    def __init__(self, repeated: Set[str], definitions: Mapping[str, Any]) -> None:
        self._repeated = repeated
        self._definitions = definitions
        self._names: dict[str, str] = {_form(body): name for name, body in reversed([*definitions.items()])}
        self.new: dict[str, Any] = {}

    def refer(self, value: Any, field: str) -> Any:
        """The value with references to what moves; `field` is the name of the property that it is of."""
        if isinstance(value, dict) and _describes_object(value) and (form := _form(value)) in self._repeated:
            said = {"description": value["description"]} if "description" in value else {}
            return said | {"$ref": _REF + self._name(form, field)}
        return self._inside(value, field)

    def inside_definitions(self) -> dict[str, Any]:
        """The definitions that there were; of two that say the same, the second refers to the first."""
        return {
            name: self._inside(body, name) if self._names[_form(body)] == name else self.refer(body, name)
            for name, body in self._definitions.items()
        }

    def _inside(self, value: Any, field: str) -> Any:
        if isinstance(value, list):
            return [self.refer(item, field) for item in value]
        if not isinstance(value, dict):
            return value
        return {key: self.refer(item, field if key in _KEYWORDS else key) for key, item in value.items()}

    def _name(self, form: str, field: str) -> str:
        if form not in self._names:
            free = (name for name in _numbered(field) if name not in {**self._definitions, **self.new})
            self._names[form] = next(free)
            self.new[self._names[form]] = json.loads(form)
        return self._names[form]


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}_{number}" for number in count(2))


def _repeated(value: Any) -> set[str]:
    forms = Counter(_form(described) for described in _objects(value))
    return {form for form, times in forms.items() if times > 1 and len(form) >= _SHORTEST}


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every description of an object, at any depth."""
    if isinstance(value, dict):
        if _describes_object(value):
            yield value
        value = [*value.values()]
    for item in value if isinstance(value, list) else ():
        yield from _objects(item)


def _describes_object(value: dict[str, Any]) -> bool:
    return isinstance(value.get("properties"), dict) and isinstance(value.get("type"), str)


def _form(described: dict[str, Any]) -> str:
    """What it says, apart from what it is called in the place where it stands."""
    return json.dumps({key: value for key, value in described.items() if key != "description"})
