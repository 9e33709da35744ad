"""`mesh test`: what the tests of flows need to know of the mesh."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from local.flow_tests.specification import FlowSpecification, Specification, TaskSpecification
from mesh.deployment.flow import FlowDeployment
from mesh.errors import UsageError
from mesh.mesh import Mesh, MeshDeployment
from mesh.model.flow import Flow
from mesh.model.flow_tests import TESTS
from mesh.model.libs import LIBS
from mesh.model.project import Project
from mesh.model.task import Task, with_inner


def flow_tests(mesh: Mesh, deployed: MeshDeployment, path: str | None) -> Specification:
    """Returns the flows whose tests are to run.

    Args:
        mesh: the mesh.
        deployed: the mesh in the environment whose parameters tasks get.
        path: the path of one flow; None for all flows that have tests.

    Raises:
        UsageError: the flow has no tests, or no flow has any.
    """
    wanted = deployed.flow(path) if path else None
    flows = {one.path: one for deployment in deployed.deployments for one in deployment.flows}
    found = [
        _specification(flow, flows[flow.path], project)
        for _, project in mesh.projects
        for flow in project.flows
        if flow.path in flows and (wanted is None or flow.path == wanted.path) and _has_tests(mesh, flow)
    ]
    if not found:
        remedy = f"write {TESTS}/test_<name>.py beside its deployment.yml; `mesh new flow` writes one"
        what = f"flow {wanted.path} has no tests" if wanted else "no flow has tests"
        raise UsageError(f"{what} ({remedy})")
    return Specification(mesh.root, found)


def _has_tests(mesh: Mesh, flow: Flow) -> bool:
    folder = mesh.root / flow.folder / TESTS
    return any(folder.rglob("test_*.py")) or any(folder.rglob("*_test.py"))


def _specification(flow: Flow, deployed: FlowDeployment, project: Project) -> FlowSpecification:
    parameters = {
        str(one["name"]): str(one["default"])
        for job in deployed.jobs
        for one in job.settings.get("parameters", ())
    }
    if project.libs:
        parameters[LIBS] = f"/Workspace/{project.libs}"  # the checkout is the workspace of a test
    tasks = [_task(task) for job in flow.jobs for task in with_inner(job.tasks)]
    return FlowSpecification(flow.path, flow.folder.as_posix(), parameters, tasks)


def _task(task: Task) -> TaskSpecification:
    kind = task.kinds[0] if task.kinds else "notebook_task"
    block = task.data.get(kind)
    block = block if isinstance(block, Mapping) else {}
    file = task.runs.path if task.runs and task.runs.path else PurePosixPath()
    return TaskSpecification(
        task.key, kind, "" if file == PurePosixPath() else file.as_posix(), _parameters(block)
    )


def _parameters(block: Mapping[str, Any]) -> Mapping[str, str] | list[str]:
    """The parameters of a task: names and values, or the words of a Python file."""
    listed = block.get("parameters")
    if isinstance(listed, list):
        return [str(word) for word in listed]
    named = block.get("base_parameters") or listed
    return {str(name): str(value) for name, value in named.items()} if isinstance(named, Mapping) else {}
