"""The contracts of a mesh at two commits: which promises are broken, and whom that affects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from mesh.model.contract import NOT_YET, Contract, Version
from mesh.model.contract_change import ContractChange, contract_changes
from mesh.model.contract_reads import ContractReads, OwnedFlow, Reader
from mesh.model.flow import Flow

Verdict = Literal["broken", "unversioned", "compatible", "new", "removed"]
# In the order of a report
VERDICTS: tuple[Verdict, ...] = ("broken", "unversioned", "removed", "compatible", "new")

# A contract with such a status announced its end
_ENDING = ("deprecated", "retired")


@dataclass(frozen=True)
class ContractDifference:
    """The difference of one major version of a contract.

    Args:
        verdict: what the difference means for readers.
        flow: the path of the flow that provides it, or did.
        owner: the owner of that flow.
        name: the contract's name.
        before: its version at the earlier commit; None if it was not there.
        after: its version now; None if it is gone.
        place: the position of its version as `file:line`.
        changes: the changes, those that can break a reader first.
        remedy: what to do; "" if nothing is wrong.
        readers: the flows that rely on it now.
    """

    verdict: Verdict
    flow: str
    owner: str | None
    name: str
    before: str | None
    after: str | None
    place: str
    changes: tuple[ContractChange, ...]
    remedy: str
    readers: tuple[Reader, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names that readers use and that the difference breaks."""
        names = (name for change in self.changes if change.breaking for name in change.columns)
        return tuple(dict.fromkeys(name.rpartition(".")[2].removesuffix("[]") for name in names))


def contract_differences(before: ContractReads, after: ContractReads) -> tuple[ContractDifference, ...]:
    """Returns the differences of all contracts; a flow that was renamed is compared with its former self.

    Args:
        before: the flows at the earlier commit.
        after: the flows now.
    """
    found: list[ContractDifference] = []
    now = {former: one for one in after.flows.values() for former in _former_paths(one.flow)}
    now |= dict(after.flows)
    compared: set[str] = set()
    for path, one in before.flows.items():
        current = now.get(path)
        found += _of_flow(one, current, after)
        if current:
            compared.add(current.flow.path)
    for path, one in after.flows.items():
        if path not in compared:
            found += (_added(one, contract, after) for contract in one.flow.contracts)
    return tuple(sorted(found, key=lambda one: (VERDICTS.index(one.verdict), one.flow, one.name, one.place)))


def _former_paths(flow: Flow) -> Iterator[str]:
    """The paths that a flow had before it or its project was renamed."""
    below = [(flow.flowtype, flow.name, *flow.part), *flow.former]
    for project in filter(None, ((flow.domain, flow.project), flow.former_project)):
        for steps in below:
            yield "/".join(filter(None, (flow.org, *project, *steps)))


def _of_flow(
    before: OwnedFlow, after: OwnedFlow | None, reads: ContractReads
) -> Iterator[ContractDifference]:
    kept = _by_major(after.flow.contracts if after else ())
    was = _by_major(before.flow.contracts)
    for key, contract in was.items():
        if now := kept.get(key):
            assert after is not None
            if different := _kept(after, contract, now, reads):
                yield different
        else:
            newer = [one for one in kept.values() if one.name == contract.name]
            yield _gone(after or before, contract, max(newer, key=_version, default=None), reads)
    for key, contract in kept.items():
        if key not in was and after:
            yield _added(after, contract, reads)


def _by_major(contracts: Iterable[Contract]) -> dict[tuple[str, int], Contract]:
    return {(one.name, one.version.major): one for one in contracts}


def _version(one: Contract) -> Version:
    return one.version


def _kept(
    one: OwnedFlow, before: Contract, after: Contract, reads: ContractReads
) -> ContractDifference | None:
    """The difference of a major version that is still provided."""
    changes = contract_changes(before, after)
    if not changes and before.version == after.version:
        return None
    readers = reads.readers(one.flow.path, after.name, after.version.major)
    verdict, remedy = _verdict(before, after, changes)
    return ContractDifference(
        verdict,
        one.flow.path,
        one.owner,
        after.name,
        str(before.version),
        str(after.version),
        after.position("version"),
        changes,
        remedy,
        readers,
    )


def _verdict(before: Contract, after: Contract, changes: Sequence[ContractChange]) -> tuple[Verdict, str]:
    if before.status in NOT_YET:
        return "compatible", ""
    if any(one.breaking for one in changes):
        major = after.version.major + 1
        remedy = f"provide version {major}.0.0 in a file of its own, and keep {before.version} as it is"
        return "broken", remedy
    least = _least(before.version, changes)
    if after.version < least:
        return "unversioned", f"write version {least} in {after.position('version')}"
    return "compatible", ""


def _least(before: Version, changes: Sequence[ContractChange]) -> Version:
    """The lowest version that the changes allow."""
    if any(one.step == "minor" for one in changes):
        return Version(before.major, before.minor + 1)
    return Version(before.major, before.minor, before.patch + 1) if changes else before


def _gone(
    one: OwnedFlow, before: Contract, newer: Contract | None, reads: ContractReads
) -> ContractDifference:
    """The difference of a major version that is no longer provided.

    It may go if it promised nothing yet, or if its end was announced and no flow relies on it.
    """
    readers = reads.readers(one.flow.path, before.name, before.version.major)
    allowed = before.status in NOT_YET or (before.status in _ENDING and not readers)
    if readers:
        remedy = f"keep {before.file} until no flow reads it"
    else:
        remedy = f"keep {before.file}, and set `status: deprecated` in it before a later change removes it"
    if newer and newer.version > before.version:
        remedy = f"{remedy}, beside version {newer.version}"
    return ContractDifference(
        "removed" if allowed else "broken",
        one.flow.path,
        one.owner,
        before.name,
        str(before.version),
        None,
        newer.position("version") if newer else before.position("version"),
        contract_changes(before, newer) if newer else (),
        "" if allowed else remedy,
        readers,
    )


def _added(one: OwnedFlow, contract: Contract, reads: ContractReads) -> ContractDifference:
    return ContractDifference(
        "new",
        one.flow.path,
        one.owner,
        contract.name,
        None,
        str(contract.version),
        contract.position("version"),
        (),
        "",
        reads.readers(one.flow.path, contract.name, contract.version.major),
    )
