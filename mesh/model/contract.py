"""A contract: what a flow promises about tables that it fills, as readers see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from mesh.documents.checked_model import validate_document
from mesh.documents.document import Document, Location
from mesh.finding import Finding, nearest
from mesh.model.contract_file import AgreementFile, ColumnFile, ContractFile, Status, TableFile, _TypeFile
from mesh.model.contract_specification import as_standard, is_specification

Rule = Mapping[str, Any]

# A contract with such a status promises nothing yet
NOT_YET: tuple[Status, ...] = ("proposed", "draft")


class Version(NamedTuple):
    """A version of a contract, as in semantic versioning; missing numbers are 0."""

    major: int
    minor: int = 0
    patch: int = 0

    @classmethod
    def of(cls, text: str) -> Version:
        """The version of a checked text, such as `1.2`."""
        return cls(*map(int, text.split(".")))

    def __str__(self) -> str:
        return ".".join(map(str, self))


@dataclass(frozen=True)
class Column:
    """A column, or a field inside it.

    Args:
        name: its name in the table; `address.city` for a field, `tags[]` for the items of an array.
        logical: the type in the words of the standard; None if not said.
        physical: the type in the words of Databricks; None if not said.
        required: True if it is never null.
        unique: True if no value occurs twice.
        classification: how confidential it is; None if not said.
        description: its meaning; None if not said.
        quality: the rules that its values follow.
        options: the options of its type, such as `maximum`.
        at: its location in the document.
    """

    name: str
    logical: str | None
    physical: str | None
    required: bool
    unique: bool
    classification: str | None
    description: str | None
    quality: tuple[Rule, ...]
    options: Rule
    at: Location

    @property
    def type(self) -> str | None:
        """The type as text: that of Databricks, else that of the standard."""
        return self.physical or self.logical

    @property
    def key(self) -> str:
        """The name by which columns are the same: Unity Catalog does not tell capitals apart."""
        return self.name.lower()


@dataclass(frozen=True)
class Table:
    """A table or view.

    Args:
        name: its name.
        schema: the schema of the flow that holds it, before the naming template; None if not said.
        columns: its columns with the fields inside them, in order.
        primary_key: the names of the columns of its primary key, in order.
        description: its meaning; None if not said.
        quality: the rules that its rows follow.
        at: its location in the document.
    """

    name: str
    schema: str | None
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    description: str | None
    quality: tuple[Rule, ...]
    at: Location

    @property
    def key(self) -> str:
        """The name by which tables are the same."""
        return self.full_name.lower()

    @property
    def full_name(self) -> str:
        """The name, after the schema if the contract says it."""
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclass(frozen=True)
class Contract:
    """A contract that a flow provides.

    Args:
        document: its file.
        name: the name by which others read it: `name`, else `id`.
        version: its version.
        status: where it is in its life.
        tables: what it promises.
        agreement: the properties of its service-level agreement.
        owner: who answers for it, as its team says; None if nobody is named as owner.
    """

    document: Document
    name: str
    version: Version
    status: Status
    tables: tuple[Table, ...]
    agreement: tuple[AgreementFile, ...]
    owner: str | None

    @property
    def file(self) -> str:
        """Its path, relative to the mesh's root."""
        return self.document.file

    @property
    def title(self) -> str:
        """Its name with its version."""
        return f"{self.name} {self.version}"

    def position(self, *at: str | int) -> str:
        """The position of a value as `file:line`."""
        return self.document.position(at)


def contract(document: Document) -> tuple[Contract | None, list[Finding]]:
    """Returns the contract of a document, and the findings; None if the document has errors."""
    if not document.data:
        return None, [document.finding("missing-field", (), "the contract is empty (add its fields)")]
    if is_specification(document):
        converted, wrong = as_standard(document)
        return contract(converted) if converted else (None, wrong)
    declared, wrong = validate_document(ContractFile, document)
    if wrong:
        return None, wrong
    tables = tuple(_table(one, ("schema", index)) for index, one in enumerate(declared.tables))
    found = Contract(
        document,
        declared.name or declared.id,
        Version.of(declared.version),
        declared.status,
        tables,
        declared.agreement,
        _owner(declared.team),
    )
    return found, list(_check(found))


def _table(declared: TableFile, at: Location) -> Table:
    named = declared.physical_name or declared.name
    schema, _, name = named.rpartition(".")
    keyed = [
        (one.primary_key_position, index, one.physical_name or one.name)
        for index, one in enumerate(declared.properties)
        if one.primary_key
    ]
    return Table(
        name,
        schema or None,
        tuple(_columns(declared.properties, "", (*at, "properties"))),
        tuple(name for *_, name in sorted(keyed)),
        declared.description,
        declared.quality,
        at,
    )


def _columns(declared: tuple[ColumnFile, ...], prefix: str, at: Location) -> Iterator[Column]:
    for index, one in enumerate(declared):
        yield from _column(one, f"{prefix}{one.physical_name or one.name}", (*at, index))


def _column(declared: _TypeFile, name: str, at: Location) -> Iterator[Column]:
    """The column, then the fields inside it."""
    yield Column(
        name,
        declared.logical_type,
        declared.physical_type,
        declared.required,
        declared.unique,
        declared.classification,
        declared.description,
        declared.quality,
        declared.logical_type_options or {},
        at,
    )
    yield from _columns(declared.properties, f"{name}.", (*at, "properties"))
    if declared.items is not None:
        yield from _column(declared.items, f"{name}[]", (*at, "items"))


def _owner(team: Any) -> str | None:
    """The owner among the members of a team; the standard has a list of members, or a team that has one."""
    members = team.get("members") if isinstance(team, Mapping) else team
    for one in members if isinstance(members, list) else ():
        if isinstance(one, Mapping) and str(one.get("role", "")).lower() in ("owner", "data owner"):
            name = one.get("name") or one.get("username")
            return name if isinstance(name, str) else None
    return None


def _check(found: Contract) -> Iterator[Finding]:
    """Reports tables, columns and properties of the agreement that occur twice, and names with a catalog."""
    tables: set[str] = set()
    for table in found.tables:
        if table.schema and "." in table.schema:
            message = f"`{table.full_name[:120]}` names a catalog, which is another one in each environment"
            where = (*table.at, "physicalName")
            yield found.document.finding("wrong-value", where, f"{message} (write schema.table)")
        if table.key in tables:
            message = f"table `{table.full_name[:120]}` is declared twice in the contract (remove one)"
            yield found.document.finding("key-twice", (*table.at, "name"), message)
        tables.add(table.key)
        columns: set[str] = set()
        for column in table.columns:
            if column.key in columns:
                message = (
                    f"column `{column.name[:120]}` is declared twice in `{table.name[:120]}` (remove one)"
                )
                yield found.document.finding("key-twice", (*column.at, "name"), message)
            columns.add(column.key)
    agreed: set[tuple[str, str]] = set()
    for index, one in enumerate(found.agreement):
        key = (one.property.lower(), one.element or "")
        if key in agreed:
            message = f"`{one.property[:60]}` is agreed twice (keep one, or name the `element` of each)"
            yield found.document.finding("key-twice", ("slaProperties", index, "property"), message)
        agreed.add(key)


def check_schemas(found: Contract, schemas: tuple[str, ...]) -> Iterator[Finding]:
    """Checks that the tables of a contract are in schemas of its flow.

    Args:
        found: the contract.
        schemas: the names of the flow's schemas, before the naming template.
    """
    for table in found.tables:
        where = (*table.at, "physicalName")
        if table.schema and "." not in table.schema and table.schema not in schemas:
            near = nearest(table.schema, schemas, "schemas")
            message = f"schema `{table.schema[:120]}` is not in `schemas` of the flow ({near})"
            yield found.document.finding("unknown-schema", where, message)
        elif not table.schema and len(schemas) != 1:
            names = ", ".join(schemas) or "none"
            message = f"the schema of table `{table.name[:120]}` is not known: the flow has {names}"
            remedy = f"name it `<schema>.{table.name[:120]}`"
            yield found.document.finding("unknown-schema", (*table.at, "name"), f"{message} ({remedy})")
