"""Checks of the tables that foreign keys reference, in the own flow and in flows that it reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from mesh.documents.document import Location
from mesh.finding import Finding, nearest
from mesh.model.flow import Flow
from mesh.model.naming import stored_name
from mesh.model.org import Org
from mesh.model.path import by_ending, leads_to
from mesh.model.table_description import ForeignKey, reads_of, table_descriptions


def check_foreign_keys(orgs: Iterable[Org]) -> Iterator[Finding]:
    """Reports foreign keys to tables without a declared primary key, and with other numbers of columns.

    Args:
        orgs: all orgs.
    """
    flows = {one.flow.path: one.flow for org in orgs for one in org.owned_flows}
    endings = by_ending(flows)
    environments = sorted({name for flow in flows.values() for name in flow.by_environment})
    for flow in flows.values():
        for name in ("", *environments):
            yield from _check_references(flow.in_environment(name), name, flows, endings)


def _check_references(
    flow: Flow, environment: str, flows: Mapping[str, Flow], endings: Mapping[str, Sequence[str]]
) -> Iterator[Finding]:
    if not any(table.foreign_keys for table in flow.declared.tables.values()):
        return
    for table in table_descriptions(flow):
        for key in table.foreign_keys:
            document, at = table.places["foreign_key", key.name]
            where: Location = (*at, "references")
            paths = _referenced(flow, key, endings)
            if len(paths) == 1:
                parent = flows[paths[0]].in_environment(environment)
                if wrong := _wrong_reference(key, parent):
                    yield document.finding("foreign-key-unknown", where if wrong[0] else at, wrong[1])
            elif paths:
                message = f"flow `{key.flow}` matches several flows (write a longer path: {', '.join(paths)})"
                yield document.finding("unknown-flow", (*where, "flow"), message)


def _referenced(flow: Flow, key: ForeignKey, endings: Mapping[str, Sequence[str]]) -> list[str]:
    """The paths of the flows in `reads` that a foreign key may mean; none if another finding tells why."""
    if key.flow is None:
        return [flow.path]
    read = (flow.declared.reads[one].flow for one in reads_of(flow.declared.reads, key.flow))
    matches = [endings.get(one.strip("/"), ()) for one in read]
    return sorted({one[0] for one in matches if len(one) == 1})


def _wrong_reference(key: ForeignKey, parent: Flow) -> tuple[bool, str] | None:
    """What is wrong with a reference, and if it is the referenced table; None if nothing is."""
    if key.flow and not leads_to(key.flow, parent.path):
        return True, f"flow `{key.flow[:120]}` is not {parent.path}, which `reads` names (correct the path)"
    schema = key.schema or next(iter(parent.schemas), "")
    views = {(one.schema, one.name) for one in parent.views}
    keyed = {one.key: one for one in table_descriptions(parent) if one.primary_key and one.key not in views}
    found = keyed.get((schema, stored_name(key.table)))
    if found is None:
        near = nearest(key.table, [name for _, name in keyed], "tables with one")
        return True, f"no primary key of table `{key.table}` is declared by {parent.path} ({near})"
    columns = ", ".join(found.primary_key)
    if key.parent_columns and sorted(key.parent_columns) != sorted(found.primary_key):
        return True, f"the primary key of table `{key.table}` is ({columns}) (write these `columns`)"
    if len(key.columns) != len(found.primary_key):
        message = f"the primary key of table `{key.table}` is ({columns}), of another length"
        return False, f"{message} (name as many columns)"
    return None
