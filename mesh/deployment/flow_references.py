"""References from tasks to the jobs and pipelines of other flows: a task names a flow and gets an id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from mesh.deployment.scope import Scope
from mesh.documents.document import Location
from mesh.finding import Finding, nearest
from mesh.model.compute_object import Lookup
from mesh.model.entry import Entry, EntryKind
from mesh.model.flow import Flow
from mesh.model.naming import name
from mesh.model.org import Org
from mesh.model.path import by_ending
from mesh.model.task import Task, with_inner

# Databricks Jobs API, `tasks`: tasks that run a job or pipeline by its id
_TASKS: Mapping[str, EntryKind] = {"run_job_task": "job", "pipeline_task": "pipeline"}


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

    kind: EntryKind
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
        by_path: by path of the flow, followed by the name of the entry if the flow declares a list.
        by_ending: the paths by each of their endings, such as `prep/revenue`.
    """

    by_path: Mapping[str, Runnable]
    by_ending: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, by_path: Mapping[str, Runnable]) -> RunnableEntries:
        """The entries with these paths."""
        return cls(by_path, by_ending(by_path))


@dataclass(frozen=True)
class FlowReference:
    """A reference from a task to a flow.

    Args:
        kind: `job` or `pipeline`, which the task runs.
        field: the block of the task that contains the reference.
        path: the path as declared; leading levels may be missing.
        at: its position in the document.
    """

    kind: EntryKind
    field: str
    path: str
    at: Location


def runnables(scopes: Iterable[Scope]) -> RunnableEntries:
    """Returns all jobs and pipelines that tasks may run."""
    return RunnableEntries.of(
        {
            entry.path: _runnable(entry, entry_name(entry, scope), scope.stack)
            for scope in scopes
            for entry in _entries(scope.project.flows)
        }
    )


def entry_name(entry: Entry, scope: Scope) -> str:
    """Returns the name of a job or pipeline in the workspace; it ends with the entry's name in a list."""
    by_template = name(entry.kind, entry.flow.name_fields, scope.context, scope.project.naming)
    return f"{by_template}_{entry.name}" if entry.name else by_template


def references(task: Task) -> Iterator[FlowReference]:
    """Yields the flow reference of a task, if there is one."""
    for field, kind in _TASKS.items():
        block = task.data.get(field)
        if block is not None and isinstance(block, Mapping) and isinstance(block.get("flow"), str):
            yield FlowReference(kind, field, block["flow"], (*task.at, field, "flow"))


def references_of_entry(entry: Entry) -> Iterator[FlowReference]:
    """Returns the flow references of all tasks of a job."""
    return (reference for task in with_inner(entry.tasks) for reference in references(task))


def resolve(reference: FlowReference, entry: Entry, known: RunnableEntries) -> list[Runnable]:
    """Returns the entries of the org that a reference matches; a valid reference matches exactly one."""
    matches = (known.by_path[path] for path in known.by_ending.get(reference.path.strip("/"), ()))
    return [match for match in matches if match.kind == reference.kind and match.org == entry.flow.org]


def stacks_run(scope: Scope, known: RunnableEntries) -> tuple[str, ...]:
    """Returns the stacks of other projects whose jobs and pipelines the tasks of a project run."""
    run = (target for entry in _entries(scope.project.flows) for target in _run_by(entry, known))
    return tuple(sorted({target.stack for target in run} - {scope.stack}))


def check_runs(scopes: Sequence[Scope], known: RunnableEntries) -> Iterator[Finding]:
    """Reports unknown flows, and cycles between flows or projects."""
    entries = {entry.path: entry for scope in scopes for entry in _entries(scope.project.flows)}
    for entry in entries.values():
        yield from _check_references(entry, known)
    of_entries = {path: [target.path for target in _run_by(entry, known)] for path, entry in entries.items()}
    in_cycles: set[str] = set()
    for cycle in _cycles(of_entries):
        in_cycles.update(cycle)
        yield _cycle_finding(cycle, entries[cycle[0]], cycle[1], "flows run each other's jobs", known)
    of_stacks = {scope.stack: stacks_run(scope, known) for scope in scopes}
    for cycle in _cycles(of_stacks):
        scope = next(scope for scope in scopes if scope.stack == cycle[0])
        entries_of_scope = _entries(scope.project.flows)
        runs = ((entry, target) for entry in entries_of_scope for target in _run_by(entry, known))
        entry, target = next((entry, target) for entry, target in runs if target.stack == cycle[1])
        if entry.path not in in_cycles:
            problem = "projects run each other's jobs, so none can be deployed first"
            yield _cycle_finding(cycle, entry, target.path, problem, known)


def _check_references(entry: Entry, known: RunnableEntries) -> Iterator[Finding]:
    """Reports references without a single match, and targets whose name is not unique."""
    for reference in references_of_entry(entry):
        kind, matches = reference.kind, resolve(reference, entry, known)
        if len(matches) != 1:
            yield _unknown(reference, entry, matches, known)
        elif twin := _namesake(matches[0], known.by_path[entry.path].stack, known):
            message = f"the {kind} of `{matches[0].path}` has the same name as that of `{twin.path}`"
            remedy = f"give one of them a name in `{kind}s` of its flow: other projects look it up by name"
            yield entry.document.finding("job-name-shared", reference.at, f"{message} ({remedy})")


def check_pipeline_names(scopes: Iterable[Scope]) -> Iterator[Finding]:
    """Reports pipelines with equal names, unless all of them allow duplicate names.

    Source: Databricks Pipelines API, `allow_duplicate_names`.
    """
    by_name: dict[tuple[str | None, str], list[Entry]] = {}
    for scope in scopes:
        for pipeline in (pipeline for flow in scope.project.flows for pipeline in flow.pipelines):
            by_name.setdefault((scope.org.name, entry_name(pipeline, scope)), []).append(pipeline)
    for (_, shared_name), pipelines in by_name.items():
        first, *later = pipelines
        wrong = [pipeline for pipeline in later if not _allows_duplicates(pipeline)]
        for pipeline in wrong or ([first] if later and not _allows_duplicates(first) else []):
            other = later[0] if pipeline is first else first
            message = (
                f"the pipeline has the name `{shared_name[:120]}`, as does the pipeline of `{other.path}`"
            )
            remedy = (
                "use `{flow}` in the naming template `pipeline`, or list them in `pipelines` by other names, "
                "or set `allow_duplicate_names: true` in both"
            )
            yield pipeline.document.finding("pipeline-name-shared", (), f"{message} ({remedy})")


def _allows_duplicates(pipeline: Entry) -> bool:
    return pipeline.declared.passed.get("allow_duplicate_names") is True


def check_flow_cycles(org: Org) -> Iterator[Finding]:
    """Reports cycles between flows that exist in every environment; needs only the folders."""
    flows = [flow for domain in org.domains for project in domain.projects for flow in project.flows]
    known = RunnableEntries.of({entry.path: _runnable(entry, name="", stack="") for entry in _entries(flows)})
    same = {entry.path: entry for entry in _entries(flow for flow in flows if not flow.by_environment)}
    graph = {path: [target.path for target in _run_by(entry, known)] for path, entry in same.items()}
    for cycle in _cycles(graph):
        yield _cycle_finding(cycle, same[cycle[0]], cycle[1], "flows run each other's jobs", known)


def _runnable(entry: Entry, name: str, stack: str) -> Runnable:
    scheduled = entry.kind == "pipeline" and bool(entry.declared.passed.get("schedule"))
    return Runnable(entry.kind, entry.flow.org, entry.path, entry.id, name, stack, scheduled)


def _entries(flows: Iterable[Flow]) -> Iterator[Entry]:
    return (entry for flow in flows for entry in flow.entries)


def _namesake(target: Runnable, stack: str, known: RunnableEntries) -> Runnable | None:
    """Returns another entry of the same name, if `stack` looks the target up by name."""
    if target.stack == stack:
        return None
    alike = (
        other for other in known.by_path.values() if (other.org, other.name) == (target.org, target.name)
    )
    same = (
        other for other in alike if other.kind == target.kind or (target.kind == "job" and other.scheduled)
    )
    return next((other for other in same if other is not target), None)


def _run_by(entry: Entry, known: RunnableEntries) -> Iterator[Runnable]:
    """Yields the jobs and pipelines that the tasks of a job run."""
    for reference in references_of_entry(entry):
        matches = resolve(reference, entry, known)
        if len(matches) == 1:
            yield matches[0]


def _unknown(
    reference: FlowReference, entry: Entry, matches: Sequence[Runnable], known: RunnableEntries
) -> Finding:
    kind, org = reference.kind, entry.flow.org
    depth = -len(reference.path.strip("/").split("/"))  # as many levels as declared
    paths = [other.path for other in known.by_path.values() if other.kind == kind and other.org == org]
    if matches:
        near = f"write a longer path: {', '.join(match.path for match in matches)}"
    else:
        near = nearest(reference.path, {"/".join(path.split("/")[depth:]) for path in paths}, "flows")
    problem = "matches several flows" if matches else f"with a {kind} is not in the mesh"
    message = f"flow `{reference.path[:120]}` {problem}"
    return entry.document.finding("unknown-flow", reference.at, f"{message} ({near})")


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


def _cycle_finding(
    cycle: Sequence[str], entry: Entry, runs: str, problem: str, known: RunnableEntries
) -> Finding:
    at = next(
        reference.at
        for reference in references_of_entry(entry)
        if [match.path for match in resolve(reference, entry, known)] == [runs]
    )
    path = " → ".join(f"`{step}`" for step in cycle)
    return entry.document.finding("run-job-cycle", at, f"{problem}: {path} (remove one run_job_task)")
