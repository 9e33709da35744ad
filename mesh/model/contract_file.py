"""The fields of a data contract: a document of the Open Data Contract Standard, version 3.

Source: Open Data Contract Standard 3.1.0 of Bitol (Linux Foundation), "Fundamentals", "Schema",
"Service-Level Agreement", "Data Quality". Fields that say nothing about what readers rely on are accepted
and not read.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from mesh.documents.checked_model import CheckedModel, FieldError

# The versions of the standard that these fields are from
_STANDARD = re.compile(r"v3\.\d{1,4}\.\d{1,4}")
_VERSION = re.compile(r"\d{1,6}(\.\d{1,6}){0,2}")

# A contract promises nothing before it is active, and says that it ends before it does
Status = Literal["proposed", "draft", "active", "deprecated", "retired"]


def _standard(text: str) -> str:
    if not _STANDARD.fullmatch(text):
        message = f"`apiVersion` is `{text[:60]}`, which is not read (write v3.1.0, or another version 3)"
        raise FieldError("contract-standard", message)
    return text


def version_text(text: str) -> str:
    """Checks the version of a contract: one to three numbers, as in semantic versioning.

    Raises:
        FieldError: the text is no such version.
    """
    if not _VERSION.fullmatch(text):
        message = f"`version` is `{text[:60]}`: should be major.minor.patch, such as 1.2.0"
        raise FieldError("contract-version", message)
    return text


def _listed(declared: Any) -> Any:
    """An empty section counts as left out."""
    return () if declared is None else declared


Text = Annotated[str, Field(min_length=1, max_length=255)]


class _TypeFile(CheckedModel):
    """The type of a column, of a field inside it, or of the items of an array."""

    id: Any = None
    description: str | None = None
    logical_type: str | None = Field(None, alias="logicalType")
    physical_type: str | None = Field(None, alias="physicalType")
    physical_name: Text | None = Field(None, alias="physicalName")
    required: bool = False
    unique: bool = False
    primary_key: bool = Field(False, alias="primaryKey")
    primary_key_position: int = Field(-1, alias="primaryKeyPosition")
    classification: str | None = None
    properties: Annotated[tuple[ColumnFile, ...], BeforeValidator(_listed)] = ()
    items: _TypeFile | None = None
    quality: Annotated[tuple[dict[str, Any], ...], BeforeValidator(_listed)] = ()
    business_name: Any = Field(None, alias="businessName")
    logical_type_options: dict[str, Any] | None = Field(None, alias="logicalTypeOptions")
    partitioned: Any = None
    partition_key_position: Any = Field(None, alias="partitionKeyPosition")
    encrypted_name: Any = Field(None, alias="encryptedName")
    transform_source_objects: Any = Field(None, alias="transformSourceObjects")
    transform_logic: Any = Field(None, alias="transformLogic")
    transform_description: Any = Field(None, alias="transformDescription")
    examples: Any = None
    critical_data_element: Any = Field(None, alias="criticalDataElement")
    relationships: Any = None
    tags: Any = None
    custom_properties: Any = Field(None, alias="customProperties")
    authoritative_definitions: Any = Field(None, alias="authoritativeDefinitions")


class ColumnFile(_TypeFile):
    """A column of a table, or a field inside it; `properties` in the standard."""

    name: Text


class TableFile(CheckedModel):
    """A table or view; an entry of `schema` in the standard."""

    id: Any = None
    name: Text
    description: str | None = None
    physical_name: Text | None = Field(None, alias="physicalName")
    properties: tuple[ColumnFile, ...] = Field(min_length=1)
    quality: Annotated[tuple[dict[str, Any], ...], BeforeValidator(_listed)] = ()
    physical_type: Any = Field(None, alias="physicalType")
    logical_type: Any = Field(None, alias="logicalType")
    business_name: Any = Field(None, alias="businessName")
    data_granularity: Any = Field(None, alias="dataGranularityDescription")
    relationships: Any = None
    tags: Any = None
    custom_properties: Any = Field(None, alias="customProperties")
    authoritative_definitions: Any = Field(None, alias="authoritativeDefinitions")


class AgreementFile(CheckedModel):
    """A property of the service-level agreement; an entry of `slaProperties` in the standard."""

    id: Any = None
    property: Text
    value: str | int | float | bool
    value_ext: Any = Field(None, alias="valueExt")
    unit: str | None = None
    element: str | None = None
    driver: Any = None
    description: str | None = None
    scheduler: Any = None
    schedule: Any = None


class ContractFile(CheckedModel):
    """The fields of a contract."""

    api_version: Annotated[str, AfterValidator(_standard)] = Field(alias="apiVersion")
    kind: Literal["DataContract"]
    id: Text
    name: Text | None = None
    version: Annotated[str, AfterValidator(version_text)]
    status: Status
    tables: tuple[TableFile, ...] = Field(alias="schema", min_length=1)
    agreement: Annotated[tuple[AgreementFile, ...], BeforeValidator(_listed)] = Field(
        (), alias="slaProperties"
    )
    team: Any = None
    description: Any = None
    tenant: Any = None
    domain: Any = None
    data_product: Any = Field(None, alias="dataProduct")
    tags: Any = None
    servers: Any = None
    support: Any = None
    price: Any = None
    roles: Any = None
    sla_default_element: Any = Field(None, alias="slaDefaultElement")
    contract_created: Any = Field(None, alias="contractCreatedTs")
    custom_properties: Any = Field(None, alias="customProperties")
    authoritative_definitions: Any = Field(None, alias="authoritativeDefinitions")
