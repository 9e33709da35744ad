"""Facts from workspaces that no plan contains: contents of data that will be destroyed, and existing grants.

Terraform refreshes only what its states hold. The first apply of a `databricks_grants` resource is
authoritative: it revokes existing grants, which no state contains. So the review reads the workspace.
Source: Databricks Terraform provider, "databricks_grants Resource".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from mesh.errors import MeshError, OutsideError, UsageError
from mesh.mesh import Mesh
from mesh.review.data import full_name
from mesh.review.inherited_access import SECURABLE_RESOURCE_TYPES, AccessTree
from mesh.review.mesh_index import SecurableKey
from mesh.review.plan import ResourceChange, StackPlan
from mesh.review.stack_location import StackLocation, StackLocator
from mesh.terraform.workspace import RESOURCE_KINDS
from mesh.terraform.workspace_contents import DATA_TYPES

Privileges = Mapping[str, frozenset[str]]  # by principal


class WorkspaceReader(Protocol):
    """Reads a workspace."""

    def user(self) -> str:
        """The logged-in user."""

    def holds(self, type: str, full_name: str) -> str:
        """The contents of a resource in DATA_TYPES; "" where they cannot be read."""

    def granted(self, kind: str, full_name: str) -> Privileges:
        """The privileges on a securable; empty where the securable does not exist."""


@dataclass(frozen=True)
class WorkspaceFacts:
    """Facts read from workspaces.

    Args:
        contents: the contents of data that will be destroyed, by type and full name.
        existing_grants: grants outside every state, by securable.
        notes: the facts that could not be read, with the reason.
    """

    contents: Mapping[tuple[str, str], str] = field(default_factory=dict)
    existing_grants: Mapping[SecurableKey, Privileges] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


NO_FACTS = WorkspaceFacts()


def read_workspaces(
    plans: Sequence[StackPlan], mesh: Mesh | None, workspace: Callable[[StackLocation], WorkspaceReader]
) -> WorkspaceFacts:
    """Reads the contents of all data that plans destroy, and the existing grants that plans replace.

    Args:
        plans: all plans.
        mesh: the mesh of the plans; None where it cannot be read.
        workspace: opens the workspace of a stack.
    """
    locator = StackLocator(mesh)
    tree = AccessTree(plans)
    opened: dict[tuple[str, str], WorkspaceReader | None] = {}
    contents: dict[tuple[str, str], str] = {}
    existing: dict[SecurableKey, Privileges] = {}
    notes: list[str] = []
    for plan in plans:
        destroyed, first_grants = list(_destroyed_data(plan)), list(_first_grants(plan, tree))
        if not destroyed and not first_grants:
            continue
        location = locator.locate(plan)
        key = location.environment, _org(location)
        if key not in opened:
            opened[key] = _open(location, workspace, notes)
        if (reader := opened[key]) is None:
            continue
        for type, name in destroyed:
            if text := reader.holds(type, name):
                contents[type, name] = text
            else:
                notes.append(
                    f"contents of {RESOURCE_KINDS[type].label} {name}: the workspace does not report them"
                )
        for securable in first_grants:
            try:
                existing[securable] = reader.granted(*securable)
            except OutsideError as error:
                notes.append(f"existing grants on {' '.join(securable)}: {_first_line(error)}")
    return WorkspaceFacts(contents, existing, tuple(notes))


def _open(
    location: StackLocation, workspace: Callable[[StackLocation], WorkspaceReader], notes: list[str]
) -> WorkspaceReader | None:
    """The workspace of a stack; None, with a note, where it does not answer."""
    try:
        reader = workspace(location)
        reader.user()
    except (MeshError, OutsideError, UsageError) as error:
        notes.append(f"contents and existing grants in {location.environment}: {_first_line(error)}")
        return None
    return reader


def _org(location: StackLocation) -> str:
    """The org of a stack; each org has its own workspaces."""
    return location.path.partition("/")[0]


def _first_line(error: Exception) -> str:
    return str(error).split("\n")[0]


def _destroyed_data(plan: StackPlan) -> Iterator[tuple[str, str]]:
    """Type and full name of the data that a plan destroys."""
    for change in plan.changes:
        if change.destroys and change.type in DATA_TYPES and (name := full_name(change.type, change.before)):
            yield change.type, name


def _first_grants(plan: StackPlan, tree: AccessTree) -> Iterator[SecurableKey]:
    """The existing securables whose grants enter the state with this plan."""
    for change in plan.changes:
        if change.type == "databricks_grants" and change.action == "create":
            kind, name = tree.securable_of(plan, change)
            if kind and not tree.is_new(kind, name) and not _created_by(plan, change, kind):
                yield kind, name


def _created_by(plan: StackPlan, grants: ResourceChange, kind: str) -> bool:
    """True if the plan creates the securable of the grants."""
    type = SECURABLE_RESOURCE_TYPES.get(kind, f"databricks_{kind}")
    return any(one.type == type and one.id == grants.id and one.action == "create" for one in plan.changes)


def workspace_opener(mesh: Mesh | None) -> Callable[[StackLocation], WorkspaceReader]:
    """A function that opens the workspace of a stack, with the login of a deployment.

    Args:
        mesh: the mesh, which declares the workspaces; None where it cannot be read.
    """

    def open_workspace(location: StackLocation) -> WorkspaceReader:
        from mesh.terraform.target import Target

        if mesh is None or not location.environments:
            raise UsageError("the mesh does not declare this workspace")
        deployed = mesh.in_environment(location.environments[0])
        target = Target(deployed, mesh.root)
        of_org = (one for one in target.stacks if one.org in (None, _org(location)))
        if (stack := next(of_org, None)) is None:
            raise UsageError("the mesh does not declare this workspace")
        return target.workspace(stack)

    return open_workspace
