"""Validates a document against a model: a frozen value, and all findings at once."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from mesh.documents.document import Document, Location
from mesh.documents.secret import named_like_secret, secret_field_message
from mesh.finding import Finding, nearest


class CheckedModel(BaseModel):
    """Base of the models of YAML files: frozen, without unknown fields.

    The docstring below a field is its description in the JSON Schema. `mesh/commands/schema.py` reads it from
    the source: pydantic's `use_attribute_docstrings` would read the source of every class at every start.
    Validators are built on first use, once per file and not for each nested model.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class FieldError(ValueError):
    """The error of a field's validator; becomes a finding.

    Args:
        code: the code of the finding.
        message: the message of the finding.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


D = TypeVar("D", bound=CheckedModel)

_EXPECTED = {
    "string_type": "should be text (put it in quotes)",
    "int_type": "should be a whole number",
    "int_parsing": "should be a whole number",
    "bool_type": "should be true or false",
    "bool_parsing": "should be true or false",
    "tuple_type": "should be a list",
    "dict_type": "should be a mapping",
    "mapping_type": "should be a mapping",
    "model_type": "should be a mapping of fields to values",
}


def validate_document(kind: type[D], document: Document) -> tuple[D, list[Finding]]:
    """Returns a document as a model, and the findings.

    Fields with errors are left out of the model, so that later checks can use the rest.
    """
    try:
        return kind.model_validate(document.data), []
    except ValidationError as error:
        errors = error.errors()
    inner = {details["loc"][:depth] for details in errors for depth in range(len(details["loc"]))}
    # a list that is empty because all its items have errors is not reported as too short
    reported = [
        details for details in errors if details["type"] != "too_short" or details["loc"] not in inner
    ]
    return _without_errors(kind, document, errors), [
        _finding(kind, document, details) for details in reported
    ]


def _without_errors(kind: type[D], document: Document, errors: list[ErrorDetails]) -> D:
    """The model of a document without the fields that have errors.

    A field whose list has a wrong item is left out completely: findings name items by their index.
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
        return kind.model_construct()  # without the fields that the file must have


def _drop(data: Any, location: Location) -> None:
    """Removes the field at `location` from `data`, if it is a field."""
    if location and location[-1] == "[key]":  # pydantic's location of a mapping's key
        location = location[:-1]
    for part in location[:-1]:
        exists = part in data if isinstance(data, dict) else isinstance(data, list) and isinstance(part, int)
        if not exists:
            return
        data = data[part]
    if location and isinstance(data, dict):
        data.pop(location[-1], None)


def _finding(kind: type[CheckedModel], document: Document, error: ErrorDetails) -> Finding:
    location: Location = error["loc"]
    if at_key := location[-1:] == ("[key]",):  # pydantic's location of a mapping's key
        location = location[:-1]
    name = location[-1] if location else ""
    match error["type"]:
        case "extra_forbidden" if named_like_secret(str(name)):
            return document.finding("secret-in-yaml", location, secret_field_message(str(name)), at_key=True)
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
            cause = error["ctx"]["error"]
            code = cause.code if isinstance(cause, FieldError) else "wrong-value"
            return document.finding(code, location, str(cause))
        case "too_short":
            return document.finding(
                "empty-list", location, f"`{_field(location)}` is empty (add at least one)"
            )
        case "literal_error":
            expected = f"one of {error['ctx']['expected']}"
            return document.finding(
                "wrong-value",
                location,
                f"{_displayed(error['input'])} is not a value of `{name}` ({expected})",
            )
        case "string_pattern_mismatch":
            right = f"should match `{error['ctx']['pattern']}`"
            message = f"`{_field(location)}` is {_displayed(error['input'])}: {right}"
            if at_key:
                message = f"`{name}`{_inside(location)}: {right}"
            return document.finding("wrong-value", location, message, at_key=at_key)
        case kind_of_error:
            right = _EXPECTED.get(kind_of_error, error["msg"].lower().replace("input should", "should"))
            return document.finding(
                "wrong-type", location, f"`{_field(location)}` is {_displayed(error['input'])}: {right}"
            )


def _inside(location: Location) -> str:
    names = [part for part in location[:-1] if isinstance(part, str)]
    return f" in {names[-1]}" if names else ""


def _field(location: Location) -> str:
    return next((part for part in reversed(location) if isinstance(part, str)), "the file")


def _displayed(value: object) -> str:
    match value:
        case None:
            return "empty"
        case dict():
            return "a mapping"
        case list():
            return "a list"
        case bool():
            return f"`{str(value).lower()}`"
        case str() if value.isdecimal() or value in ("true", "false"):
            return f'`"{value[:60]}"`'  # the quotes are the mistake
    text = str(value).replace("\n", " ")
    return f"`{text[:60]}…`" if len(text) > 60 else f"`{text}`"


def _fields(kind: Any, location: Location) -> list[str]:
    """The fields of the model at `location` within `kind`."""
    for part in location:
        if isinstance(part, str) and isinstance(kind, type) and issubclass(kind, CheckedModel):
            inner = (field for name, field in kind.model_fields.items() if part in (name, field.alias))
            kind = next((field.annotation for field in inner), kind)
        kind = next(_models_in(kind), kind)
    if not (isinstance(kind, type) and issubclass(kind, CheckedModel)):
        return []
    return [field.alias or name for name, field in kind.model_fields.items()]


def _models_in(annotation: Any) -> Iterator[type[CheckedModel]]:
    if isinstance(annotation, type) and issubclass(annotation, CheckedModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)
