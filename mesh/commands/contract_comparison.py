"""The contracts of the working tree, compared with those at a commit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from mesh.commands.former_mesh import former_mesh
from mesh.errors import MeshError, UsageError
from mesh.git.base_commit import base_commit
from mesh.git.checkout import read_git
from mesh.lineage.column_reads import ColumnReads, column_reads
from mesh.lineage.contract_mentions import mentions
from mesh.mesh import Mesh
from mesh.model.contract_change import ContractChange
from mesh.model.contract_difference import ContractDifference, contract_differences
from mesh.model.contract_reads import Reader, contract_reads
from mesh.model.naming import short_ref
from mesh.review.contracts import ContractComparison

_MOST_LINES = 5  # of one name in one flow
_ENV = "local"  # every org has it


def compare_contracts(mesh: Mesh, rev: str) -> ContractComparison:
    """Compares the contracts of the working tree with those at a commit.

    Args:
        mesh: the mesh.
        rev: the commit, as git accepts it.

    Raises:
        OutsideError: git does not know the commit.
    """
    git = read_git(mesh.root)
    commit = base_commit(git, rev)
    with former_mesh(git, commit, ()) as former:
        before = former.mesh
    if former.why:
        return ContractComparison(short_ref(commit), (), "; ".join(former.why))
    found = contract_differences(contract_reads(before.owned_flows), contract_reads(mesh.owned_flows))
    broken = any(one.verdict == "broken" and one.columns for one in found)
    reads = _column_reads(mesh) if broken else None
    return ContractComparison(short_ref(commit), tuple(_with_code(one, mesh, reads) for one in found))


def _column_reads(mesh: Mesh) -> ColumnReads | None:
    """Who reads which columns, by the code of all flows; None if the mesh has errors there.

    A contract is the same in all environments, so those of one tell.
    """
    try:
        return column_reads(mesh.in_environment(_ENV, looking=True))
    except (MeshError, UsageError):
        return None


def _with_code(one: ContractDifference, mesh: Mesh, reads: ColumnReads | None) -> ContractDifference:
    """The difference, with the flows and lines whose code reads what it breaks."""
    if one.verdict != "broken" or not one.columns:
        return one
    lines: dict[str, dict[str, dict[str, None]]] = {}
    changes = tuple(_with_readers(change, one.flow, reads, lines) for change in one.changes)
    readers = tuple(_with_lines(reader, one, mesh, reads, lines) for reader in one.readers)
    return replace(one, changes=changes, readers=readers)


def _with_readers(
    change: ContractChange,
    flow: str,
    reads: ColumnReads | None,
    lines: dict[str, dict[str, dict[str, None]]],
) -> ContractChange:
    """The change, with the flows whose code reads its columns; fills their lines, by flow and name."""
    if not reads or not change.breaking or not change.columns:
        return change
    table = change.table.rpartition(".")[2]
    found: dict[str, None] = {}
    for name in change.columns:
        column = None if name == table else re.split(r"\.|\[\]", name)[0]
        for reader, places in reads.readers(flow, table, column).items():
            found[reader] = None
            lines.setdefault(reader, {}).setdefault(name, {}).update(dict.fromkeys(map(str, places)))
    return replace(change, readers=tuple(sorted(found)))


def _with_lines(
    reader: Reader,
    one: ContractDifference,
    mesh: Mesh,
    reads: ColumnReads | None,
    lines: Mapping[str, Mapping[str, Mapping[str, None]]],
) -> Reader:
    """The reader, with the lines that break; where its code hides what it reads, with those that name it."""
    if reader.through:
        return reader
    if reads and reads.is_known(reader.flow):
        known = {name: (*places,)[:_MOST_LINES] for name, places in lines.get(reader.flow, {}).items()}
        return replace(reader, mentions=known, is_known=True)
    return replace(reader, mentions=_mentions(reader, one, mesh))


def _mentions(reader: Reader, one: ContractDifference, mesh: Mesh) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name, place in mentions([reader.folder], one.columns, mesh.root):
        if len(lines := found.setdefault(name, [])) < _MOST_LINES:
            lines.append(place)
    return {name: tuple(lines) for name, lines in found.items()}
