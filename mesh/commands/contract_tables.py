"""`mesh contracts --tables`: the tables in a workspace, compared with what contracts promise about them.

Only a run of the code shows which columns a table really has, so this needs an environment where it ran.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol
from urllib.parse import quote

from mesh.deployment.deployment import Deployment
from mesh.finding import Finding
from mesh.mesh import MeshDeployment
from mesh.model.contract import NOT_YET, Contract, Table
from mesh.model.contract_type import compare_types
from mesh.model.flow import Flow
from mesh.model.naming import stored_name
from mesh.terraform.target import Target

Answer = Mapping[str, Any]


class TableReader(Protocol):
    """Reads tables of a workspace."""

    def get(self, path: str, query: Mapping[str, str]) -> Answer | None:
        """The answer to a GET request; None if the object does not exist."""


def check_tables(target: Target) -> list[Finding]:
    """Compares the tables of an environment with the contracts, in the order of files.

    Args:
        target: the mesh in the environment.

    Raises:
        OutsideError: the workspace does not answer, or refuses.
    """
    return sorted(
        finding
        for deployment, flow, contract in _promises(target.deployed)
        for finding in compare_tables(
            contract,
            _names(deployment, flow, contract),
            target.workspace(deployment),
            with_keys=not target.deployed.embedded,
        )
    )


def _promises(deployed: MeshDeployment) -> Iterator[tuple[Deployment, Flow, Contract]]:
    """Each contract that promises something, with its flow and the flow's deployment."""
    for scope, deployment in zip(deployed.scopes, deployed.deployments, strict=True):
        for flow in scope.project.flows:
            for contract in flow.contracts:
                if contract.status not in NOT_YET:
                    yield deployment, flow, contract


def _names(deployment: Deployment, flow: Flow, contract: Contract) -> dict[str, str]:
    """The full names of the tables of a contract, by their names there."""
    [built] = [one for one in deployment.flows if one.path == flow.path]
    schemas = dict(zip(flow.schemas, built.schema_names, strict=True))
    return {
        table.full_name: f"{built.catalog}.{schemas[schema]}.{stored_name(table.name)}"
        for table in contract.tables
        if (schema := table.schema or flow.schemas[0]) in schemas
    }


def compare_tables(
    contract: Contract, names: Mapping[str, str], workspace: TableReader, *, with_keys: bool = True
) -> Iterator[Finding]:
    """Yields errors for broken promises, and warnings for tables that lack comments or do not exist.

    Args:
        contract: the contract.
        names: the names of its tables in Unity Catalog, by their names in the contract.
        workspace: the workspace.
        with_keys: False where no table can have a primary key: on this machine, Delta is the open-source one.
    """
    for table in contract.tables:
        full_name = names[table.full_name]
        found = workspace.get(f"/api/2.1/unity-catalog/tables/{quote(full_name, safe='')}", {})
        if found is None:
            message = f"table `{full_name}` does not exist (run the flow)"
            yield contract.document.finding("contract-table-missing", (*table.at, "name"), message).as_warning
            continue
        yield from _columns(contract, table, full_name, found)
        if with_keys:
            yield from _primary_key(contract, table, full_name, found)
        if table.description and found.get("comment") != table.description:
            message = f"the comment of table `{full_name}` is not its description"
            remedy = f"let the code run `COMMENT ON TABLE {full_name} IS '…'`"
            at = (*table.at, "description")
            yield contract.document.finding("contract-not-described", at, f"{message} ({remedy})").as_warning


def _columns(contract: Contract, table: Table, full_name: str, found: Answer) -> Iterator[Finding]:
    actual = {str(one.get("name")).lower(): one for one in found.get("columns") or ()}
    for column in table.columns:
        if "." in column.name or "[]" in column.name:
            continue  # a part of the type of its column
        here, remedy = f"column `{column.name}` of `{full_name}`", "correct the code, or the contract"
        if (one := actual.get(column.key)) is None:
            message = f"{here} does not exist ({remedy})"
            yield contract.document.finding("contract-not-kept", (*column.at, "name"), message)
            continue
        kind = str(one.get("type_text"))
        if column.physical and compare_types(column.physical, kind) != "same":
            message = f"{here} is {kind}, and {column.physical} is promised ({remedy})"
            yield contract.document.finding("contract-not-kept", (*column.at, "physicalType"), message)
        if column.description and one.get("comment") != column.description:
            message = f"the comment of {here} is not its description"
            more = f"let the code run `ALTER TABLE {full_name} ALTER COLUMN {column.name} COMMENT '…'`"
            at = (*column.at, "description")
            yield contract.document.finding("contract-not-described", at, f"{message} ({more})").as_warning


def _primary_key(contract: Contract, table: Table, full_name: str, found: Answer) -> Iterator[Finding]:
    """Warns about another primary key: Unity Catalog does not enforce it, but tools read it."""
    keys = [
        [str(name) for name in key.get("child_columns") or ()]
        for one in found.get("table_constraints") or ()
        if (key := one.get("primary_key_constraint"))
    ]
    promised = [name.lower() for name in table.primary_key]
    if promised and promised not in [[name.lower() for name in key] for key in keys]:
        columns = ", ".join(table.primary_key)
        message = f"`{full_name}` has no primary key on {columns}"
        remedy = f"let the code run `ALTER TABLE {full_name} ADD PRIMARY KEY ({columns})`"
        at = (*table.at, "name")
        yield contract.document.finding("contract-not-described", at, f"{message} ({remedy})").as_warning
