"""Owners of tables that the next run sets, as changes of access: an owner may do anything with a table."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from mesh.deployment.description import OWNERS, SCHEMAS
from mesh.review.access import OWNER, AccessChange
from mesh.review.declared_tables import DESCRIBES, declared
from mesh.review.mesh_index import MeshIndex
from mesh.review.plan import StackPlan


@dataclass(frozen=True)
class _Task:
    """What the task receives that sets owners.

    Args:
        owners: their names in Unity Catalog, by declared names; None if the mesh does not know the task.
        schemas: catalog and schema, joined by a point, by the schema's key.
    """

    owners: Mapping[str, str] | None = None
    schemas: Mapping[str, str] = field(default_factory=dict)


def table_owner_changes(plans: Sequence[StackPlan], index: MeshIndex) -> list[AccessChange]:
    """The owners that tables get by the notebooks of plans, where the deployment sets owners.

    Args:
        plans: all plans.
        index: the index of the mesh.
    """
    return [change for plan in plans for change in _of_plan(plan, index)]


def _of_plan(plan: StackPlan, index: MeshIndex) -> Iterator[AccessChange]:
    for change in plan.changes:
        path = str(change.after.get("path") or "")
        if change.type != "databricks_notebook" or PurePosixPath(path).name != DESCRIBES:
            continue
        before, after = (_owners(one) for one in (change.before, change.after))
        task = _task(plan.stack, path, index)
        for (schema, table), owner in after.items():
            known = owner if task.owners is None else task.owners.get(owner)
            if known and before.get((schema, table)) != owner:
                name = ".".join(filter(None, (task.schemas.get(schema, schema), table)))
                called = index.display_name(known)
                yield AccessChange(plan.stack, known, called, "table", (name,), (OWNER,), ())


def _owners(values: Mapping[str, Any]) -> dict[tuple[str, str], str]:
    """The declared owners in a notebook, by schema and table."""
    parts = (declared(values, "TABLES") or {}).items()
    owners = {table: str(owner) for (table, kind, _), owner in parts if kind == "owner"}
    return {(table.rpartition(".")[0], table.rpartition(".")[2]): owner for table, owner in owners.items()}


def _task(stack: str, path: str, index: MeshIndex) -> _Task:
    deployment = index.deployments.get(stack)
    for flow in deployment.flows if deployment else ():
        for task in (one for job in flow.jobs for one in job.settings.get("tasks", ())):
            notebook = task.get("notebook_task", {})
            if notebook.get("notebook_path") == path:
                given = notebook.get("base_parameters", {})
                schemas = {key: ".".join(one) for key, one in json.loads(given.get(SCHEMAS, "{}")).items()}
                first = {"": f"{flow.catalog}.{flow.schema_names[0]}"} if flow.schema_names else {}
                return _Task(json.loads(given.get(OWNERS, "{}")), {**first, **schemas})
    return _Task()
