"""The texts that the page and the picture of a map have in common."""

from __future__ import annotations

from collections.abc import Iterable

from mesh.commands.map.content import MapDomain, MapEdge, MapProject, MeshMap
from mesh.commands.map.flow_facts import Access, Facts
from mesh.review.sentence import counted

MOST_PRIVILEGES = 6
"""More privileges of one principal are summed up."""

_MEANINGS = (("read", "SELECT"), ("write", "MODIFY"), ("manage", "MANAGE"))


def size(content: MeshMap) -> str:
    """The size of a map."""
    projects = sum(len(domain.projects) for domain in content.domains)
    sizes = ((len(content.domains), "domain"), (projects, "project"), (content.flow_count, "flow"))
    return ", ".join(counted(*one) for one in sizes)


def domain_size(domain: MapDomain) -> str:
    """The size of a domain."""
    flows = sum(1 for _ in domain.flows)
    return f"{counted(len(domain.projects), 'project')}, {counted(flows, 'flow')}"


def owned(owner: str | None) -> str:
    """The owner of a level."""
    return f"owner {owner}" if owner else "no owner"


def project_line(project: MapProject) -> str:
    """A project, with its owner if that is not the owner of its domain."""
    return lines((project.name, f"owner {project.owner}" if project.own_owner and project.owner else ""))


def granted(access: Access) -> str:
    """The privileges of a principal; many are summed up."""
    own = " (jobs run as it)" if access.runs_jobs else ""
    if len(access.privileges) <= MOST_PRIVILEGES:
        single = f"; SELECT on {', '.join(access.tables)}" if access.tables else ""
        return f"{access.principal}{own}: {', '.join(access.privileges)}{single}"
    may = [word for word, privilege in _MEANINGS if {privilege, "ALL_PRIVILEGES"} & {*access.privileges}]
    return f"{access.principal}{own}: {', '.join([*may, counted(len(access.privileges), 'privilege')])}"


def kinds(facts: Facts) -> str:
    """What a flow runs: `job`, `2 jobs`, `job, pipeline`."""
    names = [one.kind for one in facts.runnables]
    parts = [
        kind if names.count(kind) == 1 else counted(names.count(kind), kind) for kind in dict.fromkeys(names)
    ]
    return ", ".join(parts) or "data only"


def schedules(facts: Facts) -> str:
    """When a flow runs."""
    return "; ".join(start for one in facts.runnables for start in one.schedules)


def last_runs(facts: Facts) -> str:
    """The last run of each job and pipeline."""
    return "; ".join(one.last_run.text for one in facts.runnables if one.last_run)


def readers(facts: Facts) -> list[str]:
    """The principals that may read the data of a flow, without the one that its jobs run as."""
    return [one.principal for one in facts.access if one.reads and not one.runs_jobs]


def relation(edge: MapEdge) -> str:
    """An edge as a sentence."""
    if edge.kind == "runs":
        return f"{edge.source} runs {edge.target}"
    alias = f" as {', '.join(edge.names)}" if edge.names else ""
    return f"{edge.target} reads {edge.source}{alias}"


def lines(texts: Iterable[str]) -> str:
    """Texts that are not empty, separated by dots."""
    return " · ".join(text for text in texts if text)
