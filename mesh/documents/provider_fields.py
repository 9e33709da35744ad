"""What Terraform takes, as data: the fields of resources and backends, to check YAML against.

The tables in `fields/` are generated from the installed bindings (`make fields`), so that a
field that newer bindings know needs no code here. A key in them is Terraform's name, with `[]` where the
block may stand many times and `!` where it is required; a value is the block's own table, or the type of
an attribute: `string`, `number` or `bool`, with `[]` for a list and `{}` for a mapping of them. After a
text's type may stand the values that are known of it (`string: GIT, WORKSPACE`), which the SDK tells.
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

_SHORTEST = 6  # of what has fewer letters, too much is near


def meant(value: str, known: Iterable[str], *, any_case: bool) -> str | None:
    """The known value that was meant; None where the value may well be one that is newer than the list.

    Newer values resemble known ones: they have another number or another word, or a syllable before them
    that turns their meaning round. Only one letter that is missing, too many, another or moved, and
    letters in the other case, make a value misspelled.

    Args:
        value: what is written, none of the known ones.
        known: all that are known.
        any_case: whether Databricks compares them without case.
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
    """Whether one letter, which is no digit, makes the difference."""
    changes = [
        (one[start:end], other[from_:to])
        for what, start, end, from_, to in SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
        if what != "equal"
    ]
    gone, come = ("".join(letters) for letters in zip(*changes, strict=True))
    return len(gone) < 2 and len(come) < 2 and not any(letter.isdigit() for letter in gone + come)


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

# Databricks Terraform provider: `databricks_job` and `databricks_pipeline` compare these without case; of
# the others no source says that case counts.
_ANY_CASE = {"alerts", "channel", "cluster_size", "edition", "git_provider", "label", "mode"}

_LONGEST_SHOWN = 60


@dataclass(frozen=True)
class Field:
    """One field.

    Args:
        name: in YAML, which has the API's spelling.
        terraform: in Terraform.
        type: `string`, `number` or `bool`; of a block, what it holds.
        many: whether it is a list (`[]`) or a mapping (`{}`) of that.
        required: whether it has to be there.
        values: of text, those that Databricks is known to take; newer ones may join them.
        closed: whether the mesh takes no other value than these.
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
        block: what holds them: the resource's name, else the block's in YAML.
    """

    fields: Mapping[str, Field]
    block: str = ""

    def without(self, *names: str) -> Shape:
        """The shape without fields that the mesh sets itself."""
        return replace(self, fields={name: field for name, field in self.fields.items() if name not in names})

    def adding(self, *fields: Field) -> Shape:
        """The shape with fields that only the mesh knows, or that differ from Terraform's."""
        return replace(self, fields={**self.fields, **{field.name: field for field in fields}})

    def optional(self, *names: str) -> Shape:
        """The shape with fields that need not be there, since something else provides them."""
        return self.adding(*(replace(self.fields[name], required=False) for name in names))

    def inside(self, name: str) -> Shape:
        """What the block `name` holds."""
        inner = self.fields[name].type
        if not isinstance(inner, Shape):
            raise TypeError(f"{name} is a {inner}, no block")
        return inner


@cache
def shape(name: str, of: Of = "resources") -> Shape:
    """The shape of a Databricks resource (`job`), or of a Terraform backend (`s3`)."""
    table = json.loads((_TABLES / of / f"{name}.json").read_text("utf-8"))
    return _shape(table, name)


@cache
def names(of: Of) -> tuple[str, ...]:
    """What there are shapes of, in alphabetical order."""
    return tuple(sorted(file.stem for file in (_TABLES / of).glob("*.json")))


def check(value: object, shape: Shape, document: Document, at: Location) -> Iterator[Finding]:
    """All that is wrong with a value that has to be of a shape; an empty field counts as not there.

    Args:
        value: what the document holds at `at`.
        shape: what it should be.
        document: the file.
        at: where in the file.
    """
    if not isinstance(value, Mapping):
        yield _wrong(value, "a mapping of fields to values", document, at)
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


def terraform(value: Mapping[str, Any], shape: Shape) -> dict[str, Any]:
    """A value in the API's spelling as Terraform's arguments; empty fields are left out.

    Args:
        value: fields and their values; those that the shape does not know stay as they are.
        shape: what they are.
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
        return [terraform(item, field.type) for item in value]
    return terraform(value, field.type)


def _shape(table: Mapping[str, Any], block: str) -> Shape:
    fields = (_field(key, value, block) for key, value in table.items())
    return Shape({field.name: field for field in fields}, block)


def api_name(key: str, block: str) -> str:
    """What the API calls the field that a table has under `key`, within a block."""
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
            yield _wrong(value, "a list", document, at)
            return
        for index, item in enumerate(value):
            yield from _check_one(item, field, document, (*at, index))
    elif not isinstance(value, Mapping):
        yield _wrong(value, "a mapping", document, at)
    else:
        for key, item in value.items():
            yield from _check_one(item, field, document, (*at, key))


def _check_one(value: object, field: Field, document: Document, at: Location) -> Iterator[Finding]:
    if isinstance(field.type, Shape):
        yield from check(value, field.type, document, at)
    elif not _is_a(value, field.type):
        yield _wrong(value, _RIGHT[field.type], document, at)
    elif isinstance(value, str) and field.values and value not in field.values:
        yield from _check_value(value, field, document, at)


def _check_value(value: str, field: Field, document: Document, at: Location) -> Iterator[Finding]:
    if field.closed:
        listed = " or ".join(f"'{known}'" for known in field.values)
        message = f"`{_clipped(value)}` is not a {field.name} (one of {listed})"
        yield document.finding("wrong-value", at, message)
    elif known := meant(value, field.values, any_case=field.name in _ANY_CASE):
        message = f"`{field.name}` is `{_clipped(value)}`, which Databricks does not know"
        yield document.finding("misspelled-value", at, f"{message} (did you mean `{known}`?)")


_RIGHT = {"string": "text (put it in quotes)", "number": "a number", "bool": "true or false"}


def _is_a(value: object, kind: str) -> bool:
    if kind == "string":
        return isinstance(value, str)
    if kind == "bool":
        return isinstance(value, bool)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _wrong(value: object, right: str, document: Document, at: Location) -> Finding:
    name = next((part for part in reversed(at) if isinstance(part, str)), "the file")
    return document.finding("wrong-type", at, f"`{_clipped(name)}` is {_shown(value)}: should be {right}")


def _inside(at: Location) -> str:
    names = [part for part in at if isinstance(part, str)]
    return f" in {_clipped(names[-1])}" if names else ""


def _shown(value: object) -> str:
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
