"""The contracts of the working tree, compared with those at a commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mesh.commands.former_mesh import former_mesh
from mesh.git.base_commit import base_commit
from mesh.git.checkout import read_git
from mesh.lineage.contract_mentions import mentions
from mesh.mesh import Mesh
from mesh.model.contract_difference import ContractDifference, contract_differences
from mesh.model.contract_reads import Reader, contract_reads
from mesh.model.naming import short_ref
from mesh.review.contracts import ContractComparison

_MOST_LINES = 5  # of one name in one flow


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
        before = former.mesh.orgs
    if former.why:
        return ContractComparison(short_ref(commit), (), "; ".join(former.why))
    found = contract_differences(contract_reads(before), contract_reads(mesh.orgs))
    return ContractComparison(short_ref(commit), tuple(_with_mentions(one, mesh) for one in found))


def _with_mentions(one: ContractDifference, mesh: Mesh) -> ContractDifference:
    """The difference, with the lines in the code of its readers that name what it breaks."""
    if one.verdict != "broken" or not one.columns:
        return one
    readers = (
        reader if reader.through else replace(reader, mentions=_mentions(reader, one, mesh))
        for reader in one.readers
    )
    return replace(one, readers=tuple(readers))


def _mentions(reader: Reader, one: ContractDifference, mesh: Mesh) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name, place in mentions([reader.folder], one.columns, mesh.root):
        if len(lines := found.setdefault(name, [])) < _MOST_LINES:
            lines.append(place)
    return {name: tuple(lines) for name, lines in found.items()}
