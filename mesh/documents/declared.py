"""How what a file declares becomes a frozen value, with all that is wrong in it at once."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from mesh.documents.document import Document, Location
from mesh.documents.secret import named_like_secret, wrong_field
from mesh.finding import Finding, nearest


class Declared(BaseModel):
    """Base of everything that a YAML file may declare: frozen, and no field it does not know.

    What stands below a field describes it in the JSON Schema; `mesh/commands/schema.py` reads it there, since
    pydantic's `use_attribute_docstrings` reads the source of every class whenever the program starts.
    Only what is asked to validate is built, once for a file and not for each part of it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Wrong(ValueError):
    """What a validator of a field complains of.

    Args:
        code: the finding's.
        message: the finding's.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


D = TypeVar("D", bound=Declared)

_RIGHT = {
    "string_type": "should be text (put it in quotes)",
    "int_type": "should be a whole number",
    "bool_type": "should be true or false",
    "tuple_type": "should be a list",
    "dict_type": "should be a mapping",
    "mapping_type": "should be a mapping",
    "model_type": "should be a mapping of fields to values",
}


def declare(kind: type[D], document: Document) -> tuple[D, list[Finding]]:
    """What `document` declares as a `kind`, and all that is wrong with it.

    What is wrong is left out of the declaration, so that the rest can be checked further.
    """
    try:
        return kind.model_validate(document.data), []
    except ValidationError as error:
        errors = error.errors()
    inner = {details["loc"][:depth] for details in errors for depth in range(len(details["loc"]))}
    # a list that lost all its items to other errors is not reported as too short as well
    told = [details for details in errors if details["type"] != "too_short" or details["loc"] not in inner]
    return _rest(kind, document, errors), [_finding(kind, document, details) for details in told]


def _rest(kind: type[D], document: Document, errors: list[ErrorDetails]) -> D:
    """What the document declares apart from the fields with errors.

    Items of lists stay where they are, since findings name them by their number; a field whose list has
    a wrong item is left out as a whole.
    """
    data = deepcopy(dict(document.data))
    for error in errors:
        _drop(data, error["loc"][:-1] if error["type"] in ("missing", "too_short") else error["loc"])
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        for left in error.errors():
            data.pop(str(left["loc"][0]) if left["loc"] else "", None)
    try:
        return kind.model_validate(data)
    except ValidationError:
        return kind()


def _drop(data: Any, location: Location) -> None:
    """Take the field at `location` out of `data`, where it is one."""
    if location and location[-1] == "[key]":  # pydantic's place of a mapping's key
        location = location[:-1]
    for part in location[:-1]:
        there = part in data if isinstance(data, dict) else isinstance(data, list) and isinstance(part, int)
        if not there:
            return
        data = data[part]
    if location and isinstance(data, dict):
        data.pop(location[-1], None)


def _finding(kind: type[Declared], document: Document, error: ErrorDetails) -> Finding:
    location: Location = error["loc"]
    if at_key := location[-1:] == ("[key]",):  # pydantic's place of a mapping's key
        location = location[:-1]
    name = location[-1] if location else ""
    match error["type"]:
        case "extra_forbidden" if named_like_secret(str(name)):
            return document.finding("secret-in-yaml", location, wrong_field(str(name)), at_key=True)
        case "extra_forbidden":
            fields = _fields(kind, location[:-1])
            where = _inside(location)
            message = f"unknown field `{name}`{where} ({nearest(str(name), fields, 'fields')})"
            return document.finding("unknown-field", location, message, at_key=True)
        case "missing":
            return document.finding(
                "missing-field", location[:-1], f"`{name}` is missing{_inside(location)} (add it)"
            )
        case "value_error":
            wrong = error["ctx"]["error"]
            code = wrong.code if isinstance(wrong, Wrong) else "wrong-value"
            return document.finding(code, location, str(wrong))
        case "too_short":
            return document.finding(
                "empty-list", location, f"`{_field(location)}` is empty (add at least one)"
            )
        case "literal_error":
            return document.finding(
                "wrong-value",
                location,
                f"{_shown(error['input'])} is no {name} (one of {error['ctx']['expected']})",
            )
        case "string_pattern_mismatch":
            right = f"should match `{error['ctx']['pattern']}`"
            message = f"`{_field(location)}` is {_shown(error['input'])}: {right}"
            if at_key:
                message = f"`{name}`{_inside(location)}: {right}"
            return document.finding("wrong-value", location, message, at_key=at_key)
        case kind_of_error:
            right = _RIGHT.get(kind_of_error, error["msg"].lower().replace("input should", "should"))
            return document.finding(
                "wrong-type", location, f"`{_field(location)}` is {_shown(error['input'])}: {right}"
            )


def _inside(location: Location) -> str:
    names = [part for part in location[:-1] if isinstance(part, str)]
    return f" in {names[-1]}" if names else ""


def _field(location: Location) -> str:
    return next((part for part in reversed(location) if isinstance(part, str)), "the file")


def _shown(value: object) -> str:
    match value:
        case None:
            return "empty"
        case dict():
            return "a mapping"
        case list():
            return "a list"
    text = str(value).replace("\n", " ")
    return f"`{text[:60]}…`" if len(text) > 60 else f"`{text}`"


def _fields(kind: Any, location: Location) -> list[str]:
    """The fields that the declaration at `location` within `kind` knows."""
    for part in location:
        if (
            isinstance(part, str)
            and isinstance(kind, type)
            and issubclass(kind, Declared)
            and part in kind.model_fields
        ):
            kind = kind.model_fields[part].annotation
        kind = next(_declared_in(kind), kind)
    if not (isinstance(kind, type) and issubclass(kind, Declared)):
        return []
    return [field.alias or name for name, field in kind.model_fields.items()]


def _declared_in(annotation: Any) -> Iterator[type[Declared]]:
    if isinstance(annotation, type) and issubclass(annotation, Declared):
        yield annotation
    for argument in get_args(annotation):
        yield from _declared_in(argument)
