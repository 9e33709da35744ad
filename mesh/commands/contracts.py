"""`mesh contracts`: the contracts of a mesh with their readers, or what changed in them since a commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mesh.commands.contract_comparison import compare_contracts
from mesh.commands.review import ReviewRules
from mesh.console import visible
from mesh.mesh import Mesh
from mesh.model.contract import Contract
from mesh.model.contract_reads import OwnedFlow, Reader, contract_reads
from mesh.review.labels import CONTRACT_LABELS
from mesh.review.review import Review

if TYPE_CHECKING:
    from rich.tree import Tree


@dataclass(frozen=True)
class ProvidedContract:
    """A contract with the flow that provides it and those that rely on it.

    Args:
        producer: the flow.
        contract: the contract.
        readers: the flows that rely on it, nearest first.
    """

    producer: OwnedFlow
    contract: Contract
    readers: tuple[Reader, ...]


def provided_contracts(mesh: Mesh) -> list[ProvidedContract]:
    """All contracts of a mesh, by the path of their flow."""
    reads = contract_reads(mesh.owned_flows)
    return [
        ProvidedContract(one, contract, reads.readers(path, contract.name, contract.version.major))
        for path, one in sorted(reads.flows.items())
        for contract in one.flow.contracts
    ]


def as_trees(contracts: Sequence[ProvidedContract]) -> list[Tree]:
    """The contracts for a terminal: a tree for each flow that provides some."""
    from rich.text import Text
    from rich.tree import Tree

    trees: dict[str, Tree] = {}
    for one in contracts:
        flow = one.producer.flow.path
        if flow not in trees:
            title = Text.assemble((visible(flow), "bold"), _owned(one.producer.owner), overflow="fold")
            trees[flow] = Tree(title)
        place = one.contract.position("version")
        status = f"{one.contract.title}  {one.contract.status}  {place}"
        branch = trees[flow].add(Text(visible(status), overflow="fold"))
        for reader in one.readers:
            how = f"through {', '.join(reader.through)}" if reader.through else _version(reader)
            line = f"{reader.flow}{_owned(reader.owner)}  {how}  {reader.place}"
            branch.add(Text(visible(line), overflow="fold"))
        if not one.readers:
            branch.add(Text("no flow of this mesh reads it", "dim"))
    return [*trees.values()]


def _owned(owner: str | None) -> str:
    return f"  owner {visible(owner)}" if owner else ""


def _version(reader: Reader) -> str:
    return f"version {reader.version}" if reader.version else "without a contract"


def as_json(contracts: Sequence[ProvidedContract]) -> list[dict[str, Any]]:
    """The contracts for scripts."""
    return [
        {
            "flow": one.producer.flow.path,
            "owner": one.producer.owner,
            "contract": one.contract.name,
            "version": str(one.contract.version),
            "status": one.contract.status,
            "place": one.contract.position("version"),
            "tables": {
                table.full_name: [{"name": column.name, "type": column.type} for column in table.columns]
                for table in one.contract.tables
            },
            "readers": [
                {
                    "flow": reader.flow,
                    "owner": reader.owner,
                    "version": reader.version,
                    "through": list(reader.through),
                    "place": reader.place,
                }
                for reader in one.readers
            ],
        }
        for one in contracts
    ]


def review_contracts(mesh: Mesh, rev: str, rules: ReviewRules) -> Review:
    """Reviews the contracts alone, without plans.

    Args:
        mesh: the mesh.
        rev: the commit to compare with.
        rules: the rules.

    Raises:
        OutsideError: git does not know the commit.
    """
    report = rules.review((), mesh, contracts=compare_contracts(mesh, rev))
    return replace(report, labels=CONTRACT_LABELS)
