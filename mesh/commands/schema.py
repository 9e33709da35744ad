"""`mesh schema`: the JSON Schema of every YAML file, for editors, generated from the models of the files.

Source: JSON Schema 2020-12; YAML language server, `yaml.schemas`.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from itertools import count, pairwise
from pathlib import Path
from textwrap import dedent
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import ModelSchema

from mesh.commands.choices import SchemaFile
from mesh.documents.checked_model import CheckedModel
from mesh.errors import OutsideError
from mesh.model.compute import ComputeFile
from mesh.model.defaults import DefaultsFile
from mesh.model.deployment_file import LISTS, single_task_fields
from mesh.model.domain import DomainFile
from mesh.model.job import JobFile
from mesh.model.naming import CONFIG_FILE, PATH_FIELDS, RESOURCES
from mesh.model.org import OrgFile
from mesh.model.pipeline import PipelineFile
from mesh.model.project import ProjectFile
from mesh.model.quality_file import QualityFile
from mesh.model.review_policy import FILE as POLICY_FILE
from mesh.model.review_policy import PolicyFile
from mesh.model.rules_file import RulesFile
from mesh.workshop.prices import FILE as PRICES_FILE
from mesh.workshop.prices import PricesFile
from mesh.workshop.workshop_file import FILE as WORKSHOP_FILE
from mesh.workshop.workshop_file import WorkshopFile

_REF = "#/$defs/"
_KEYWORDS = {"additionalProperties", "anyOf", "items", "properties"}
_SHORTEST = 200  # characters; shorter descriptions stay where they are used


def defined_once(schema: dict[str, Any]) -> dict[str, Any]:
    """Moves every object description that occurs several times into `$defs`.

    Args:
        schema: a whole schema. An object on the path of a reference must occur only once.
    """
    definitions: dict[str, Any] = schema.get("$defs", {})
    rest = {key: value for key, value in schema.items() if key != "$defs"}
    while repeated := _repeated([rest, definitions]):
        shared = _Shared(repeated, definitions)
        rest = shared.refer(rest, "")
        definitions = shared.inside_definitions() | shared.new
    return rest | ({"$defs": definitions} if definitions else {})


class _Shared:
    """Moves the outermost repeated descriptions, in one pass."""

    def __init__(self, repeated: Set[str], definitions: Mapping[str, Any]) -> None:
        self._repeated = repeated
        self._definitions = definitions
        self._names: dict[str, str] = {_form(body): name for name, body in reversed([*definitions.items()])}
        self.new: dict[str, Any] = {}

    def refer(self, value: Any, field: str) -> Any:
        """The value with references to the moved descriptions; `field` is the name of its property."""
        if isinstance(value, dict) and _describes_object(value) and (form := _form(value)) in self._repeated:
            description = {"description": value["description"]} if "description" in value else {}
            return description | {"$ref": _REF + self._name(form, field)}
        return self._inside(value, field)

    def inside_definitions(self) -> dict[str, Any]:
        """The existing definitions; a definition with the same content as an earlier one refers to it."""
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
    """The object's description as JSON, without its own text, which differs between positions."""
    return json.dumps({key: value for key, value in described.items() if key != "description"})


FOLDER = "json-schema"  # not `schemas`, which are schemas of Unity Catalog


_MODELS: Mapping[SchemaFile, type[CheckedModel]] = {
    SchemaFile.ORG: OrgFile,
    SchemaFile.DOMAIN: DomainFile,
    SchemaFile.PROJECT: ProjectFile,
    SchemaFile.DEPLOYMENT: JobFile,
    SchemaFile.COMPUTE: ComputeFile,
    SchemaFile.DEFAULTS: DefaultsFile,
    SchemaFile.REVIEW: PolicyFile,
    SchemaFile.RULES: RulesFile,
    SchemaFile.QUALITY: QualityFile,
    SchemaFile.WORKSHOP: WorkshopFile,
    SchemaFile.PRICES: PricesFile,
}

_EVERY_LEVEL = ("orgs/*/", "domains/*/", "projects/*/")

# The file patterns of each schema for editors; they match at any depth.
GLOBS: Mapping[SchemaFile, tuple[str, ...]] = {
    SchemaFile.ORG: ("orgs/*/org.yml",),
    SchemaFile.DOMAIN: ("domains/*/domain.yml",),
    SchemaFile.PROJECT: ("projects/*/project.yml",),
    SchemaFile.DEPLOYMENT: ("flows/**/deployment.yml",),
    SchemaFile.COMPUTE: tuple(f"{level}compute.yml" for level in _EVERY_LEVEL),
    SchemaFile.DEFAULTS: tuple(f"{level}defaults.yml" for level in _EVERY_LEVEL),
    SchemaFile.NAMING: (CONFIG_FILE,),
    SchemaFile.REVIEW: (POLICY_FILE,),
    SchemaFile.RULES: ("orgs/*/rules.yml",),
    SchemaFile.QUALITY: ("flows/**/quality.yml",),
    SchemaFile.WORKSHOP: (WORKSHOP_FILE,),
    SchemaFile.PRICES: (PRICES_FILE,),
}


def schema(file: SchemaFile) -> dict[str, Any]:
    """The JSON Schema of one kind of file.

    The schema accepts all valid files. It does not detect errors that depend on several fields or files.
    """
    result = _naming() if file is SchemaFile.NAMING else _of_model(_MODELS[file])
    if file is SchemaFile.DEPLOYMENT:
        result |= {"description": "The jobs and pipelines of a flow."}
        _add_pipeline(result)
        _complete(result["properties"])
    about = {"$schema": GenerateJsonSchema.schema_dialect, "title": GLOBS[file][0].rpartition("/")[2]}
    result["type"] = ["object", "null"]  # an empty file is valid
    return defined_once(about | {key: value for key, value in result.items() if key not in about})


_OF_EITHER = "The field of a job or of a pipeline."


def _of_model(model: type[CheckedModel]) -> dict[str, Any]:
    schema: dict[str, Any] = _tidy(model.model_json_schema(schema_generator=_Generator))
    return schema


def _add_pipeline(schema: dict[str, Any]) -> None:
    """Adds the fields of a pipeline."""
    pipeline, fields = _of_model(PipelineFile), schema["properties"]
    schema["$defs"] = {**pipeline.get("$defs", {}), **schema.get("$defs", {})}
    for name, field in pipeline["properties"].items():
        known = fields.setdefault(name, field)
        inside = field.get("properties", field).keys()
        if not inside <= known.get("properties", known if known == field else {}).keys():
            fields[name] = {"description": _OF_EITHER, "anyOf": [known, field]}


def _complete(fields: dict[str, Any]) -> None:
    """Adds fields: overrides by environment, lists of jobs and pipelines, and the fields of a single task.

    The fields of an environment are not required, because the rest of the file sets them.
    """
    of_task = "#/properties/tasks/items/properties/"
    for name in LISTS:
        fields[name]["items"] = {"$ref": "#"}
    for name in sorted(single_task_fields()):
        task = {"$ref": f"{of_task}{name}"}
        pipeline = fields.get(name)
        fields[name] = {"description": _OF_EITHER, "anyOf": [task, pipeline]} if pipeline else task
    partial = {
        name: {"description": field.get("description", "As in `tasks`.")}
        if re.search(r'"(required|\$ref)"', json.dumps(field))
        else {"$ref": f"#/properties/{name}"}
        for name, field in fields.items()
    }
    override = {"type": ["object", "null"], "properties": partial, "additionalProperties": False}
    fields["environments"]["anyOf"][1]["additionalProperties"] = override


def schema_text(file: SchemaFile) -> str:
    """The text of the schema's file."""
    return json.dumps(schema(file), indent=2, ensure_ascii=False) + "\n"


def write_schemas(root: Path) -> list[str]:
    """Writes all schemas; returns the files, relative to `root`.

    Raises:
        OutsideError: a file cannot be written.
    """
    try:
        (root / FOLDER).mkdir(exist_ok=True)
        for file in SchemaFile:
            (root / FOLDER / f"{file}.json").write_text(schema_text(file), encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutsideError(f"cannot write {error.filename}: {error.strerror or error}") from error
    return [f"{FOLDER}/{file}.json" for file in SchemaFile]


class _Generator(GenerateJsonSchema):
    """Omits titles of fields, which would repeat their names, and adds the docstrings below the fields."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def model_schema(self, schema: ModelSchema) -> JsonSchemaValue:
        result = super().model_schema(schema)
        kind = schema["cls"]
        for ancestor in reversed(kind.__mro__):
            for name, text in _docstrings(ancestor).items() if issubclass(ancestor, CheckedModel) else ():
                if field := kind.model_fields.get(name):
                    result["properties"][field.alias or name]["description"] = text
        return result


def _docstrings(kind: type) -> dict[str, str]:
    """The docstring below each field of a class.

    Source: pydantic documentation, "Configuration", `use_attribute_docstrings`.
    """
    (definition,) = ast.parse(dedent(inspect.getsource(kind))).body
    texts: dict[str, str] = {}
    for pair in pairwise(definition.body if isinstance(definition, ast.ClassDef) else ()):
        match pair:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                texts[name] = inspect.cleandoc(text)
    return texts


def _tidy(value: Any) -> Any:
    """Adapts a schema for editors: JavaScript regular expressions, and no empty defaults."""
    if isinstance(value, list):
        return [_tidy(item) for item in value]
    if not isinstance(value, dict):
        return value
    tidy = {key: _tidy(item) for key, item in value.items()}
    if isinstance(tidy.get("patternProperties"), dict):
        ((pattern, inner),) = tidy.pop("patternProperties").items()
        tidy |= {"propertyNames": {"pattern": _pattern(pattern)}, "additionalProperties": inner}
    if isinstance(tidy.get("title"), str):
        tidy["title"] = tidy["title"].removesuffix("File")
    if isinstance(tidy.get("pattern"), str):
        tidy["pattern"] = _pattern(tidy["pattern"])
    if "default" in tidy and tidy["default"] in (None, [], {}) and "description" in tidy:
        del tidy["default"]
    return tidy


def _pattern(pattern: str) -> str:
    r"""The pattern for JavaScript, where `\w` does not match letters such as `ø`."""
    return re.sub(r"\\w(?=[^\[]*\])", r"0-9A-Z_a-z\\u0080-\\uFFFF", pattern)


def _naming() -> dict[str, Any]:
    template = {
        "type": "string",
        "pattern": _pattern(r"^[\w{}_\-]+$"),
        "description": f"Fields: {', '.join(f'{{{field}}}' for field in PATH_FIELDS)} and others.",
    }
    by_env = {
        "type": ["object", "null"],
        "required": ["other"],
        "properties": {"other": template | {"description": "The template in all other environments."}},
        "additionalProperties": template,
    }
    resources = {
        name: by_env | {"description": f"The name of a {name}, by environment."} for name in RESOURCES
    }
    regexp = {"type": ["string", "null"], "format": "regex"}
    naming = resources | {"path_regexp": regexp | {"description": "Named groups to take from the path."}}
    return {
        "description": "The naming templates on Databricks; the PyPI package brickops reads this file, too.",
        "type": "object",
        "properties": {"naming": {"type": ["object", "null"], "properties": naming}},
    }
