"""JSON Schema of every YAML file, for editors; made from the models that read the files.

Source: JSON Schema 2020-12; YAML language server, `yaml.schemas`.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Set
from enum import StrEnum
from itertools import count, pairwise
from pathlib import Path
from textwrap import dedent
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import ModelSchema

from mesh.documents.declared import Declared
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
from mesh.model.review_policy import FILE as POLICY_FILE
from mesh.model.review_policy import PolicyFile
from mesh.workshop.prices import FILE as PRICES_FILE
from mesh.workshop.prices import PricesFile
from mesh.workshop.workshop_file import FILE as WORKSHOP_FILE
from mesh.workshop.workshop_file import WorkshopFile

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


FOLDER = "json-schema"  # a folder `schemas` would be taken for those of Unity Catalog


class File(StrEnum):
    """The YAML files that a mesh is made of."""

    ORG = "org"
    DOMAIN = "domain"
    PROJECT = "project"
    DEPLOYMENT = "deployment"
    COMPUTE = "compute"
    DEFAULTS = "defaults"
    NAMING = "naming"
    REVIEW = "review"
    WORKSHOP = "workshop"
    PRICES = "prices"


_MODELS: Mapping[File, type[Declared]] = {
    File.ORG: OrgFile,
    File.DOMAIN: DomainFile,
    File.PROJECT: ProjectFile,
    File.DEPLOYMENT: JobFile,
    File.COMPUTE: ComputeFile,
    File.DEFAULTS: DefaultsFile,
    File.REVIEW: PolicyFile,
    File.WORKSHOP: WorkshopFile,
    File.PRICES: PricesFile,
}

_EVERY_LEVEL = ("orgs/*/", "domains/*/", "projects/*/")

# Where each is in a mesh, as editors match files: at any depth.
GLOBS: Mapping[File, tuple[str, ...]] = {
    File.ORG: ("orgs/*/org.yml",),
    File.DOMAIN: ("domains/*/domain.yml",),
    File.PROJECT: ("projects/*/project.yml",),
    File.DEPLOYMENT: ("flows/**/deployment.yml",),
    File.COMPUTE: tuple(f"{level}compute.yml" for level in _EVERY_LEVEL),
    File.DEFAULTS: tuple(f"{level}defaults.yml" for level in _EVERY_LEVEL),
    File.NAMING: (CONFIG_FILE,),
    File.REVIEW: (POLICY_FILE,),
    File.WORKSHOP: (WORKSHOP_FILE,),
    File.PRICES: (PRICES_FILE,),
}


def schema(file: File) -> dict[str, Any]:
    """The JSON Schema of one kind of file.

    It takes what the mesh takes; what only several fields or files together show to be wrong, it does
    not see.
    """
    made = _naming() if file is File.NAMING else _of_model(_MODELS[file])
    if file is File.DEPLOYMENT:
        made |= {"description": "What is deployed of a flow: a job or a pipeline, or several."}
        _add_pipeline(made)
        _complete(made["properties"])
    about = {"$schema": GenerateJsonSchema.schema_dialect, "title": GLOBS[file][0].rpartition("/")[2]}
    made["type"] = ["object", "null"]  # an empty file says nothing, which is fine
    return defined_once(about | {key: value for key, value in made.items() if key not in about})


_OF_EITHER = "Of a job, or of a pipeline."


def _of_model(model: type[Declared]) -> dict[str, Any]:
    made: dict[str, Any] = _tidy(model.model_json_schema(schema_generator=_Generator))
    return made


def _add_pipeline(made: dict[str, Any]) -> None:
    """What the file may say where it is a pipeline's."""
    pipeline, fields = _of_model(PipelineFile), made["properties"]
    made["$defs"] = {**pipeline.get("$defs", {}), **made.get("$defs", {})}
    for name, field in pipeline["properties"].items():
        known = fields.setdefault(name, field)
        inside = field.get("properties", field).keys()
        if not inside <= known.get("properties", known if known == field else {}).keys():
            fields[name] = {"description": _OF_EITHER, "anyOf": [known, field]}


def _complete(fields: dict[str, Any]) -> None:
    """What a deployment.yml may say of single environments, of single jobs, and of one task in the job.

    In an environment nothing is required, since the rest of the file says it.
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


def text(file: File) -> str:
    """The schema as it is written into a file."""
    return json.dumps(schema(file), indent=2, ensure_ascii=False) + "\n"


def write(root: Path) -> list[str]:
    """Write all schemas anew; the files, from `root`.

    Raises:
        OutsideError: the disk or its permissions.
    """
    try:
        (root / FOLDER).mkdir(exist_ok=True)
        for file in File:
            (root / FOLDER / f"{file}.json").write_text(text(file), encoding="utf-8", newline="\n")
    except OSError as error:
        raise OutsideError(f"cannot write {error.filename}: {error.strerror or error}") from error
    return [f"{FOLDER}/{file}.json" for file in File]


class _Generator(GenerateJsonSchema):
    """Without titles of fields, which would say their names once more, and with what stands below each."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def model_schema(self, schema: ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        kind = schema["cls"]
        for ancestor in reversed(kind.__mro__):
            for name, text in _docstrings(ancestor).items() if issubclass(ancestor, Declared) else ():
                if field := kind.model_fields.get(name):
                    made["properties"][field.alias or name]["description"] = text
        return made


def _docstrings(kind: type) -> dict[str, str]:
    """What stands below each field of a class.

    Source: pydantic documentation, "Configuration", `use_attribute_docstrings`.
    """
    (written,) = ast.parse(dedent(inspect.getsource(kind))).body
    texts: dict[str, str] = {}
    for pair in pairwise(written.body if isinstance(written, ast.ClassDef) else ()):
        match pair:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                texts[name] = inspect.cleandoc(text)
    return texts


def _tidy(value: Any) -> Any:
    """The schema without defaults that say nothing, for editors' regular expressions and for people."""
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
    r"""The pattern for JavaScript too, where `\w` knows no letter but a to z."""
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
        "properties": {"other": template | {"description": "In every environment that is not named."}},
        "additionalProperties": template,
    }
    resources = {
        name: by_env | {"description": f"The name of a {name}, by environment."} for name in RESOURCES
    }
    regexp = {"type": ["string", "null"], "format": "regex"}
    naming = resources | {"path_regexp": regexp | {"description": "Named groups to take from the path."}}
    return {
        "description": "How things are called on Databricks; the file that the PyPI package brickops reads.",
        "type": "object",
        "properties": {"naming": {"type": ["object", "null"], "properties": naming}},
    }
