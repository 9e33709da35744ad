"""The fields of a contract in the Data Contract Specification, which is older than the standard of Bitol.

Source: Data Contract Specification 1.2.1 (datacontract.com), with the fields of 0.9 and 1.1 that later
versions removed. Fields that say nothing about what readers rely on are accepted and not read. The
specification lets anybody add fields; here, they belong in `config`, because a misspelled field would promise
nothing.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from mesh.documents.checked_model import CheckedModel, FieldError
from mesh.finding import nearest
from mesh.model.contract_file import Text, version_text

_SPECIFICATION = re.compile(r"0\.9\.\d{1,4}|1\.\d{1,4}\.\d{1,4}")
_MODEL = r"^[a-zA-Z0-9_.-]{1,255}$"

# Types of the specification: in the words of the standard, and of Databricks if they are one type there
TYPES: dict[str, tuple[str | None, str | None]] = {
    **dict.fromkeys(("string", "text", "varchar"), ("string", "string")),
    **dict.fromkeys(("number", "decimal", "numeric"), ("number", None)),
    **dict.fromkeys(("int", "integer"), ("integer", "int")),
    **dict.fromkeys(("long", "bigint"), ("integer", "bigint")),
    "float": ("number", "float"),
    "double": ("number", "double"),
    "boolean": ("boolean", "boolean"),
    **dict.fromkeys(("timestamp", "timestamp_tz"), ("timestamp", "timestamp")),
    "timestamp_ntz": ("timestamp", "timestamp_ntz"),
    "date": ("date", "date"),
    "time": ("time", None),
    "array": ("array", None),
    "map": ("object", "map"),
    **dict.fromkeys(("object", "record", "struct"), ("object", None)),
    "bytes": (None, "binary"),
    "variant": (None, "variant"),
    **dict.fromkeys(("json", "null"), (None, None)),
}


def _specification(text: str) -> str:
    if not _SPECIFICATION.fullmatch(text):
        remedy = "write 1.2.1, or another version 0.9 or 1 with three numbers"
        message = f"`dataContractSpecification` is `{text[:60]}`, which is not read ({remedy})"
        raise FieldError("contract-standard", message)
    return text


def _type(text: str) -> str:
    if text.lower() not in TYPES:
        near = nearest(text, tuple(TYPES), "types")
        raise FieldError("wrong-value", f"`{text[:60]}` is not a type of the specification ({near})")
    return text.lower()


def _empty(declared: Any) -> Any:
    """An empty section counts as left out."""
    return {} if declared is None else declared


def _listed(declared: Any) -> Any:
    return () if declared is None else declared


Options = Annotated[dict[str, Any], BeforeValidator(_empty)]
Fields = Annotated[dict[Text, "FieldFile"], BeforeValidator(_empty)]
Rules = Annotated[tuple[dict[str, Any], ...], BeforeValidator(_listed)]


class FieldFile(CheckedModel):
    """A column, a field inside it, the items of an array, or a definition that columns refer to."""

    reference: str | None = Field(None, alias="$ref")
    type: Annotated[str, AfterValidator(_type)] | None = None
    description: str | None = None
    required: bool | None = None
    unique: bool | None = None
    primary_key: bool | None = Field(None, alias="primaryKey")
    primary: bool | None = None
    classification: str | None = None
    format: str | None = None
    pattern: str | None = None
    min_length: int | None = Field(None, alias="minLength")
    max_length: int | None = Field(None, alias="maxLength")
    minimum: int | float | None = None
    exclusive_minimum: int | float | None = Field(None, alias="exclusiveMinimum")
    maximum: int | float | None = None
    exclusive_maximum: int | float | None = Field(None, alias="exclusiveMaximum")
    precision: int | None = None
    scale: int | None = None
    enum: Annotated[tuple[Any, ...], BeforeValidator(_listed)] = ()
    fields_: Fields = Field({}, alias="fields")
    items: FieldFile | None = None
    quality: Rules = ()
    config: Options = Field({})
    keys: Any = None
    values: Any = None
    title: Any = None
    name: Any = None
    domain: Any = None
    pii: Any = None
    references: Any = None
    tags: Any = None
    links: Any = None
    example: Any = None
    examples: Any = None
    lineage: Any = None


class ModelFile(CheckedModel):
    """A table or view; an entry of `models` in the specification."""

    description: str | None = None
    fields_: Annotated[dict[Text, FieldFile], Field(alias="fields", min_length=1)]
    quality: Rules = ()
    primary_key: Annotated[tuple[str, ...], BeforeValidator(_listed)] = Field((), alias="primaryKey")
    type: Literal["table", "view", "object"] = "table"
    title: Any = None
    namespace: Any = None
    config: Any = None
    examples: Any = None
    additional_fields: Any = Field(None, alias="additionalFields")
    tags: Any = None
    links: Any = None


class InfoFile(CheckedModel):
    """Version, status and owner of a contract."""

    title: str
    version: Annotated[str, AfterValidator(version_text)]
    status: Literal["proposed", "draft", "in development", "active", "deprecated", "retired"] = "active"
    owner: str | None = None
    description: Any = None
    contact: Any = None


# The fields of each service level
_LEVELS: dict[str, tuple[str, ...]] = {
    "availability": ("description", "percentage"),
    "retention": ("description", "period", "unlimited", "timestampField"),
    "latency": ("description", "threshold", "sourceTimestampField", "processedTimestampField"),
    "freshness": ("description", "threshold", "timestampField"),
    "frequency": ("description", "type", "interval", "cron"),
    "support": ("description", "time", "responseTime"),
    "backup": ("description", "interval", "cron", "recoveryTime", "recoveryPoint"),
}


def _level(declared: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
    known = _LEVELS[str(info.field_name)]
    if unknown := next((name for name in declared if name not in known), None):
        message = f"unknown field `{unknown[:60]}` in {info.field_name} ({nearest(unknown, known, 'fields')})"
        raise FieldError("unknown-field", message)
    return declared


ServiceLevel = Annotated[dict[str, Any], BeforeValidator(_empty), AfterValidator(_level)]


class ServiceLevelsFile(CheckedModel):
    """What a contract promises about time and availability."""

    availability: ServiceLevel = Field({})
    retention: ServiceLevel = Field({})
    latency: ServiceLevel = Field({})
    freshness: ServiceLevel = Field({})
    frequency: ServiceLevel = Field({})
    support: ServiceLevel = Field({})
    backup: ServiceLevel = Field({})


class SpecificationFile(CheckedModel):
    """The fields of a contract in the Data Contract Specification."""

    specification: Annotated[str, AfterValidator(_specification)] = Field(alias="dataContractSpecification")
    id: Text
    info: InfoFile
    models: dict[Annotated[str, Field(pattern=_MODEL)], ModelFile] = Field(min_length=1)
    definitions: Fields = Field({})
    service_levels: ServiceLevelsFile | None = Field(None, alias="servicelevels")
    quality: Options = Field({})
    servers: Any = None
    terms: Any = None
    examples: Any = None
    links: Any = None
    tags: Any = None
