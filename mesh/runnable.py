"""Jobs and pipelines that tasks run: a task names a flow of the mesh, and gets the id of what runs it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Literal

from mesh.compute_object import Lookup
from mesh.document import Location
from mesh.finding import Finding, nearest
from mesh.flow import Flow
from mesh.level import leads_to
from mesh.naming import name
from mesh.scope import Scope
from mesh.task import Task, with_inner

Kind = Literal["job", "pipeline"]

# Databricks Jobs API, `tasks`: those that run something else by its id
_TASKS: Mapping[str, Kind] = {"run_job_task": "job", "pipeline_task": "pipeline"}


@dataclass(frozen=True)
class Runnable:
    """A job or a pipeline of a flow, as the tasks of others see it.

    Args:
        kind: which of them.
        org: the org that it belongs to.
        path: where the flow is in the mesh, with the name of the entry where it stands in a list.
        id: its Terraform name.
        name: its name in the workspace.
        stack: the stack that makes it.
    """

    kind: Kind
    org: str | None
    path: str
    id: str
    name: str
    stack: str

    def lookup(self, stack: str) -> Lookup:
        """Its id: by reference in its own stack, by name in another one."""
        return Lookup(self.kind, self.id if stack == self.stack else None, {"name": self.name})


Runnables = Mapping[str, Runnable]


@dataclass(frozen=True)
class Named:
    """A flow that a task names.

    Args:
        kind: which of its own the task runs.
        field: the task's block that names it.
        path: as it is written, perhaps without levels at its beginning.
        at: where it stands in the document.
    """

    kind: Kind
    field: str
    path: str
    at: Location


def runnables(scopes: Iterable[Scope]) -> dict[str, Runnable]:
    """All jobs and pipelines of all flows, by their paths."""
    return {
        entry.entry_path: Runnable(
            kind,
            scope.org.name,
            entry.entry_path,
            entry.entry_id,
            entry_name(kind, entry, scope),
            scope.stack,
        )
        for scope in scopes
        for kind, entry in _entries([scope])
    }


def entry_name(kind: Kind, entry: Flow, scope: Scope) -> str:
    """What a job or pipeline is called in the workspace; of several in one flow, with its own name behind."""
    called = name(kind, entry.name_fields, scope.context, scope.project.naming)
    return f"{called}_{entry.entry}" if entry.entry else called


def named(task: Task) -> Iterator[Named]:
    """The flow that a task runs, if it names one."""
    for field, kind in _TASKS.items():
        block = task.data.get(field)
        if isinstance(block, Mapping) and isinstance(block.get("flow"), str):
            yield Named(kind, field, block["flow"], (*task.at, field, "flow"))


def named_by(flow: Flow) -> Iterator[Named]:
    """The flows that a flow's tasks run."""
    return (one for task in with_inner(flow.tasks) for one in named(task))


def found(one: Named, flow: Flow, known: Runnables) -> list[Runnable]:
    """What a task may mean, in the org of the flow that names it; there should be one."""
    mine = (each for each in known.values() if each.kind == one.kind and each.org == flow.org)
    return [each for each in mine if leads_to(one.path, each.path)]


def stacks_run(scope: Scope, known: Runnables) -> tuple[str, ...]:
    """The stacks of other projects whose jobs and pipelines a project's tasks run."""
    run = (each for _, entry in _entries([scope]) for each in _run_by(entry, known))
    return tuple(sorted({each.stack for each in run} - {scope.stack}))


def check_runs(scopes: Sequence[Scope], known: Runnables) -> Iterator[Finding]:
    """Flows that are not there, and flows or projects that wait for each other."""
    flows = {entry.entry_path: entry for _, entry in _entries(scopes)}
    for flow in flows.values():
        for one in named_by(flow):
            there = found(one, flow, known)
            if len(there) != 1:
                yield _unknown(one, flow, there, known)
    of_flows = {path: [each.path for each in _run_by(flow, known)] for path, flow in flows.items()}
    for cycle in _cycles(of_flows):
        yield _told(cycle, flows[cycle[0]], cycle[1], "flows run each other's jobs", known)
    of_stacks: dict[str, list[str]] = {scope.stack: [*stacks_run(scope, known)] for scope in scopes}
    tied = {step for cycle in _cycles(of_flows) for step in cycle}
    for cycle in _cycles(of_stacks):
        scope = next(one for one in scopes if one.stack == cycle[0])
        runs = ((flow, each) for _, flow in _entries([scope]) for each in _run_by(flow, known))
        flow, each = next((flow, each) for flow, each in runs if each.stack == cycle[1])
        if flow.entry_path not in tied:
            yield _told(cycle, flow, each.path, "projects run each other's jobs, so none can be first", known)


def _entries(scopes: Iterable[Scope]) -> Iterator[tuple[Kind, Flow]]:
    for scope in scopes:
        for flow in scope.project.flows:
            yield from (("job", job) for job in flow.jobs)
            yield from (("pipeline", pipeline) for pipeline in flow.pipelines)


def _run_by(flow: Flow, known: Runnables) -> Iterator[Runnable]:
    for one in named_by(flow):
        there = found(one, flow, known)
        if len(there) == 1:
            yield there[0]


def _unknown(one: Named, flow: Flow, there: Sequence[Runnable], known: Runnables) -> Finding:
    depth = -len(one.path.strip("/").split("/"))  # as many levels as were written
    mine = [each.path for each in known.values() if each.kind == one.kind and each.org == flow.org]
    several = f"write more of it: {', '.join(each.path for each in there)}"
    near = (
        several if there else nearest(one.path, {"/".join(path.split("/")[depth:]) for path in mine}, "flows")
    )
    message = f"flow `{one.path[:120]}` is {'not one' if there else f'no flow with a {one.kind}'} in the mesh"
    return flow.document.finding("unknown-flow", one.at, f"{message} ({near})")


def _cycles(graph: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """Ways from a node back to itself, until none would be left if each lost its first step."""
    left = {node: list(after) for node, after in graph.items()}
    while True:
        sorter: TopologicalSorter[str] = TopologicalSorter()
        for node, after in left.items():
            sorter.add(node, *after)
        try:
            sorter.prepare()
        except CycleError as error:
            cycle: list[str] = error.args[1][::-1]
            yield cycle
            left[cycle[0]] = [node for node in left[cycle[0]] if node != cycle[1]]
        else:
            return


def _told(cycle: Sequence[str], flow: Flow, runs: str, what: str, known: Runnables) -> Finding:
    at = next(one.at for one in named_by(flow) if [each.path for each in found(one, flow, known)] == [runs])
    path = " → ".join(f"`{step}`" for step in cycle)
    return flow.document.finding("run-job-cycle", at, f"{what}: {path} (remove one run_job_task)")
