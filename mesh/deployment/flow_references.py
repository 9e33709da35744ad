"""References from tasks to the jobs and pipelines of other flows: a task names a flow and gets an id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from typing import Literal

from mesh.deployment.scope import Scope
from mesh.documents.document import Location
from mesh.finding import Finding, nearest
from mesh.model.compute_object import Lookup
from mesh.model.flow import Flow
from mesh.model.naming import name
from mesh.model.org import Org
from mesh.model.path import by_ending
from mesh.model.task import Task, with_inner

Kind = Literal["job", "pipeline"]

# Databricks Jobs API, `tasks`: tasks that run a job or pipeline by its id
_TASKS: Mapping[str, Kind] = {"run_job_task": "job", "pipeline_task": "pipeline"}


@dataclass(frozen=True)
class Runnable:
    """A job or a pipeline that tasks of other flows may run.

    Args:
        kind: job or pipeline.
        org: the name of its org.
        path: the path of the flow, followed by the name of the entry if the flow declares a list.
        id: its Terraform name.
        name: its name in the workspace.
        stack: the stack that creates it.
        scheduled: True if it is a pipeline that a job of the same name starts.
    """

    kind: Kind
    org: str | None
    path: str
    id: str
    name: str
    stack: str
    scheduled: bool = False

    def lookup(self, stack: str) -> Lookup:
        """Returns the lookup of its id: by reference in its own stack, by name in other stacks."""
        return Lookup(self.kind, self.id if stack == self.stack else None, {"name": self.name})


@dataclass(frozen=True)
class RunnableEntries:
    """All jobs and pipelines of all flows.

    Args:
        by_path: by path of the flow; in a list, the name of the entry follows.
    """

    by_path: Mapping[str, Runnable]

    @cached_property
    def by_ending(self) -> Mapping[str, Sequence[str]]:
        """The paths by each of their endings, such as `prep/revenue`."""
        return by_ending(self.by_path)


@dataclass(frozen=True)
class FlowReference:
    """A reference from a task to a flow.

    Args:
        kind: `job` or `pipeline`, which the task runs.
        field: the block of the task that contains the reference.
        path: the path as declared; leading levels may be missing.
        at: its position in the document.
    """

    kind: Kind
    field: str
    path: str
    at: Location


def runnables(scopes: Iterable[Scope]) -> RunnableEntries:
    """Returns all jobs and pipelines that tasks may run."""
    made = (
        Runnable(
            kind,
            scope.org.name,
            entry.entry_path,
            entry.entry_id,
            entry_name(kind, entry, scope),
            scope.stack,
            scheduled=kind == "pipeline" and bool(entry.declared.passed.get("schedule")),
        )
        for scope in scopes
        for kind, entry in _entries([scope])
    )
    return RunnableEntries({one.path: one for one in made})


def entry_name(kind: Kind, entry: Flow, scope: Scope) -> str:
    """Returns the name of a job or pipeline in the workspace; in a list, the name of the entry follows."""
    called = name(kind, entry.name_fields, scope.context, scope.project.naming)
    return f"{called}_{entry.entry}" if entry.entry else called


def references(task: Task) -> Iterator[FlowReference]:
    """Yields the flow reference of a task, if there is one."""
    for field, kind in _TASKS.items():
        block = task.data.get(field)
        if isinstance(block, Mapping) and isinstance(block.get("flow"), str):
            yield FlowReference(kind, field, block["flow"], (*task.at, field, "flow"))


def references_of_flow(flow: Flow) -> Iterator[FlowReference]:
    """Returns the flow references of all tasks of a flow."""
    return (one for task in with_inner(flow.tasks) for one in references(task))


def resolve(one: FlowReference, flow: Flow, known: RunnableEntries) -> list[Runnable]:
    """Returns the matches of a reference in the org of its flow; exactly one is valid."""
    meant = (known.by_path[path] for path in known.by_ending.get(one.path.strip("/"), ()))
    return [each for each in meant if each.kind == one.kind and each.org == flow.org]


def stacks_run(scope: Scope, known: RunnableEntries) -> tuple[str, ...]:
    """Returns the stacks of other projects whose jobs and pipelines the tasks of a project run."""
    run = (each for _, entry in _entries([scope]) for each in _run_by(entry, known))
    return tuple(sorted({each.stack for each in run} - {scope.stack}))


def check_runs(scopes: Sequence[Scope], known: RunnableEntries) -> Iterator[Finding]:
    """Reports unknown flows, and cycles between flows or projects."""
    flows = {entry.entry_path: entry for _, entry in _entries(scopes)}
    for flow in flows.values():
        for one in references_of_flow(flow):
            there = resolve(one, flow, known)
            if len(there) != 1:
                yield _unknown(one, flow, there, known)
            elif twin := _namesake(there[0], known.by_path[flow.entry_path].stack, known):
                message = f"the {one.kind} of `{there[0].path}` has the same name as that of `{twin.path}`"
                remedy = (
                    f"give one of them a name in `{one.kind}s` of its flow: other projects look it up by name"
                )
                yield flow.document.finding("job-name-shared", one.at, f"{message} ({remedy})")
    of_flows = {path: [each.path for each in _run_by(flow, known)] for path, flow in flows.items()}
    tied: set[str] = set()
    for cycle in _cycles(of_flows):
        tied.update(cycle)
        yield _cycle_finding(cycle, flows[cycle[0]], cycle[1], "flows run each other's jobs", known)
    of_stacks = {scope.stack: stacks_run(scope, known) for scope in scopes}
    for cycle in _cycles(of_stacks):
        scope = next(one for one in scopes if one.stack == cycle[0])
        runs = ((flow, each) for _, flow in _entries([scope]) for each in _run_by(flow, known))
        flow, each = next((flow, each) for flow, each in runs if each.stack == cycle[1])
        if flow.entry_path not in tied:
            yield _cycle_finding(
                cycle, flow, each.path, "projects run each other's jobs, so none can be deployed first", known
            )


def check_pipeline_names(scopes: Iterable[Scope]) -> Iterator[Finding]:
    """Reports pipelines with equal names, unless all of them allow duplicate names.

    Source: Databricks Pipelines API, `allow_duplicate_names`.
    """
    alike: dict[tuple[str | None, str], list[Flow]] = {}
    for scope in scopes:
        for kind, entry in _entries([scope]):
            if kind == "pipeline":
                alike.setdefault((scope.org.name, entry_name(kind, entry, scope)), []).append(entry)
    for (_, called), entries in alike.items():
        first, *later = entries
        wrong = [one for one in later if not _may_share(one)]
        for one in wrong or ([first] if later and not _may_share(first) else []):
            other = later[0] if one is first else first
            message = (
                f"the pipeline has the name `{called[:120]}`, as does the pipeline of `{other.entry_path}`"
            )
            remedy = (
                "use `{flow}` in the naming template `pipeline`, or list them in `pipelines` by other names, "
                "or set `allow_duplicate_names: true` in both"
            )
            yield one.document.finding("pipeline-name-shared", (), f"{message} ({remedy})")


def _may_share(pipeline: Flow) -> bool:
    return pipeline.declared.passed.get("allow_duplicate_names") is True


def check_flow_cycles(org: Org) -> Iterator[Finding]:
    """Reports cycles between flows that exist in every environment, by folders alone."""
    every = [flow for domain in org.domains for project in domain.projects for flow in project.flows]
    made = (
        Runnable(kind, org.name, entry.entry_path, entry.entry_id, name="", stack="")
        for kind, entry in _of_flows(every)
    )
    known = RunnableEntries({one.path: one for one in made})
    same = {entry.entry_path: entry for _, entry in _of_flows(flow for flow in every if not flow.otherwise)}
    for cycle in _cycles({path: [each.path for each in _run_by(flow, known)] for path, flow in same.items()}):
        yield _cycle_finding(cycle, same[cycle[0]], cycle[1], "flows run each other's jobs", known)


def _entries(scopes: Iterable[Scope]) -> Iterator[tuple[Kind, Flow]]:
    return _of_flows(flow for scope in scopes for flow in scope.project.flows)


def _of_flows(flows: Iterable[Flow]) -> Iterator[tuple[Kind, Flow]]:
    for flow in flows:
        yield from (("job", job) for job in flow.jobs)
        yield from (("pipeline", pipeline) for pipeline in flow.pipelines)


def _namesake(one: Runnable, stack: str, known: RunnableEntries) -> Runnable | None:
    """Returns another entry of the same name, if `stack` looks the entry up by name."""
    if one.stack == stack:
        return None
    alike = (each for each in known.by_path.values() if (each.org, each.name) == (one.org, one.name))
    same = (each for each in alike if each.kind == one.kind or (one.kind == "job" and each.scheduled))
    return next((each for each in same if each is not one), None)


def _run_by(flow: Flow, known: RunnableEntries) -> Iterator[Runnable]:
    for one in references_of_flow(flow):
        there = resolve(one, flow, known)
        if len(there) == 1:
            yield there[0]


def _unknown(one: FlowReference, flow: Flow, there: Sequence[Runnable], known: RunnableEntries) -> Finding:
    depth = -len(one.path.strip("/").split("/"))  # as many levels as declared
    mine = [each.path for each in known.by_path.values() if each.kind == one.kind and each.org == flow.org]
    several = f"write a longer path: {', '.join(each.path for each in there)}"
    near = (
        several if there else nearest(one.path, {"/".join(path.split("/")[depth:]) for path in mine}, "flows")
    )
    problem = "matches several flows" if there else f"with a {one.kind} is not in the mesh"
    message = f"flow `{one.path[:120]}` {problem}"
    return flow.document.finding("unknown-flow", one.at, f"{message} ({near})")


def _cycles(graph: Mapping[str, Iterable[str]]) -> Iterator[list[str]]:
    """Yields cycles: removes the first edge of each from the graph, until no cycle is left."""
    for left in _components(graph):
        while cycle := _cycle(left):
            yield cycle
            left[cycle[0]] = [node for node in left[cycle[0]] if node != cycle[1]]


def _cycle(graph: Mapping[str, Sequence[str]]) -> list[str] | None:
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for node, after in graph.items():
        sorter.add(node, *after)
    try:
        sorter.prepare()
    except CycleError as error:
        cycle: list[str] = error.args[1]
        return cycle[::-1]
    return None


def _components(graph: Mapping[str, Iterable[str]]) -> Iterable[dict[str, list[str]]]:
    """Returns the connected components of the graph; a search for cycles then reads one component only."""
    toward = {node: node for node in graph}  # the root of each component points to itself

    def root(node: str) -> str:
        while toward[node] != node:
            toward[node] = toward[toward[node]]
            node = toward[node]
        return node

    for node, after in graph.items():
        for other in after:
            if other in toward:
                toward[root(other)] = root(node)
    parts: dict[str, dict[str, list[str]]] = {}
    for node, after in graph.items():
        parts.setdefault(root(node), {})[node] = [*after]
    return parts.values()


def _cycle_finding(cycle: Sequence[str], flow: Flow, runs: str, what: str, known: RunnableEntries) -> Finding:
    at = next(
        one.at
        for one in references_of_flow(flow)
        if [each.path for each in resolve(one, flow, known)] == [runs]
    )
    path = " → ".join(f"`{step}`" for step in cycle)
    return flow.document.finding("run-job-cycle", at, f"{what}: {path} (remove one run_job_task)")
