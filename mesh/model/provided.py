"""The contracts that a flow provides: the files that `provides` names, or those in its folder `contracts`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from mesh.documents.document import Document, document
from mesh.files.files import FOLDER as KIND_FOLDER
from mesh.files.files import Files
from mesh.finding import Finding, nearest
from mesh.model.contract import Contract, check_schemas, contract
from mesh.model.contract_type import compare_columns
from mesh.model.flow import Flow

FOLDER = "contracts"
_SUFFIXES = (".yaml", ".yml")


def flow_contracts(flow: Flow, files: Files) -> tuple[tuple[Contract, ...], list[Finding]]:
    """Reads the contracts of a flow; those with errors are left out.

    Args:
        flow: the flow, as it is declared for all environments.
        files: the files of the mesh.
    """
    findings: list[Finding] = []
    contracts: list[Contract] = []
    for file in _files(flow, files, findings):
        read, wrong = document(file, files)
        if not wrong:
            found, wrong = contract(read)
            if found:
                contracts.append(found)
                wrong = [*wrong, *check_schemas(found, flow.schemas)]
        findings += wrong
    findings += _check_versions(contracts)
    return tuple(sorted(contracts, key=lambda one: (one.name, one.version))), findings


def _files(flow: Flow, files: Files, findings: list[Finding]) -> Iterator[str]:
    """Yields each file; adds findings for entries of `provides` that lead nowhere."""
    folder = f"{flow.folder}/{FOLDER}"
    names = files.names(folder) if files.kind(folder) == KIND_FOLDER else []
    beside = [f"{FOLDER}/{name}" for name in names if name.endswith(_SUFFIXES)]
    declared = flow.declared.provides
    if declared is None:
        yield from (f"{flow.folder}/{name}" for name in beside)
        return
    seen: set[str] = set()
    for index, name in enumerate(declared):
        at = ("provides", index) if isinstance(flow.document.data.get("provides"), list) else ("provides",)
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name:
            message = f"`{name[:120]}` is outside of the flow's folder (move the contract into {FOLDER}/)"
            findings.append(flow.document.finding("contract-outside", at, message))
        elif not files.is_there(f"{flow.folder}/{path}"):
            message = f"contract `{name[:120]}` does not exist ({nearest(name, beside, 'contracts')})"
            findings.append(flow.document.finding("contract-missing", at, message))
        elif path.as_posix() in seen:
            message = f"`{name[:120]}` is declared twice in `provides` (remove one)"
            findings.append(flow.document.finding("key-twice", at, message))
        else:
            seen.add(path.as_posix())
            yield f"{flow.folder}/{path}"


def _check_versions(contracts: Sequence[Contract]) -> Iterator[Finding]:
    """Reports two contracts of one name and major version, and versions that one table cannot both keep."""
    first: dict[tuple[str, int], Contract] = {}
    for one in contracts:
        twin = first.setdefault((one.name, one.version.major), one)
        if twin is not one:
            message = f"contract `{one.name[:120]}` has major version {one.version.major} in {twin.file}, too"
            remedy = "keep the newer file, or give one the next major version"
            yield one.document.finding("contract-twice", ("version",), f"{message} ({remedy})")
        yield from _check_columns(one, contracts)


def _check_columns(one: Contract, contracts: Sequence[Contract]) -> Iterator[Finding]:
    """Reports columns that an earlier contract gives another type: a table has one column of a name."""
    earlier = contracts[: contracts.index(one)]
    promised = {
        (table.key, column.key): (column, other)
        for other in reversed(earlier)
        for table in other.tables
        for column in table.columns
    }
    for table in one.tables:
        for column in table.columns:
            other, where = promised.get((table.key, column.key), (None, None))
            if other is None or where is None or compare_columns(other, column) == "same":
                continue
            message = (
                f"column `{column.name[:120]}` of `{table.full_name[:120]}` is {column.type} here and "
                f"{other.type} in {where.title[:120]}, and a table has one of them"
            )
            remedy = "name another table or column in one of the versions"
            at = (*column.at, "physicalType" if column.physical else "logicalType")
            yield one.document.finding("contract-conflict", at, f"{message} ({remedy})")


def position(flow: Flow, found: Contract) -> str:
    """The position of the line that provides a contract: in `provides`, else the contract's first line."""
    own: Document = flow.document
    for index, name in enumerate(flow.declared.provides or ()):
        if (flow.folder / name).as_posix() == found.file:
            return own.position(("provides", index))
    return found.position("version")
