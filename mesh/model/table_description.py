"""What a flow declares about its tables, beside their rows: comments, primary and foreign keys.

Contracts say it to others and deployment.yml to the flow's own team; a table has both together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mesh.documents.document import Document, Location
from mesh.model.contract import NOT_YET, Contract, Table
from mesh.model.flow import Flow
from mesh.model.flow_table import default_schema
from mesh.model.naming import stored_name
from mesh.model.read import ReadFile
from mesh.model.table import ForeignKeyFile, TableFile

Part = tuple[str, str]
"""`comment`, `owner`, `column`, `primary_key` or `foreign_key`, with the name of column or foreign key."""

COMMENT: Part = ("comment", "")
OWNER: Part = ("owner", "")
PRIMARY_KEY: Part = ("primary_key", "")


def schema_key(read: str, schema: str) -> str:
    """Returns the key of a schema; that of a flow in `reads` is never the name of an own schema.

    Args:
        read: the name in `reads`; "" for the own flow.
        schema: the schema, by the name that its flow declares; "" for the first one.
    """
    return f"{read}/{schema}" if read else schema


@dataclass(frozen=True)
class ForeignKey:
    """A foreign key of a table.

    Args:
        name: its name.
        columns: its columns.
        read: the flow whose table it references, by its name in `reads`; "" for the own flow.
        schema: the schema of that table, by the name that its flow declares; "" for the flow's first schema.
        table: that table.
        parent_columns: the columns that it references; empty for the primary key.
        flow: the path of that flow as it is declared; None for the own flow.
    """

    name: str
    columns: tuple[str, ...]
    read: str
    schema: str
    table: str
    parent_columns: tuple[str, ...]
    flow: str | None = None

    @property
    def place(self) -> str:
        """The key of the schema that it references among the parameters of a generated notebook."""
        return schema_key(self.read, self.schema)


@dataclass(frozen=True)
class TableDescription:
    """What is declared about a table or view.

    Args:
        schema: its schema, by the name that the flow declares.
        name: its name in Unity Catalog.
        comment: its comment; None if nothing declares one.
        columns: the comments of its columns, by column.
        primary_key: the columns of its primary key, in order; empty if nothing declares one.
        foreign_keys: in declared order.
        places: where each part is declared.
        owner: its owner, as deployment.yml names it; None if nothing declares one.
    """

    schema: str
    name: str
    comment: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    primary_key: tuple[str, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    places: Mapping[Part, tuple[Document, Location]] = field(default_factory=dict)
    owner: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """The name by which tables are the same."""
        return self.schema, self.name

    @property
    def is_in_file(self) -> bool:
        """True if deployment.yml declares a part of it, and not contracts alone."""
        return any(at[0] == "tables" for _, at in self.places.values())

    @property
    def position(self) -> str:
        """The file and line of its first part."""
        document, at = next(iter(self.places.values()))
        return document.position(at)

    def settings(self, default: str | None) -> dict[str, Any]:
        """The description as JSON.

        Args:
            default: the schema of tables that name none.
        """
        keys = [
            {
                "name": one.name,
                "columns": [*one.columns],
                "schema": one.place,
                "table": stored_name(one.table),
                "parent_columns": [*one.parent_columns],
            }
            for one in self.foreign_keys
        ]
        settings: dict[str, Any] = {
            "schema": "" if self.schema == default else self.schema,
            "name": self.name,
        }
        settings |= {"comment": self.comment} if self.comment is not None else {}
        settings |= {"owner": self.owner} if self.owner is not None else {}
        settings |= {"columns": dict(self.columns)} if self.columns else {}
        settings |= {"primary_key": [*self.primary_key]} if self.primary_key else {}
        return settings | ({"foreign_keys": keys} if keys else {})


def table_descriptions(flow: Flow) -> tuple[TableDescription, ...]:
    """Returns what a flow declares about its tables, ordered by schema and name.

    Later versions of a contract win over earlier ones, and deployment.yml wins over contracts.
    """
    found: dict[tuple[str, str], TableDescription] = {}
    for one in (*_of_contracts(flow.contracts, flow), *_of_file(flow)):
        former = found.get(one.key)
        found[one.key] = _together(former, one) if former else one
    return tuple(one for _, one in sorted(found.items()) if one.places)


def _together(one: TableDescription, later: TableDescription) -> TableDescription:
    return replace(
        later,
        comment=one.comment if later.comment is None else later.comment,
        columns={**one.columns, **later.columns},
        primary_key=later.primary_key or one.primary_key,
        places={**one.places, **later.places},
    )


def _of_contracts(contracts: tuple[Contract, ...], flow: Flow) -> Iterator[TableDescription]:
    for contract in contracts:
        for table in contract.tables if contract.status not in NOT_YET else ():
            if schema := table.schema or default_schema(flow):
                yield described_by_contract(contract, table, schema)


def described_by_contract(contract: Contract, table: Table, schema: str) -> TableDescription:
    """Returns what a contract says about a table.

    Args:
        contract: the contract.
        table: the table.
        schema: its schema, by the name that the flow declares.
    """
    document, columns = contract.document, {}
    places: dict[Part, tuple[Document, Location]] = {}
    if table.description:
        places[COMMENT] = (document, (*table.at, "description"))
    for column in table.columns:
        # a part of the type of its column has no comment in Unity Catalog
        if column.description and "." not in column.name and "[]" not in column.name:
            columns[column.key] = column.description
            places["column", column.key] = (document, (*column.at, "description"))
    if table.primary_key:
        places[PRIMARY_KEY] = (document, (*table.at, "name"))
    keys, name = tuple(map(str.lower, table.primary_key)), stored_name(table.name)
    return TableDescription(schema, name, table.description or None, columns, keys, places=places)


def _of_file(flow: Flow) -> Iterator[TableDescription]:
    for name, declared in flow.declared.tables.items():
        if schema := declared.schema_ or default_schema(flow):
            yield described_by_file(flow, name, declared, schema)


def described_by_file(flow: Flow, name: str, declared: TableFile, schema: str) -> TableDescription:
    """Returns what deployment.yml says about a table.

    Args:
        flow: the flow.
        name: the table's name in the file.
        declared: its fields.
        schema: its schema, by the name that the flow declares.
    """
    at: Location = ("tables", name)
    columns = {key.lower(): one.comment for key, one in declared.columns.items() if one.comment is not None}
    places: dict[Part, tuple[Document, Location]] = {}
    if declared.comment is not None:
        places[COMMENT] = (flow.document, (*at, "comment"))
    for key, one in declared.columns.items():
        if one.comment is not None:
            places["column", key.lower()] = (flow.document, (*at, "columns", key, "comment"))
    if declared.owner is not None:
        places[OWNER] = (flow.document, (*at, "owner"))
    if declared.primary_key:
        places[PRIMARY_KEY] = (flow.document, (*at, "primary_key"))
    for key in declared.foreign_keys:
        places["foreign_key", key.lower()] = (flow.document, (*at, "foreign_keys", key))
    return TableDescription(
        schema,
        stored_name(name),
        declared.comment,
        columns,
        tuple(map(str.lower, declared.primary_key)),
        tuple(_foreign_key(flow, key, one) for key, one in declared.foreign_keys.items()),
        places,
        declared.owner,
    )


def _foreign_key(flow: Flow, name: str, declared: ForeignKeyFile) -> ForeignKey:
    parent = declared.references
    read = next(iter(reads_of(flow.declared.reads, parent.flow)), "") if parent.flow else ""
    schema = parent.schema_ or ""
    return ForeignKey(
        stored_name(name),
        tuple(map(str.lower, declared.columns)),
        read,
        "" if not read and schema == default_schema(flow) else schema,
        parent.table,
        tuple(map(str.lower, parent.columns)),
        parent.flow,
    )


def reads_of(reads: Mapping[str, ReadFile], path: str) -> list[str]:
    """Returns the names in `reads` of a flow that a path names, of which either may lack leading levels."""
    wanted = f"/{path.strip('/')}"
    return [
        name
        for name, read in reads.items()
        if wanted.endswith(here := f"/{read.flow.strip('/')}") or here.endswith(wanted)
    ]
