"""Who reads which contract: `reads` of all flows, followed through all levels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from mesh.finding import Finding, nearest
from mesh.model.contract import Contract, Version
from mesh.model.flow import Flow
from mesh.model.path import by_ending
from mesh.model.read import ReadFile


@dataclass(frozen=True)
class OwnedFlow:
    """A flow with its owner.

    Args:
        flow: the flow.
        owner: the group that the nearest level names as owner; None if no level does.
    """

    flow: Flow
    owner: str | None


@dataclass(frozen=True)
class Reader:
    """A flow that relies on a contract.

    Args:
        flow: its path in the mesh.
        owner: its owner; None if no level names one.
        folder: its folder, from the mesh's root.
        place: the position of the entry in `reads`, as `file:line`.
        version: the version that it reads; None if it reads the data without a contract, or through others.
        through: the flows between the contract and it; empty if it reads the contract itself.
        mentions: the lines of its code that read or name what a change breaks, by name.
        is_known: True if its code tells what it reads, so that `mentions` are all lines that break.
    """

    flow: str
    owner: str | None
    folder: PurePosixPath
    place: str
    version: str | None
    through: tuple[str, ...] = ()
    mentions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_known: bool = False


@dataclass(frozen=True)
class ContractReads:
    """The flows of a mesh and what they read.

    Args:
        flows: all flows, by path.
    """

    flows: Mapping[str, OwnedFlow]

    @cached_property
    def _endings(self) -> Mapping[str, Sequence[str]]:
        return by_ending(self.flows)

    @cached_property
    def _readers(self) -> Mapping[str, Sequence[tuple[str, str, ReadFile]]]:
        """The readers of each flow: path, name in `reads`, and the entry."""
        found: dict[str, list[tuple[str, str, ReadFile]]] = {}
        for path, one in self.flows.items():
            for alias, read in every_read(one.flow):
                if producer := self.producer(read):
                    found.setdefault(producer.flow.path, []).append((path, alias, read))
        return found

    def producer(self, read: ReadFile) -> OwnedFlow | None:
        """The flow that an entry reads; None if none or several match."""
        matches = self._endings.get(read.flow.strip("/"), ())
        return self.flows[matches[0]] if len(matches) == 1 else None

    def readers(self, flow: str, name: str, major: int) -> tuple[Reader, ...]:
        """The flows that rely on a contract, nearest first.

        A flow that reads the data without a contract may rely on any of the flow's contracts.

        Args:
            flow: the path of the flow that provides the contract.
            name: the contract's name.
            major: its major version.
        """
        found: dict[str, Reader] = {}
        for path, alias, read in self._readers.get(flow, ()):
            if read.contract is None or (read.contract == name and _version(read).major == major):
                found.setdefault(path, self._reader(path, alias, read.version, ()))
        layer = [*found.values()]
        while layer:
            further = [
                self._reader(path, alias, None, (*one.through, one.flow))
                for one in layer
                for path, alias, _ in self._readers.get(one.flow, ())
                if path not in found and path != flow
            ]
            layer = [one for one in further if found.setdefault(one.flow, one) is one]
        return tuple(found.values())

    def _reader(self, path: str, alias: str, version: str | None, through: tuple[str, ...]) -> Reader:
        one = self.flows[path]
        place = (one.flow.overrides or one.flow.document).position(_at(one.flow, alias))
        return Reader(path, one.owner, one.flow.folder, place, version, through)


def contract_reads(flows: Iterable[OwnedFlow]) -> ContractReads:
    """Flows and what they read of each other."""
    return ContractReads({one.flow.path: one for one in flows})


def every_read(flow: Flow) -> Iterator[tuple[str, ReadFile]]:
    """The entries of `reads` in all environments, each once, with the name of the entry."""
    seen: list[tuple[str, ReadFile]] = []
    for one in (flow, *flow.by_environment.values()):
        seen += (entry for entry in one.declared.reads.items() if entry not in seen)
    yield from seen


def _at(flow: Flow, alias: str) -> tuple[str, ...]:
    """The location of an entry of `reads` in the file as it is written."""
    if alias not in flow.declared.reads and flow.overrides:
        for name, one in flow.by_environment.items():
            if alias in one.declared.reads:
                return ("environments", name, "reads", alias)
    return ("reads", alias)


def _version(read: ReadFile) -> Version:
    return Version.of(read.version or "0")


def check_contract_reads(flows: Iterable[OwnedFlow], unreadable: Set[str]) -> Iterator[Finding]:
    """Reports entries of `reads` whose contract or version the flow does not provide.

    Args:
        flows: the flows of all orgs.
        unreadable: files with findings; flows with such files in their folder are not judged.
    """
    reads = contract_reads(flows)
    broken = {str(parent) for file in unreadable for parent in PurePosixPath(file).parents}
    for one in reads.flows.values():
        for flow in (one.flow, *one.flow.by_environment.values()):
            for alias, read in flow.declared.reads.items():
                producer = reads.producer(read)
                if producer and str(producer.flow.folder) not in broken:
                    yield from _check(flow, alias, read, producer.flow)


def _check(flow: Flow, alias: str, read: ReadFile, producer: Flow) -> Iterator[Finding]:
    if read.contract is None:
        return
    named = [one for one in producer.contracts if one.name == read.contract]
    at = ("reads", alias)
    if not named:
        near = nearest(read.contract, {one.name for one in producer.contracts}, "contracts")
        message = f"contract `{read.contract[:120]}` is not provided by `{producer.path}` ({near})"
        yield flow.document.finding("unknown-contract", (*at, "contract"), message)
    elif not any(provides(one, _version(read)) for one in named):
        versions = ", ".join(str(one.version) for one in sorted(named, key=lambda one: one.version))
        message = (
            f"version {read.version} of contract `{read.contract[:120]}` is not provided by `{producer.path}`"
        )
        newest = max(one.version for one in named)
        remedy = f'versions: {versions}; write `version: "{newest.major}"`'
        yield flow.document.finding("unknown-contract-version", (*at, "version"), f"{message} ({remedy})")


def provides(one: Contract, version: Version) -> bool:
    """True if a contract keeps what a reader of `version` relies on: semantic versioning."""
    return one.version.major == version.major and one.version >= version
