"""Checks of comments and keys that a flow declares about its tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mesh.documents.document import Location
from mesh.finding import Finding, nearest
from mesh.model.contract import NOT_YET, Contract
from mesh.model.flow import Flow
from mesh.model.flow_table import default_schema
from mesh.model.naming import stored_name
from mesh.model.table import TableFile
from mesh.model.table_description import (
    COMMENT,
    PRIMARY_KEY,
    Part,
    TableDescription,
    described_by_contract,
    described_by_file,
    reads_of,
    table_descriptions,
)


def check_descriptions(flow: Flow) -> Iterator[Finding]:
    """Reports comments and keys in deployment.yml that cannot be set, or that a contract says otherwise.

    Args:
        flow: the flow, with its contracts.
    """
    for name, declared, one in _described(flow):
        yield from _check_keys(flow, name, declared)
        promised, _ = _promised(flow, one)
        for part, (document, at) in one.places.items():
            if part in promised and _value(one, part) != _value(promised[part], part):
                there, where = promised[part].places[part]
                message = f"{_title(part)} of table `{name}` is another one in {there.position(where)}"
                yield document.finding("two-descriptions", at, f"{message} (keep that of the contract)")
    yield from _check_key_names(flow)


def description_warnings(flow: Flow) -> Iterator[Finding]:
    """Warns about declarations that no job sets, and about columns that no contract on the table has.

    Args:
        flow: the flow, with its contracts.
    """
    described = [*_described(flow)]
    first = next((name for name, _, one in described if one.places), None)
    if first and not _is_described(flow):
        if flow.jobs:
            remedy = "write `describe: true` in the job that fills the table"
        elif flow.pipelines:
            remedy = "the code of a pipeline sets comments and keys; remove them here"
        else:
            remedy = "add tasks, or remove it"
        message = f"no job sets what is declared about table `{first}` ({remedy})"
        yield flow.document.finding("not-described", ("tables", first), message, at_key=True).as_warning
    created = (*flow.views[:1], *flow.functions[:1]) if not _is_described(flow) else ()
    for each in created:
        remedy = "write `describe: true` in the job that fills the tables" if flow.jobs else "add tasks"
        message = f"no job creates {each.kind} `{each.name}` ({remedy})"
        yield Finding(each.file, 1, 1, "not-described", message).as_warning
    for name, declared, one in described:
        yield from _check_columns(flow, name, declared, one)
    yield from _contract_twins(flow)


def _described(flow: Flow) -> Iterator[tuple[str, TableFile, TableDescription]]:
    for name, declared in flow.declared.tables.items():
        if schema := declared.schema_ or default_schema(flow):  # without one, it is a finding
            yield name, declared, described_by_file(flow, name, declared, schema)


def _is_described(flow: Flow) -> bool:
    """True if a job sets comments and keys, or the flow says that none does."""
    declared = [one.declared.describe for one in flow.jobs]
    return any(declared) or (len(declared) == 1) or (bool(declared) and all(one is False for one in declared))


def _check_keys(flow: Flow, name: str, declared: TableFile) -> Iterator[Finding]:
    """Reports keys that name a column twice, and foreign keys to flows that `reads` does not name."""
    at: Location = ("tables", name)
    keys: list[tuple[Location, tuple[str, ...]]] = [((*at, "primary_key"), declared.primary_key)]
    for key, one in declared.foreign_keys.items():
        where: Location = (*at, "foreign_keys", key)
        keys += [
            ((*where, "columns"), one.columns),
            ((*where, "references", "columns"), one.references.columns),
        ]
        if one.references.flow and not reads_of(flow.declared.reads, one.references.flow):
            message = f"flow `{one.references.flow[:120]}` of foreign key `{key}` is not in `reads`"
            place = (*where, "references", "flow")
            yield flow.document.finding("foreign-key-unread", place, f"{message} (add it there)")
    for where, columns in keys:
        names = [column.lower() for column in columns]
        if twice := [column for column in columns if names.count(column.lower()) > 1]:
            message = f"column `{twice[0]}` is in the key twice (remove one)"
            yield flow.document.finding("key-twice", where, message)


def _check_key_names(flow: Flow) -> Iterator[Finding]:
    """Reports foreign keys with the name of another key of the schema, and keys and owners of views.

    Source: Databricks documentation, "CONSTRAINT clause": the name is unique within the schema.
    """
    if not any(one.primary_key or one.foreign_keys or one.owner for one in flow.declared.tables.values()):
        return
    views = {(one.schema, one.name) for one in flow.views}
    keyed = [one for one in table_descriptions(flow) if one.primary_key]
    taken = {(one.schema, f"{one.name}_pk"): one.name for one in keyed}
    for name, declared, one in _described(flow):
        at: Location = ("tables", name)
        if one.key in views and (declared.primary_key or declared.foreign_keys):
            place = (*at, "primary_key" if declared.primary_key else "foreign_keys")
            message = f"`{name}` is a view, which has no keys (remove them here)"
            yield flow.document.finding("key-of-view", place, message)
        if one.key in views and declared.owner:
            message = f"`{name}` is a view, which shows what its owner may read: an owner would change that"
            yield flow.document.finding("owner-of-view", (*at, "owner"), f"{message} (remove `owner`)")
        for key in declared.foreign_keys:
            known = (one.schema, stored_name(key))
            if twin := taken.get(known):
                message = f"foreign key `{key}` has the name of a key of table `{twin}` in its schema"
                place = (*at, "foreign_keys", key)
                yield flow.document.finding("one-name-twice", place, f"{message} (rename one)", at_key=True)
            taken.setdefault(known, one.name)


def _promised(
    flow: Flow, one: TableDescription
) -> tuple[Mapping[Part, TableDescription], dict[str, tuple[str, ...]]]:
    """What contracts say about a table by part, and its columns by the titles of the contracts."""
    promised: dict[Part, TableDescription] = {}
    columns: dict[str, tuple[str, ...]] = {}
    for contract in flow.contracts:  # a later version wins
        for table in contract.tables if contract.status not in NOT_YET else ():
            schema = table.schema or default_schema(flow)
            if schema is not None and (schema, stored_name(table.name)) == one.key:
                other = described_by_contract(contract, table, schema)
                promised |= dict.fromkeys(other.places, other)
                columns[contract.title] = tuple(column.key for column in table.columns)
    return promised, columns


def _contract_twins(flow: Flow) -> Iterator[Finding]:
    """Warns about contracts of other names that describe one table otherwise; of versions, the last wins."""
    known: dict[tuple[tuple[str, str], Part], tuple[Contract, TableDescription]] = {}
    for contract in flow.contracts:
        for table in contract.tables if contract.status not in NOT_YET else ():
            if schema := table.schema or default_schema(flow):
                one = described_by_contract(contract, table, schema)
                for part, (document, at) in one.places.items():
                    other, former = known.setdefault((one.key, part), (contract, one))
                    if other.name != contract.name and _value(former, part) != _value(one, part):
                        there, where = former.places[part]
                        message = f"{_title(part)} of table `{table.name}` is another one in contract"
                        message += f" {other.title[:120]}, {there.position(where)} (let both say the same)"
                        yield document.finding("two-descriptions", at, message).as_warning


def _check_columns(flow: Flow, name: str, declared: TableFile, one: TableDescription) -> Iterator[Finding]:
    _, columns = _promised(flow, one)
    known = [column for names in columns.values() for column in names]
    used: list[tuple[Location, str]] = [(("columns", column), column) for column in declared.columns]
    used += [(("primary_key",), column) for column in declared.primary_key]
    for key, foreign in declared.foreign_keys.items():
        used += [(("foreign_keys", key, "columns"), column) for column in foreign.columns]
    for place, column in used:
        if columns and column.lower() not in known:
            near, title = nearest(column, known, "columns"), [*columns][-1]
            message = f"column `{column}` is not in contract {title[:120]} ({near})"
            at = ("tables", name, *place)
            yield flow.document.finding("column-not-in-contract", at, message).as_warning


def _title(part: Part) -> str:
    kind, name = part
    return f"the comment of column `{name}`" if kind == "column" else f"the {kind.replace('_', ' ')}"


def _value(one: TableDescription, part: Part) -> object:
    if part == COMMENT:
        return one.comment
    return one.primary_key if part == PRIMARY_KEY else one.columns.get(part[1])
