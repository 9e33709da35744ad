"""The code of flows: the files that each task or pipeline runs, and what the deployment tells it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from mesh.deployment.deployment import Deployment
from mesh.deployment.flow import FlowDeployment
from mesh.deployment.object_task import ObjectTask, function_tasks, view_tasks
from mesh.deployment.scope import Scope
from mesh.files.files import Files
from mesh.lineage.session import Names, Surroundings
from mesh.lineage.table import Gap, Place
from mesh.mesh import MeshDeployment
from mesh.model.code import shared_code
from mesh.model.entry import Entry
from mesh.model.flow import Flow
from mesh.model.naming import name, sql_reference
from mesh.model.pipeline import matching, pipeline_sources
from mesh.model.task import Task, with_inner

_REFERENCE = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
_OF_JOB = "job.parameters."
# Tasks whose code is not read: it is installed, or kept in the workspace
_NOT_READ = {
    "dbt_task": "models of dbt are not read",
    "python_wheel_task": "the code of a wheel is not read",
    "spark_jar_task": "the code of a jar is not read",
    "spark_submit_task": "the code of spark-submit is not read",
}
_QUERIES = ("query", "dashboard", "alert")


@dataclass(frozen=True)
class TaskCode:
    """The code of one task or pipeline.

    Args:
        flow: the path of its flow.
        name: the key of the task, or the name of the pipeline.
        files: the files that it runs, from the mesh's root.
        folders: folders of modules that its code may import.
        given: what the deployment tells it.
        is_pipeline: True for a pipeline, whose files share their views.
        gaps: code that is not read.
        views: the views that the query of a file makes, by file.
        are_functions: True if each file creates a function.
    """

    flow: str
    name: str
    files: tuple[str, ...]
    folders: tuple[str, ...]
    given: Surroundings = field(default_factory=Surroundings)
    is_pipeline: bool = False
    gaps: tuple[Gap, ...] = ()
    views: Mapping[str, str] = field(default_factory=dict)
    are_functions: bool = False


def task_codes(deployed: MeshDeployment) -> Iterator[TaskCode]:
    """Yields the code of all tasks and pipelines in an environment, in the order of the mesh."""
    for scope, deployment in zip(deployed.scopes, deployed.deployments, strict=True):
        flows = {flow.path: flow for flow in deployment.flows}
        for flow in scope.project.flows:
            yield from _of_flow(flow, flows[flow.path], scope, deployment)


def _of_flow(flow: Flow, built: FlowDeployment, scope: Scope, deployment: Deployment) -> Iterator[TaskCode]:
    names, folders = _names(flow, scope), _folders(scope)
    jobs = {job.id: job for job in built.jobs}
    for entry in flow.jobs:
        listed = jobs[entry.id].settings.get("parameters", ())
        parameters = {one["name"]: str(one.get("default", "")) for one in listed}
        known = {key: _value(text, parameters) for key, text in parameters.items()}
        for task in with_inner(entry.tasks):
            code = _of_task(task, entry, known, scope.git.root)
            if code.files or code.gaps:
                given = Surroundings(code.given.parameters, names=names)
                yield TaskCode(flow.path, code.name, code.files, folders, given, gaps=code.gaps)
        for added in (*function_tasks(entry), *view_tasks(entry)):
            yield from _of_objects(added, flow, built, known)
    pipelines = {pipeline.id: pipeline for pipeline in built.pipelines}
    for entry in flow.pipelines:
        if entry.id in pipelines:
            settings = pipelines[entry.id].settings
            configuration = {key: str(value) for key, value in settings.get("configuration", {}).items()}
            given = Surroundings(configuration, settings.get("catalog"), settings.get("schema"), names)
            files = tuple(dict.fromkeys(_pipeline_files(entry, scope.git.root)))
            label = entry.name or flow.name
            place = Place(entry.file, 1)
            gaps = () if files else (Gap(place, "the sources of this pipeline are not files", "table"),)
            yield TaskCode(flow.path, label, files, folders, given, is_pipeline=True, gaps=gaps)


def _of_objects(
    task: ObjectTask, flow: Flow, built: FlowDeployment, parameters: Mapping[str, str | None]
) -> Iterator[TaskCode]:
    """Yields the views or functions of each schema; names without catalog and schema are in their own."""
    for db, schema in zip(flow.schemas, built.schema_names, strict=True):
        own = [one for one in task.objects if one.schema == db]
        made = {one.file: sql_reference(built.catalog, schema, one.name) for one in own}
        given = Surroundings(parameters, built.catalog, schema)
        if made and task.kinds == "functions":
            yield TaskCode(flow.path, task.key, tuple(made), (), given, are_functions=True)
        elif made:
            yield TaskCode(flow.path, task.key, tuple(made), (), given, views=made)


def _names(flow: Flow, scope: Scope) -> Names:
    """Returns the names that brickops computes from the path of a notebook."""
    fields, context, naming = flow.name_fields, scope.context, scope.project.naming
    catalog = name("catalog", fields, context, naming)
    return Names(context.env, catalog, lambda db: name("db", fields, context, naming, db=db))


def _folders(scope: Scope) -> tuple[str, ...]:
    """Returns the folders of shared code: `libs/`, and what the levels above declare."""
    libs = [scope.project.libs] if scope.project.libs else []
    shared = [
        path
        for level in (scope.project, scope.domain, scope.org)
        for path in shared_code(level.declared.code, level.document.file)
    ]
    above = [PurePosixPath(path).parent.as_posix() for path in shared]
    return tuple(dict.fromkeys([*libs, *shared, *above]))


def _of_task(task: Task, entry: Entry, job: Mapping[str, str | None], root: Path) -> TaskCode:
    """Returns the files of a task, with its parameters; parameters of the job win over those of the task.

    Source: Databricks documentation, "Parameterize jobs".
    """
    own = {key: _value(str(value), job) for key, value in _parameters(task).items()}
    file, _, line = entry.document.position(task.at).rpartition(":")
    place = Place(file, int(line))
    files = tuple(file for file in _task_files(task) if (root / file).is_file())[:1]
    gaps = [Gap(place, why, "table") for kind, why in _NOT_READ.items() if kind in task.kinds]
    sql = task.data.get("sql_task")
    if isinstance(sql, Mapping) and any(sql.get(kind) for kind in _QUERIES):
        gaps.append(Gap(place, "a query of the workspace is not read", "table"))
    elif not files and not gaps and task.runs:
        gaps.append(Gap(place, "the code of this task is not in the mesh", "table"))
    return TaskCode("", task.key, files, (), Surroundings({**own, **job}), gaps=tuple(gaps))


def _task_files(task: Task) -> list[str]:
    if task.runs is None or task.runs.path is None or task.runs.is_folder:
        return []
    return [path for path in task.runs.candidates if not PurePosixPath(path).is_absolute()]


def _parameters(task: Task) -> Mapping[str, Any]:
    for kind, field_ in (("notebook_task", "base_parameters"), ("sql_task", "parameters")):
        block = task.data.get(kind)
        given = block.get(field_) if isinstance(block, Mapping) else None
        if isinstance(given, Mapping):
            return given
    return {}


def _value(text: str, job: Mapping[str, str | None]) -> str | None:
    """Returns the value of a parameter; None if it refers to what only a run knows."""
    references = _REFERENCE.findall(text)
    for reference in references:
        if not reference.startswith(_OF_JOB) or job.get(reference.removeprefix(_OF_JOB)) is None:
            return None
    return _REFERENCE.sub(lambda found: job[found[1].removeprefix(_OF_JOB)] or "", text)


def _pipeline_files(entry: Entry, root: Path) -> Iterator[str]:
    for source in pipeline_sources(entry.declared.passed, entry.file):
        if source.path is None or ".." in source.path.parts:
            continue
        if source.kind == "glob":
            yield from matching(source.path, Files(root))
            continue
        suffixes = (".py", ".sql", ".ipynb") if source.kind == "notebook" else ("",)
        found = (f"{source.path}{suffix}" for suffix in suffixes)
        yield from (file for file in found if (root / file).is_file())
