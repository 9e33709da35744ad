"""The declared owners of tables, where a job may give its tables away and still write to them."""

from __future__ import annotations

from collections.abc import Iterator

from mesh.deployment import run_context
from mesh.deployment.data_objects import run_as
from mesh.deployment.description import is_described_by
from mesh.deployment.scope import Scope
from mesh.finding import Finding
from mesh.model.access import Access, Levels, of_run_as
from mesh.model.entry import Entry
from mesh.model.flow_table import FlowTable, default_schema
from mesh.model.grant import merged
from mesh.model.naming import stored_name

# Databricks documentation, "Manage Unity Catalog object ownership": MANAGE lets a principal alter, drop and
# give away a table of another owner, and gives no access to its rows; ALL PRIVILEGES does not include it
_TO_REPLACE = frozenset({"MANAGE", "MODIFY", "SELECT"})
_BESIDE_MANAGE = frozenset({"ALL_PRIVILEGES"})


def table_owners(scope: Scope, entry: Entry) -> dict[str, str]:
    """Returns the owners that a job sets, by their declared names, with their names in Unity Catalog.

    Personal deployments leave each table with the principal that creates it, and so do jobs that run as
    the deployer, who may be another one tomorrow. Spark on this machine knows no owners.

    Args:
        scope: the project, its environment and identity.
        entry: the job.
    """
    if not scope.shared or scope.environment.embedded or not _principal(scope, entry):
        return {}
    declared = {one.owner for one in entry.flow.declared.tables.values() if one.owner}
    return {owner: scope.org.principals.databricks_name(owner) for owner in sorted(declared)}


def check_table_owners(scope: Scope, entry: Entry) -> Iterator[Finding]:
    """Reports owners of tables that would take the right to replace the table from the job that fills it.

    Args:
        scope: the project, its environment and identity.
        entry: the job.
    """
    owners, principal = table_owners(scope, entry), _principal(scope, entry)
    if not owners or not principal or not is_described_by(entry):
        return
    flow = entry.flow
    for name, declared in flow.declared.tables.items():
        schema = declared.schema_ or default_schema(flow)
        if not declared.owner or not schema or owners[declared.owner].lower() == principal.lower():
            continue
        granted = _privileges(scope, entry, FlowTable(schema, stored_name(name), name), principal)
        needed = {"MANAGE"} if granted & _BESIDE_MANAGE else _TO_REPLACE
        if missing := sorted(needed - granted):
            lacks = f"the job runs as `{principal}`, which lacks {', '.join(missing)} on it"
            message = f"`{declared.owner}` cannot own table `{name}` in {scope.environment.name}: {lacks}"
            remedy = f"grant it `role: owner` with `schema: {schema}`, or remove `owner`"
            at = ("tables", name, "owner")
            yield flow.document.finding("owner-without-manage", at, f"{message} ({remedy})")


def _principal(scope: Scope, entry: Entry) -> str | None:
    """The principal that a job runs as; None for the deployer."""
    return next(iter((run_context.run_as(scope, entry) or {}).values()), None)


def _privileges(scope: Scope, entry: Entry, table: FlowTable, principal: str) -> set[str]:
    """The privileges of a principal on a table, with those that it inherits from schema and catalog."""
    flow, project, access = entry.flow, scope.project, Access(scope.org)
    levels: Levels = [scope.org, scope.domain, project, flow]
    grants = merged(
        [
            *access.schema(levels, project, flow, table.schema),
            *access.table(flow, table),
            *of_run_as(run_as(scope), "schema", shared=scope.shared),
        ]
    )
    return {right for one in grants if one.principal.lower() == principal.lower() for right in one.privileges}
