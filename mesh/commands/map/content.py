"""The content of a map: domains with their projects and flows, and who reads whose data.

Nodes and edges are those of `mesh graph`; owners, schedules, schemas and grants are those of the deployments.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mesh.commands import graph
from mesh.commands.map.flow_facts import Facts, Grants, flow_facts
from mesh.commands.map.link import Links
from mesh.commands.map.live import MISSING, NOTHING, Live
from mesh.deployment.foundation import Foundation
from mesh.deployment.scope import Scope
from mesh.errors import UsageError
from mesh.mesh import Mesh, MeshDeployment
from mesh.model.contract_reads import contract_reads


@dataclass(frozen=True)
class MapFlow:
    """A flow on the map.

    Args:
        path: its path in the mesh.
        name: its path in its project.
        link: the address of its folder: in the repository at the source commit, or a relative path.
        facts: what the map tells about it.
        outside: True if it is outside the level that the map shows.
    """

    path: str
    name: str
    link: str
    facts: Facts
    outside: bool = False


@dataclass(frozen=True)
class MapProject:
    """A project on the map.

    Args:
        name: its name.
        owner: the group that owns it; None if no level declares an owner.
        own_owner: True if the project itself declares the owner.
        description: its purpose.
        flows: in order of their paths.
    """

    name: str
    owner: str | None
    own_owner: bool
    description: str | None
    flows: tuple[MapFlow, ...]


@dataclass(frozen=True)
class MapDomain:
    """A domain on the map.

    Args:
        path: its path in the mesh.
        owner: the group that owns it; None if no level declares an owner.
        description: its purpose.
        projects: in order of their names; projects without flows are left out.
    """

    path: str
    owner: str | None
    description: str | None
    projects: tuple[MapProject, ...]

    @property
    def flows(self) -> Iterator[MapFlow]:
        """All its flows."""
        return (flow for project in self.projects for flow in project.flows)


@dataclass(frozen=True)
class MapEdge:
    """A flow that reads the data of another flow, or runs its job.

    Args:
        source: the path of the flow that is read, or that runs the other flow.
        target: the path of the flow that reads, or that is run.
        kind: the relation.
        names: the names in `reads`, in order.
    """

    source: str
    target: str
    kind: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class MeshMap:
    """A map.

    Args:
        title: the level that it shows, and the environment.
        domains: in order of their paths.
        edges: between the flows of the map.
        notes: what it tells beside the flows: where its facts are from, and the costs by tag.
        pages: the addresses of other pages of the workspace, by the text of their links.
    """

    title: str
    domains: tuple[MapDomain, ...]
    edges: tuple[MapEdge, ...]
    notes: tuple[str, ...] = ()
    pages: Mapping[str, str] = field(default_factory=dict)

    @property
    def flows(self) -> Iterator[MapFlow]:
        """All flows."""
        return (flow for domain in self.domains for flow in domain.flows)

    @property
    def flow_count(self) -> int:
        """The number of flows."""
        return sum(1 for _ in self.flows)


def mesh_map(
    mesh: Mesh, deployed: MeshDeployment, links: Links, path: str | None = None, live: Live = NOTHING
) -> MeshMap:
    """The map of a mesh or of a level.

    Args:
        mesh: the declared mesh.
        deployed: the mesh in an environment.
        links: the addresses of folders.
        path: the path of an org, domain or project, which may omit leading levels; None for the mesh.
        live: what the workspace tells about runs and tables.

    Raises:
        UsageError: the path matches nothing, several levels, or a flow.
    """
    drawn = graph.graph(mesh, deployed, path)
    if any(node.kind not in ("org", "domain", "project", "flow") for node in drawn.nodes):
        raise UsageError(f"`{path}` is a flow (name its project, or draw its tasks: mesh graph {path})")
    shown = {node.id: node.outside for node in drawn.nodes if node.kind == "flow"}
    tops = [node.id for node in drawn.nodes if node.parent is None and not node.outside]
    place = ", ".join(tops if path is not None or all("/" not in top for top in tops) else [])
    title = " · ".join(part for part in (place, deployed.name) if part)
    domains = tuple(_domains(mesh, deployed, shown, links, live))
    return MeshMap(title, domains, _edges(drawn), tuple(_notes(live)), live.pages)


def _notes(live: Live) -> Iterator[str]:
    if live is NOTHING:
        yield f"As declared. {MISSING}"
    elif live.note:
        yield live.note
    for key, values in live.costs.items():
        yield f"Cost by {key}: {', '.join(f'{value} {cost}' for value, cost in values.items())}"


def _edges(drawn: graph.Graph) -> tuple[MapEdge, ...]:
    """The edges, one for each pair of flows and relation."""
    names: dict[tuple[str, str, str], list[str]] = {}
    for edge in drawn.edges:
        names.setdefault((edge.source, edge.target, edge.kind), []).extend(filter(None, [edge.name]))
    return tuple(MapEdge(*ends, tuple(aliases)) for ends, aliases in names.items())


def _domains(
    mesh: Mesh, deployed: MeshDeployment, shown: Mapping[str, bool], links: Links, live: Live
) -> Iterator[MapDomain]:
    reads = contract_reads(mesh.owned_flows)
    grants = Grants(one for one in deployed.foundations if isinstance(one, Foundation))
    projects: dict[str, list[MapProject]] = {}
    scopes: dict[str, Scope] = {}
    for scope, one in zip(deployed.scopes, deployed.deployments, strict=True):
        declared = {flow.path: flow for flow in scope.project.flows}
        created = {schema.full_name: schema for schema in one.schemas}
        flows = tuple(
            MapFlow(
                flow.path,
                declared[flow.path].path_in_project,
                links.folder(declared[flow.path].folder.as_posix(), scope.commit),
                flow_facts(flow, declared[flow.path], scope, created, one.tables, grants, reads, live),
                shown[flow.path],
            )
            for flow in one.flows
            if flow.path in shown
        )
        if flows:
            domain = one.path.rpartition("/")[0]
            scopes.setdefault(domain, scope)
            declaration = scope.project.declared
            owned = declaration.owner is not None
            project = MapProject(one.project, one.owner, owned, declaration.description, flows)
            projects.setdefault(domain, []).append(project)
    for path, scope in scopes.items():
        of_domain = scope.domain.declared
        owner = of_domain.owner or scope.org.declared.owner
        yield MapDomain(path, owner, of_domain.description, tuple(projects[path]))
