"""Jobs that other jobs run: a task names a flow of the mesh, and gets the id of its job."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from mesh.compute_object import Lookup
from mesh.document import Location
from mesh.finding import Finding, nearest
from mesh.flow import Flow
from mesh.level import leads_to
from mesh.naming import name
from mesh.scope import Scope
from mesh.task import with_inner


@dataclass(frozen=True)
class RunnableJob:
    """The job of a flow, as the tasks of others see it.

    Args:
        org: the org that it belongs to.
        path: where the flow is in the mesh, and the job's name where it has several.
        id: its Terraform name.
        name: its name in the workspace.
        stack: the stack that makes it.
    """

    org: str | None
    path: str
    id: str
    name: str
    stack: str

    def lookup(self, stack: str) -> Lookup:
        """Its id: by reference in its own stack, by name in another one."""
        return Lookup("job", self.id if stack == self.stack else None, {"name": self.name})


Runnable = Mapping[str, RunnableJob]


def runnable_jobs(scopes: Iterable[Scope]) -> dict[str, RunnableJob]:
    """The jobs of all flows, by the flows' paths; of several in one flow, with each one's name behind."""
    return {
        _path(job): RunnableJob(scope.org.name, _path(job), job.job_id, job_name(job, scope), scope.stack)
        for scope in scopes
        for flow in scope.project.flows
        for job in flow.jobs
    }


def job_name(job: Flow, scope: Scope) -> str:
    """What a job is called in the workspace; of several in one flow, with its own name behind."""
    called = name("job", job.name_fields, scope.context, scope.project.naming)
    return f"{called}_{job.job_name}" if job.job_name else called


def _path(job: Flow) -> str:
    return f"{job.path}/{job.job_name}" if job.job_name else job.path


def named_flows(flow: Flow) -> Iterator[tuple[Location, str]]:
    """The flows whose jobs a flow's tasks run, each with where it is named."""
    for task in with_inner(flow.tasks):
        block = task.data.get("run_job_task")
        if isinstance(block, Mapping) and isinstance(block.get("flow"), str):
            yield (*task.at, "run_job_task", "flow"), block["flow"]


def found(path: str, flow: Flow, known: Runnable) -> list[RunnableJob]:
    """The jobs that `path` leads to, in the org of the flow that names it; there should be one."""
    return [job for job in known.values() if job.org == flow.org and leads_to(path, job.path)]


def stacks_run(scope: Scope, known: Runnable) -> tuple[str, ...]:
    """The stacks of other projects whose jobs a project's tasks run."""
    named = (run for job in _jobs([scope]) for run in _run_by(job, known))
    return tuple(sorted({job.stack for job in named} - {scope.stack}))


def check_run_jobs(scopes: Sequence[Scope], known: Runnable) -> Iterator[Finding]:
    """Flows that are not there, and flows or projects that wait for each other."""
    flows = {_path(job): job for job in _jobs(scopes)}
    for flow in flows.values():
        for at, path in named_flows(flow):
            jobs = found(path, flow, known)
            if len(jobs) != 1:
                depth = -len(path.strip("/").split("/"))  # as many levels as were written
                paths = (job.path.split("/") for job in known.values() if job.org == flow.org)
                own = {"/".join(steps[depth:]) for steps in paths}
                several = f"write more of it: {', '.join(job.path for job in jobs)}"
                message = f"flow `{path[:120]}` is {'not one' if jobs else 'no flow with a job'} in the mesh"
                near = several if jobs else nearest(path, own, "flows")
                yield flow.document.finding("unknown-flow", at, f"{message} ({near})")
    of_flows = {path: [job.path for job in _run_by(flow, known)] for path, flow in flows.items()}
    for cycle in _cycles(of_flows):
        yield _told(cycle, flows[cycle[0]], cycle[1], "flows run each other's jobs", known)
    of_stacks: dict[str, list[str]] = {scope.stack: [*stacks_run(scope, known)] for scope in scopes}
    tied = {step for cycle in _cycles(of_flows) for step in cycle}
    for cycle in _cycles(of_stacks):
        scope = next(one for one in scopes if one.stack == cycle[0])
        runs = ((flow, job) for flow in _jobs([scope]) for job in _run_by(flow, known))
        flow, job = next((flow, job) for flow, job in runs if job.stack == cycle[1])
        if _path(flow) not in tied:
            yield _told(cycle, flow, job.path, "projects run each other's jobs, so none can be first", known)


def _jobs(scopes: Iterable[Scope]) -> Iterator[Flow]:
    return (job for scope in scopes for flow in scope.project.flows for job in flow.jobs)


def _run_by(flow: Flow, known: Runnable) -> Iterator[RunnableJob]:
    for _, path in named_flows(flow):
        jobs = found(path, flow, known)
        if len(jobs) == 1:
            yield jobs[0]


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


def _told(cycle: Sequence[str], flow: Flow, runs: str, what: str, known: Runnable) -> Finding:
    at = next(
        at for at, path in named_flows(flow) if [job.path for job in found(path, flow, known)] == [runs]
    )
    path = " → ".join(f"`{step}`" for step in cycle)
    return flow.document.finding("run-job-cycle", at, f"{what}: {path} (remove one run_job_task)")
