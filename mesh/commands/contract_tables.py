"""`mesh contracts --tables`: the tables in a workspace, compared with what contracts promise about them.

Only a run of the code shows which columns a table really has, so this needs an environment where it ran.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mesh.commands.described_tables import (
    Answer,
    TableReader,
    compare_descriptions,
    compare_objects,
    read_table,
)
from mesh.deployment.table_owners import table_owners
from mesh.finding import Finding
from mesh.mesh import MeshDeployment
from mesh.model.contract import NOT_YET, Contract, Table
from mesh.model.contract_type import compare_types
from mesh.model.flow import Flow
from mesh.model.naming import stored_name
from mesh.model.path import by_ending
from mesh.model.table_description import schema_key
from mesh.terraform.target import Target


def check_tables(target: Target) -> list[Finding]:
    """Compares the tables of an environment with what contracts and flows declare, in the order of files.

    Args:
        target: the mesh in the environment.

    Raises:
        OutsideError: the workspace does not answer, or refuses.
    """
    found: list[Finding] = []
    places = _places(target.deployed)
    for scope, deployment in zip(target.deployed.scopes, target.deployed.deployments, strict=True):
        for flow in scope.project.flows:
            workspace, schemas = target.workspace(deployment), places[flow.path]
            for contract in flow.contracts:
                if contract.status not in NOT_YET:
                    found += compare_tables(contract, _names(flow, contract, schemas), workspace)
            known = _with_read(flow, schemas, places)
            owners = {key: own for one in flow.jobs for key, own in table_owners(scope, one).items()}
            found += compare_descriptions(flow, known, workspace, owners)
            found += compare_objects(flow, known, workspace)
    return sorted(found)


def _places(deployed: MeshDeployment) -> dict[str, dict[str, tuple[str, str]]]:
    """Catalog and schema by a flow's path and the schema's name in the flow; "" for its first one."""
    places: dict[str, dict[str, tuple[str, str]]] = {}
    for scope, deployment in zip(deployed.scopes, deployed.deployments, strict=True):
        built = {one.path: one for one in deployment.flows}
        for flow in scope.project.flows:
            one = built[flow.path]
            pairs = [
                (db, (one.catalog, full)) for db, full in zip(flow.schemas, one.schema_names, strict=True)
            ]
            places[flow.path] = dict([("", pairs[0][1]), *pairs] if pairs else [])
    return places


def _with_read(
    flow: Flow, own: Mapping[str, tuple[str, str]], places: Mapping[str, Mapping[str, tuple[str, str]]]
) -> dict[str, tuple[str, str]]:
    """The schemas of a flow with those of the flows that it reads, as generated notebooks name them."""
    endings = by_ending(places)
    found = dict(own)
    for alias, read in flow.declared.reads.items():
        matches = endings.get(read.flow.strip("/"), ())
        for db, place in places[matches[0]].items() if len(matches) == 1 else ():
            found[schema_key(alias, db)] = place
    return found


def _names(flow: Flow, contract: Contract, schemas: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """The full names of the tables of a contract, by their names there."""
    return {
        table.full_name: ".".join((*schemas[schema], stored_name(table.name)))
        for table in contract.tables
        if (schema := table.schema or flow.schemas[0]) in schemas
    }


def compare_tables(contract: Contract, names: Mapping[str, str], workspace: TableReader) -> Iterator[Finding]:
    """Yields errors for broken promises, and warnings for tables that do not exist.

    Args:
        contract: the contract.
        names: the names of its tables in Unity Catalog, by their names in the contract.
        workspace: the workspace.
    """
    for table in contract.tables:
        full_name = names[table.full_name]
        found = read_table(workspace, full_name)
        if found is None:
            message = f"table `{full_name}` does not exist (run the flow)"
            yield contract.document.finding("contract-table-missing", (*table.at, "name"), message).as_warning
            continue
        yield from _columns(contract, table, full_name, found)


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
