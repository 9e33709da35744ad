"""`mesh show`: the contracts that a flow provides, and the flows that rely on them."""

from __future__ import annotations

from collections.abc import Iterator

from mesh.commands.show.fact_tree import Fact, Facts
from mesh.model.contract import Contract
from mesh.model.contract_reads import ContractReads
from mesh.model.flow import Flow


def contract_facts(flow: Flow, reads: ContractReads) -> Iterator[Facts]:
    """The contracts of a flow.

    Args:
        flow: the declared flow.
        reads: the flows of the mesh and what they read.
    """
    yield Facts("provides", [_facts(flow, one, reads) for one in flow.contracts])


def _facts(flow: Flow, one: Contract, reads: ContractReads) -> Facts:
    facts: list[Fact | Facts] = [
        Fact("version", str(one.version), one.position("version")),
        Fact("status", one.status, one.position("status")),
    ]
    if one.owner:
        facts.append(Fact("owner", one.owner, one.position("team")))
    facts.append(
        Facts(
            "tables",
            [Fact(table.full_name, _columns(table.columns), one.position(*table.at)) for table in one.tables],
        )
    )
    readers = reads.readers(flow.path, one.name, one.version.major)
    direct = [
        Fact(reader.flow, _version(reader.version), reader.place) for reader in readers if not reader.through
    ]
    return Facts(one.title, [*facts, Facts("read_by", direct)])


def _columns(columns: tuple[object, ...]) -> str:
    return f"{len(columns)} column{'s'[: len(columns) > 1]}"


def _version(version: str | None) -> str:
    return f"version {version}" if version else "without a contract"
