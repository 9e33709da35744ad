"""Tables of Unity Catalog that the code of a flow creates: what Terraform adds to them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from mesh.documents.checked_model import CheckedModel, FieldError
from mesh.model.grant import Grant, GrantFile
from mesh.model.level import Name

# Databricks documentation, "Apply tags to Unity Catalog securable objects", constraints; keys allow less here
_LONGEST = 1000


def _key(text: str) -> str:
    if not re.fullmatch(r"\w{1,255}", text):
        message = f"`{text[:60]}` is not a key of a tag (write letters, digits and `_`)"
        raise FieldError("wrong-value", message)
    return text


def _value(text: str) -> str:
    if len(text) > _LONGEST or not text.isprintable():
        message = f"the value of a tag is one line of at most {_LONGEST} characters"
        raise FieldError("wrong-value", f"{message} (shorten it)")
    return text


# editors know no other letters as `\w`
_PATTERN = r"^[0-9A-Z_a-z\u0080-\uFFFF]{1,255}$"
TagKey = Annotated[str, AfterValidator(_key), Field(json_schema_extra={"pattern": _PATTERN})]
TagValue = Annotated[str, AfterValidator(_value), Field(json_schema_extra={"maxLength": _LONGEST})]
ColumnName = Annotated[str, Field(max_length=255, pattern=r"^[\w-]+$")]
Tags = Mapping[TagKey, TagValue]
Comment = Annotated[str, Field(min_length=1, max_length=4000)]


def _listed(declared: Any) -> Any:
    return [declared] if isinstance(declared, str) else declared


Columns = Annotated[
    tuple[ColumnName, ...],
    Field(max_length=100),
    BeforeValidator(_listed, json_schema_input_type=str | tuple[str, ...]),
]
SomeColumns = Annotated[
    tuple[ColumnName, ...],
    Field(min_length=1, max_length=100),
    BeforeValidator(_listed, json_schema_input_type=str | tuple[str, ...]),
]


class TableColumnFile(CheckedModel):
    """A column of a table."""

    comment: Comment | None = None
    """What it means."""

    tags: Tags = Field(default_factory=dict)
    """Tags of the column, by key."""


class ReferenceFile(CheckedModel):
    """The table that a foreign key references. It has a primary key."""

    flow: str | None = None
    """The flow that fills it, which `reads` names, too; by default this flow."""

    schema_: Annotated[str | None, Field(alias="schema")] = None
    """The schema that contains it, by the name that its flow declares; by default the flow's first schema."""

    table: Name
    """Its name."""

    columns: Columns = ()
    """The columns of its primary key, if their order is to be said."""


class ForeignKeyFile(CheckedModel):
    """A foreign key. Databricks does not enforce it; people and tools see which tables belong together."""

    columns: SomeColumns
    """Its columns, in the order of the columns that they reference."""

    references: ReferenceFile
    """The table that it references."""


class TableFile(CheckedModel):
    """A table in deployment.yml, by its name. The code of the flow creates it and decides its columns."""

    comment: Comment | None = None
    """What it holds."""

    owner: Annotated[str, Field(min_length=1)] | None = None
    """The group, user or service principal that owns it in shared deployments; by default who creates it."""

    schema_: Annotated[str | None, Field(alias="schema")] = None
    """The schema that contains it, by the name that the flow declares; by default its only schema."""

    tags: Tags = Field(default_factory=dict)
    """Tags of the table, by key."""

    columns: Mapping[ColumnName, TableColumnFile] = Field(default_factory=dict)
    """Columns by name."""

    primary_key: Columns = ()
    """The columns whose values identify a row. They get `NOT NULL`."""

    foreign_keys: Mapping[Name, ForeignKeyFile] = Field(default_factory=dict)
    """Foreign keys, by their names."""

    grants: tuple[GrantFile, ...] = ()
    """Grants on this table only."""


@dataclass(frozen=True)
class AssignedTag:
    """A tag of a table or column.

    Args:
        suffix: the end of its Terraform name, after the table's.
        entity_type: `tables` or `columns`.
        entity: the full name of the table or column.
        key: its key.
        value: its value.
    """

    suffix: str
    entity_type: str
    entity: str
    key: str
    value: str


@dataclass(frozen=True)
class Table:
    """A table as Terraform finds it.

    Args:
        id: its Terraform name.
        name: its name in Unity Catalog.
        schema: the id of its schema in the same deployment.
        schema_name: catalog and schema, joined by `.`.
        declared: its name in deployment.yml; None if only a contract names it.
        flow: the path of its flow.
        tags: its tags.
        column_tags: the tags of its columns, by column.
        grants: merged, one per principal.
        formerly: former Terraform names, oldest first.
    """

    id: str
    name: str
    schema: str
    schema_name: str
    declared: str | None
    flow: str
    tags: Mapping[str, str] = field(default_factory=dict)
    column_tags: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    grants: tuple[Grant, ...] = ()
    formerly: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        """Catalog, schema and name, joined by `.`, as in the Unity Catalog API."""
        return f"{self.schema_name}.{self.name}"

    @property
    def assigned_tags(self) -> Iterator[AssignedTag]:
        """Its tags, and those of its columns."""
        for key, value in self.tags.items():
            yield AssignedTag(f"_tag_{key}", "tables", self.full_name, key, value)
        for column, tags in self.column_tags.items():
            for key, value in tags.items():
                suffix, entity = f"_column_{column}_tag_{key}", f"{self.full_name}.{column}"
                yield AssignedTag(suffix, "columns", entity, key, value)
