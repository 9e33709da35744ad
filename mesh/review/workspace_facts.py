"""What a review sees in workspaces that no plan tells: what lies in data that goes, and rights of no state.

Terraform refreshes what its states hold. Grants that it would make for the first time are in none, and yet
it takes away what there is already, as `databricks_grants` is authoritative. So the workspace is asked.
Source: Databricks Terraform provider, "databricks_grants Resource".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from mesh.errors import MeshError, OutsideError, UsageError
from mesh.mesh import Mesh
from mesh.review.data import full_name
from mesh.review.inherited_access import TYPES, Reaches
from mesh.review.mesh_index import Securable
from mesh.review.plan import Planned, StackPlan
from mesh.review.stack_location import Place, Places
from mesh.terraform.workspace import DATA_TYPES, KINDS

Privileges = Mapping[str, frozenset[str]]  # by principal


class Workspace(Protocol):
    """What has to be known of a workspace."""

    def user(self) -> str:
        """Who is logged in."""

    def holds(self, type: str, full_name: str) -> str:
        """What lies in one of DATA_TYPES; "" where that cannot be told."""

    def granted(self, kind: str, full_name: str) -> Privileges:
        """Who has which privileges on a securable; nobody where it is not there."""


@dataclass(frozen=True)
class Seen:
    """What was seen in workspaces.

    Args:
        holds: by type and full name of what would be destroyed, what lies in it.
        granted: by securable, who has rights there that no state knows.
        notes: what could not be seen, and why.
    """

    holds: Mapping[tuple[str, str], str] = field(default_factory=dict)
    granted: Mapping[Securable, Privileges] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


NOTHING = Seen()


def look(plans: Sequence[StackPlan], mesh: Mesh | None, workspace: Callable[[Place], Workspace]) -> Seen:
    """Look into the workspaces of all that would be destroyed or granted anew; where that fails, say so.

    Args:
        plans: all plans.
        mesh: the mesh that they are of; None where it cannot be read.
        workspace: the workspace of a place.
    """
    tell = Places(mesh)
    reaches = Reaches(plans)
    open: dict[tuple[str, str], Workspace | None] = {}
    holds: dict[tuple[str, str], str] = {}
    granted: dict[Securable, Privileges] = {}
    notes: list[str] = []
    for plan in plans:
        lost, made = list(_lost(plan)), list(_granted_anew(plan, reaches))
        if not lost and not made:
            continue
        place = tell.of(plan)
        key = place.where, _org(place)
        if key not in open:
            open[key] = _opened(place, workspace, notes)
        if (there := open[key]) is None:
            continue
        for type, name in lost:
            if found := there.holds(type, name):
                holds[type, name] = found
            else:
                notes.append(f"what lies in {KINDS[type].word} {name}: the workspace does not tell")
        for securable in made:
            try:
                granted[securable] = there.granted(*securable)
            except OutsideError as error:
                notes.append(f"who has rights on {' '.join(securable)} already: {_first_line(error)}")
    return Seen(holds, granted, tuple(notes))


def _opened(place: Place, workspace: Callable[[Place], Workspace], notes: list[str]) -> Workspace | None:
    """The workspace of a place, once it answers."""
    try:
        found = workspace(place)
        found.user()
    except (MeshError, OutsideError, UsageError) as error:
        notes.append(f"what only the workspace of {place.where} tells: {_first_line(error)}")
        return None
    return found


def _org(place: Place) -> str:
    """The org that a place is of; orgs have workspaces of their own."""
    return place.path.partition("/")[0]


def _first_line(error: Exception) -> str:
    return str(error).split("\n")[0]


def _lost(plan: StackPlan) -> Iterator[tuple[str, str]]:
    """Type and full name of data that goes."""
    for one in plan.changes:
        if one.destroys and one.type in DATA_TYPES and (name := full_name(one.type, one.before)):
            yield one.type, name


def _granted_anew(plan: StackPlan, reaches: Reaches) -> Iterator[Securable]:
    """The securables that are there before, and that no state has grants of."""
    for one in plan.changes:
        if one.type == "databricks_grants" and one.action == "create":
            kind, name = reaches.securable(plan, one)
            if kind and not reaches.is_new(kind, name) and not _made(plan, one, kind):
                yield kind, name


def _made(plan: StackPlan, grants: Planned, kind: str) -> bool:
    """Whether what is granted on is made by the same plan."""
    type = TYPES.get(kind, f"databricks_{kind}")
    return any(one.type == type and one.id == grants.id and one.action == "create" for one in plan.changes)


def workspaces(mesh: Mesh | None) -> Callable[[Place], Workspace]:
    """Opens the workspaces of a mesh, with the login that a deployment would have.

    Args:
        mesh: the mesh; without it nobody can tell which workspace is meant.
    """

    def opened(place: Place) -> Workspace:
        from mesh.terraform.synthesis import Synthesis

        if mesh is None or not place.environments:
            raise UsageError("the mesh does not say which workspace that is")
        deployed = mesh.in_environment(place.environments[0])
        synthesis = Synthesis(deployed, mesh.root)
        of_org = (one for one in synthesis.every if one.org in (None, _org(place)))
        if (stack := next(of_org, None)) is None:
            raise UsageError("the mesh does not say which workspace that is")
        return synthesis.workspace(stack)

    return opened
