"""Consumers: the flows of other projects that may read the tables of a contract, and the grants for them.

A flow names a contract in `reads`, and the flow that provides the contract names the reader in `consumers`.
Both together are a grant in the stack of the provider, for the owner of the reader and for the principals
that its jobs run as.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mesh.finding import Finding, nearest
from mesh.model.contract import Contract, Version
from mesh.model.contract_reads import OwnedFlow, contract_reads, provides
from mesh.model.flow import Flow
from mesh.model.grant import Grant

# Databricks documentation, "Manage privileges in Unity Catalog": what reading a table needs, on all levels
_READING = ("SELECT", "USE_CATALOG", "USE_SCHEMA")


@dataclass(frozen=True)
class ContractRead:
    """A flow that reads a contract of another project in its org.

    Args:
        reader: the flow that reads.
        provider: the flow that provides the contract.
        alias: the entry in `reads`.
        contracts: the contracts that the entry means.
        accepted: the index in `consumers` of the provider; None if the reader is not accepted.
        principals: the principals that read: the owner, and who its jobs run as.
    """

    reader: Flow
    provider: Flow
    alias: str
    contracts: tuple[Contract, ...]
    accepted: int | None
    principals: tuple[str, ...]

    @property
    def tables(self) -> Iterator[tuple[str, str]]:
        """The tables that the contracts promise: schema of the provider, and name."""
        only = self.provider.schemas[0] if len(self.provider.schemas) == 1 else None
        for contract in self.contracts:
            for table in contract.tables:
                if schema := table.schema or only:
                    yield schema, table.name

    @property
    def grants(self) -> Iterator[Grant]:
        """The grants on each of the tables; USE_SCHEMA and USE_CATALOG are for schema and catalog."""
        if self.accepted is None:
            return
        read = self.reader.document.position(("reads", self.alias))
        place = self.provider.document.position(("consumers", self.accepted))
        for principal in self.principals:
            yield Grant(principal, _READING, (f"reads, {read}", f"consumers, {place}"))


def contract_reads_of(flows: Iterable[OwnedFlow]) -> Mapping[str, tuple[ContractRead, ...]]:
    """The reads of contracts between projects of an org, by the path of the flow that provides the contract.

    Grants name groups of one org, so reads of another org get none.
    """
    reads = contract_reads(flows)
    found: dict[str, list[ContractRead]] = {}
    for one in reads.flows.values():
        for alias, read in one.flow.declared.reads.items():
            provider = reads.producer(read) if read.contract else None
            if provider is None or _project(provider.flow) == _project(one.flow):
                continue
            version = Version.of(read.version or "0")
            contracts = tuple(
                each
                for each in provider.flow.contracts
                if each.name == read.contract and provides(each, version)
            )
            principals = [one.owner] if one.owner else []
            found.setdefault(provider.flow.path, []).append(
                ContractRead(
                    one.flow,
                    provider.flow,
                    alias,
                    contracts,
                    _accepted(provider.flow, one.flow),
                    tuple(dict.fromkeys([*principals, *_runs_as(one.flow)])),
                )
            )
    return {path: tuple(each) for path, each in found.items()}


def _project(flow: Flow) -> tuple[str, str]:
    return flow.domain, flow.project


def _runs_as(flow: Flow) -> Iterator[str]:
    """The principals that jobs and pipelines of a flow run as, where the flow declares them itself."""
    for entry in flow.entries:
        declared = entry.declared.passed.get("run_as")
        yield from (str(one) for one in declared.values()) if isinstance(declared, Mapping) else ()


def _accepted(provider: Flow, reader: Flow) -> int | None:
    """The index of the entry in `consumers` that accepts a reader."""
    entries = provider.declared.consumers
    return next((index for index, one in enumerate(entries) if _covers(one, reader)), None)


def _covers(consumer: str, flow: Flow) -> bool:
    """True if an entry names a flow, or a level above it; the org may be omitted."""
    levels, wanted = flow.path.split("/"), consumer.strip("/").split("/")
    starts = (levels, levels[1:]) if flow.org else (levels,)
    return any(one[: len(wanted)] == wanted for one in starts) and wanted != [flow.org]


def check_consumers(flows: Sequence[Flow]) -> Iterator[Finding]:
    """Reports entries of `consumers` that name nothing in the org.

    Args:
        flows: all flows of one org.
    """
    known = {"/".join(flow.path.split("/")[bool(flow.org) :][:depth]) for flow in flows for depth in (1, 2)}
    for flow in flows:
        for index, one in enumerate(flow.declared.consumers):
            if not any(_covers(one, other) for other in flows):
                message = f"`{one[:120]}` in `consumers` is no domain, project or flow of the org"
                remedy = nearest(one, known, "domains and projects")
                yield flow.document.finding("unknown-consumer", _at(flow, index), f"{message} ({remedy})")


def _at(flow: Flow, index: int) -> tuple[str | int, ...]:
    listed = isinstance(flow.document.data.get("consumers"), list)
    return ("consumers", index) if listed else ("consumers",)
