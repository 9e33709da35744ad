"""The fields of Terraform resources and backends, as data to check YAML against.

The tables in `fields/` are generated from the installed bindings (`make fields`), so that a
field of newer bindings needs no code here. A key is Terraform's name, with `[]` for a repeated block and
`!` for a required field. A value is the block's own table, or the type of an attribute: `string`, `number`
or `bool`, with `[]` for a list and `{}` for a mapping. The known values of a text may follow its type
(`string: GIT, WORKSPACE`); they come from the SDK.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher, get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Literal

from mesh.documents.document import Document, Location
from mesh.finding import Finding, nearest

_SHORTEST = 6  # shorter values resemble too many known values


def intended_value(value: str, known: Iterable[str], *, any_case: bool) -> str | None:
    """Returns the known value that was intended; None if the value may be newer than the list.

    Newer values resemble known ones: they differ by a number, a word or a negating prefix. So only one
    missing, additional, different or moved letter, or different case, counts as a misspelling.

    Args:
        value: the written value, which is not known.
        known: all known values.
        any_case: True if Databricks ignores case.
    """
    by_upper = {one.upper(): one for one in known}
    written = value.upper()
    if written in by_upper:
        return None if any_case else by_upper[written]
    for near in get_close_matches(written, by_upper, n=1, cutoff=0.8):
        if min(len(near), len(written)) >= _SHORTEST and near[0] == written[0] and _one_slip(written, near):
            return by_upper[near]
    return None


def _one_slip(one: str, other: str) -> bool:
    """True if the difference is one character that is not a digit."""
    changes = [
        (one[start:end], other[from_:to])
        for what, start, end, from_, to in SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
        if what != "equal"
    ]
    removed, added = ("".join(letters) for letters in zip(*changes, strict=True))
    return len(removed) < 2 and len(added) < 2 and not any(letter.isdigit() for letter in removed + added)


Of = Literal["resources", "backends"]
Many = Literal["", "[]", "{}"]

_TABLES = Path(__file__).parent / "fields"

# Databricks Jobs, Pipelines and Instance Pools API: lists are in the plural, where Terraform repeats a block.
_PLURAL = {
    "cluster": "clusters",
    "cluster_mount_info": "cluster_mount_infos",
    "environment": "environments",
    "job_cluster": "job_clusters",
    "launch_template_override": "launch_template_overrides",
    "library": "libraries",
    "notification": "notifications",
    "parameter": "parameters",
    "preloaded_docker_image": "preloaded_docker_images",
    "task": "tasks",
}
# Databricks Jobs API, `git_source`: Terraform leaves the prefix out.
_GIT_SOURCE = {name: f"git_{name}" for name in ("branch", "commit", "provider", "tag", "url")}

# Databricks Terraform provider: `databricks_job` and `databricks_pipeline` compare some of these without
# case; for the others no source says that case matters.
_ANY_CASE = {"alerts", "channel", "cluster_size", "edition", "git_provider", "label", "mode"}

_LONGEST_SHOWN = 60


@dataclass(frozen=True)
class Field:
    """One field.

    Args:
        name: the name in YAML, in the API's spelling.
        terraform: the name in Terraform.
        type: `string`, `number` or `bool`; the shape of a block.
        many: `[]` for a list, `{}` for a mapping of that type.
        required: True if it must be set.
        values: the known values of a text; newer ones may exist.
        closed: True if only these values are allowed.
    """

    name: str
    terraform: str
    type: str | Shape
    many: Many = ""
    required: bool = False
    values: tuple[str, ...] = ()
    closed: bool = False


@dataclass(frozen=True)
class Shape:
    """The fields of a resource, a backend or a block within one.

    Args:
        fields: by their names in YAML.
        block: the name of the resource, or of the block in YAML.
    """

    fields: Mapping[str, Field]
    block: str = ""

    def without(self, *names: str) -> Shape:
        """The shape without these fields."""
        return replace(self, fields={name: field for name, field in self.fields.items() if name not in names})

    def adding(self, *fields: Field) -> Shape:
        """The shape with these fields added or replaced."""
        return replace(self, fields={**self.fields, **{field.name: field for field in fields}})

    def optional(self, *names: str) -> Shape:
        """The shape with these fields optional."""
        return self.adding(*(replace(self.fields[name], required=False) for name in names))

    def inside(self, name: str) -> Shape:
        """The shape of the block `name`."""
        inner = self.fields[name].type
        if not isinstance(inner, Shape):
            raise TypeError(f"{name} is a {inner}, not a block")
        return inner


@cache
def shape(name: str, of: Of = "resources") -> Shape:
    """The shape of a Databricks resource (`job`), or of a Terraform backend (`s3`)."""
    table = json.loads((_TABLES / of / f"{name}.json").read_text("utf-8"))
    return _shape(table, name)


@cache
def names(of: Of) -> tuple[str, ...]:
    """The names of all shapes, sorted."""
    return tuple(sorted(file.stem for file in (_TABLES / of).glob("*.json")))


def check(value: object, shape: Shape, document: Document, at: Location) -> Iterator[Finding]:
    """Checks a value against a shape; an empty field counts as missing.

    Args:
        value: the value at `at`.
        shape: the expected shape.
        document: the file.
        at: the location in the file.
    """
    if not isinstance(value, Mapping):
        yield _wrong_type(value, "a mapping of fields to values", document, at)
        return
    for name, inner in value.items():
        if (field := shape.fields.get(name)) is None:
            known = nearest(_clipped(name), shape.fields, "fields")
            message = f"unknown field `{_clipped(name)}`{_inside(at)} ({known})"
            yield document.finding("unknown-field", (*at, name), message, at_key=True)
        elif inner is not None:
            yield from _check_field(inner, field, document, (*at, name))
    for name, field in shape.fields.items():
        if field.required and value.get(name) is None:
            yield document.finding("missing-field", at, f"`{name}` is missing{_inside(at)} (add it)")


def terraform_arguments(value: Mapping[str, Any], shape: Shape) -> dict[str, Any]:
    """Translates a value from the API's spelling to Terraform's; empty fields are left out.

    Args:
        value: fields and their values; fields that are not in the shape are copied.
        shape: the shape of the value.
    """
    arguments: dict[str, Any] = {}
    for name, inner in value.items():
        field = shape.fields.get(name)
        if field is None:
            arguments[name] = inner
        elif inner is not None:
            arguments[field.terraform] = _argument(inner, field)
    return arguments


def _argument(value: Any, field: Field) -> Any:
    if not isinstance(field.type, Shape):
        return value
    if field.many == "[]":
        return [terraform_arguments(item, field.type) for item in value]
    return terraform_arguments(value, field.type)


def _shape(table: Mapping[str, Any], block: str) -> Shape:
    fields = (_field(key, value, block) for key, value in table.items())
    return Shape({field.name: field for field in fields}, block)


def api_name(key: str, block: str) -> str:
    """The API's name of the field `key` of a table, within a block."""
    name = key.removesuffix("!")
    if name.endswith("[]"):
        name = name.removesuffix("[]")
        return _PLURAL.get(name, name)
    return _GIT_SOURCE.get(name, name) if block == "git_source" else name


def _field(key: str, value: str | Mapping[str, Any], block: str) -> Field:
    spelled, required = api_name(key, block), key.endswith("!")
    name = key.removesuffix("!").removesuffix("[]")
    if isinstance(value, str):
        kind, _, known = value.partition(": ")
        many: Many = "[]" if kind.endswith("[]") else "{}" if kind.endswith("{}") else ""
        values = tuple(known.split(", ")) if known else ()
        return Field(spelled, name, kind.removesuffix(many), many, required, values)
    many = "[]" if key.removesuffix("!").endswith("[]") else ""
    return Field(spelled, name, _shape(value, spelled), many, required)


def _check_field(value: object, field: Field, document: Document, at: Location) -> Iterator[Finding]:
    if field.many == "":
        yield from _check_one(value, field, document, at)
    elif field.many == "[]":
        if not isinstance(value, list):
            yield _wrong_type(value, "a list", document, at)
            return
        for index, item in enumerate(value):
            yield from _check_one(item, field, document, (*at, index))
    elif not isinstance(value, Mapping):
        yield _wrong_type(value, "a mapping", document, at)
    else:
        for key, item in value.items():
            yield from _check_one(item, field, document, (*at, key))


def _check_one(value: object, field: Field, document: Document, at: Location) -> Iterator[Finding]:
    if isinstance(field.type, Shape):
        yield from check(value, field.type, document, at)
    elif not _is_a(value, field.type):
        yield _wrong_type(value, _EXPECTED[field.type], document, at)
    elif isinstance(value, str) and field.values and value not in field.values:
        yield from _check_value(value, field, document, at)


def _check_value(value: str, field: Field, document: Document, at: Location) -> Iterator[Finding]:
    if field.closed:
        listed = " or ".join(f"'{known}'" for known in field.values)
        message = f"`{_clipped(value)}` is not a value of `{field.name}` (one of {listed})"
        yield document.finding("wrong-value", at, message)
    elif known := intended_value(value, field.values, any_case=field.name in _ANY_CASE):
        message = f"`{field.name}` is `{_clipped(value)}`, which is not a value of Databricks"
        yield document.finding("misspelled-value", at, f"{message} (did you mean `{known}`?)")


_EXPECTED = {"string": "text (put it in quotes)", "number": "a number", "bool": "true or false"}


def _is_a(value: object, kind: str) -> bool:
    if kind == "string":
        return isinstance(value, str)
    if kind == "bool":
        return isinstance(value, bool)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _wrong_type(value: object, expected: str, document: Document, at: Location) -> Finding:
    name = next((part for part in reversed(at) if isinstance(part, str)), "the file")
    return document.finding(
        "wrong-type", at, f"`{_clipped(name)}` is {_displayed(value)}: should be {expected}"
    )


def _inside(at: Location) -> str:
    names = [part for part in at if isinstance(part, str)]
    return f" in {_clipped(names[-1])}" if names else ""


def _displayed(value: object) -> str:
    match value:
        case None:
            return "empty"
        case Mapping():
            return "a mapping"
        case list():
            return "a list"
        case bool():
            return f"`{str(value).lower()}`"
        case str():
            return f'`"{_clipped(value)}"`'
    return f"`{_clipped(str(value))}`"


def _clipped(text: str) -> str:
    line = text.replace("\n", " ")
    return f"{line[:_LONGEST_SHOWN]}…" if len(line) > _LONGEST_SHOWN else line
