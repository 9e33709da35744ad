"""The fields of Terraform resources and backends, as data to check YAML against.

The tables in `fields/<toolkit>` are generated from the toolkit's bindings (`make fields`), so that a
field of newer bindings needs no code here. A key is Terraform's name, with `[]` for a repeated block (`[10]`
if it may be repeated ten times) and `!` for a required field. A value is the block's own table, or the
type of an attribute: `string`, `number` or `bool`, with `[]` for a list and `{}` for a mapping. The known
values of a text may follow its type (`string: GIT, WORKSPACE`); they come from the SDK.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import SequenceMatcher, get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Literal

from mesh.documents.document import Document, Location
from mesh.documents.field_rules import BlockRules, Rule, out_of_range
from mesh.finding import Finding, nearest
from mesh.toolkit import toolkit

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
ANY_CASE = {"alerts", "channel", "edition", "git_provider", "label", "mode"}

_LONGEST_SHOWN = 60
_FEW = 3  # values that a message can list in place of a proposal


@dataclass(frozen=True)
class Field:
    """One field.

    Args:
        name: the name in YAML, in the API's spelling.
        terraform: the name in Terraform.
        type: `string`, `number` or `bool`; the shape of a block.
        many: `[]` for a list, `{}` for a mapping of that type.
        required: True if it must be set.
        values: the known values of a text; newer values may exist.
        closed: True if only these values are allowed.
        least: the smallest number, or length of a list or text; None for no limit.
        most: the largest number, or length of a list or text; None for no limit.
    """

    name: str
    terraform: str
    type: str | Shape
    many: Many = ""
    required: bool = False
    values: tuple[str, ...] = ()
    closed: bool = False
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True)
class Shape:
    """The fields of a resource, a backend or a block within one.

    Args:
        fields: by their names in YAML.
        block: the name of the resource, or of the block in YAML.
        rules: rules of several fields.
    """

    fields: Mapping[str, Field]
    block: str = ""
    rules: tuple[Rule, ...] = ()

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

    def ruled(self, by_block: Mapping[str, BlockRules]) -> Shape:
        """The shape with rules added to its blocks, at any depth.

        Args:
            by_block: the rules by the name of the block; the name of the resource for the shape itself.
        """
        own = by_block.get(self.block, BlockRules())
        fields = {name: _ruled(field, own, by_block) for name, field in self.fields.items()}
        return replace(self, fields=fields, rules=(*self.rules, *own.rules))


def _ruled(field: Field, own: BlockRules, by_block: Mapping[str, BlockRules]) -> Field:
    least, most = own.ranges.get(field.name, (field.least, field.most))
    made = replace(field, least=least, most=most, required=field.required or field.name in own.required)
    if (values := own.values.get(field.name)) is not None:
        made = replace(made, values=values or field.values, closed=True)
    return replace(made, type=made.type.ruled(by_block)) if isinstance(made.type, Shape) else made


@cache
def shape(name: str, of: Of = "resources") -> Shape:
    """The shape of a Databricks resource (`job`), or of a Terraform backend (`s3`), in the chosen toolkit."""
    table = json.loads((_TABLES / toolkit().name / of / f"{name}.json").read_text("utf-8"))
    return _shape(table, name)


@cache
def names(of: Of) -> tuple[str, ...]:
    """The names of all shapes, sorted."""
    return tuple(sorted(file.stem for file in (_TABLES / toolkit().name / of).glob("*.json")))


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
    given = {name: inner for name, inner in value.items() if inner is not None}
    for rule in shape.rules:
        yield from rule.check(given, document, at)


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


# A key of a table: the name, whether and how often the block repeats, whether it is required.
_KEY = re.compile(r"^(?P<name>.*?)(?P<many>\[(?P<most>\d*)\])?(?P<required>!)?$")


def _key(key: str) -> re.Match[str]:
    found = _KEY.match(key)
    assert found
    return found


def api_name(key: str, block: str) -> str:
    """The API's name of the field `key` of a table, within a block."""
    parts = _key(key)
    if parts["many"]:
        return _PLURAL.get(parts["name"], parts["name"])
    return _GIT_SOURCE.get(parts["name"], parts["name"]) if block == "git_source" else parts["name"]


def _field(key: str, value: str | Mapping[str, Any], block: str) -> Field:
    parts, spelled = _key(key), api_name(key, block)
    name, required = parts["name"], parts["required"] is not None
    if isinstance(value, str):
        kind, _, known = value.partition(": ")
        many: Many = "[]" if kind.endswith("[]") else "{}" if kind.endswith("{}") else ""
        values = tuple(known.split(", ")) if known else ()
        return Field(spelled, name, kind.removesuffix(many), many, required, values)
    if not parts["many"]:
        return Field(spelled, name, _shape(value, spelled), "", required)
    most = int(parts["most"]) if parts["most"] else None
    return Field(
        spelled, name, _shape(value, spelled), "[]", required, least=1 if required else None, most=most
    )


def _check_field(value: object, field: Field, document: Document, at: Location) -> Iterator[Finding]:
    if field.many == "":
        yield from _check_one(value, field, document, at)
    elif field.many == "[]":
        if not isinstance(value, list):
            yield _wrong_type(value, "a list", document, at)
            return
        yield from _check_length(value, field, document, at)
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
    elif field.many == "":
        yield from _check_size(value, field, document, at)


def _check_length(value: list[Any], field: Field, document: Document, at: Location) -> Iterator[Finding]:
    if field.least and not value:
        yield document.finding("empty-list", at, f"`{field.name}` is empty (add at least one)")
    elif message := out_of_range(field.name, len(value), field.least, field.most, "items"):
        yield document.finding("out-of-range", at, message)


def _check_size(value: object, field: Field, document: Document, at: Location) -> Iterator[Finding]:
    if isinstance(value, str):
        if field.least and not value:
            yield document.finding("missing-field", at, f"`{field.name}` is empty (write a text)")
    elif field.type == "number" and isinstance(value, int | float):
        message = out_of_range(field.name, value, field.least, field.most, "")
        if message:
            yield document.finding("out-of-range", at, message)


def _check_value(value: str, field: Field, document: Document, at: Location) -> Iterator[Finding]:
    known = intended_value(value, field.values, any_case=field.name in ANY_CASE)
    if field.closed and not (known and len(field.values) > _FEW):
        if field.name in ANY_CASE and value.upper() in (one.upper() for one in field.values):
            return
        listed = " or ".join(f"'{known}'" for known in field.values)
        message = f"`{_clipped(value)}` is not a value of `{field.name}` (one of {listed})"
        yield document.finding("wrong-value", at, message)
    elif known:
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
