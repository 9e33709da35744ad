"""A job of a bundle as the fields of a deployment.yml."""

from __future__ import annotations

from collections.abc import Mapping

from mesh.commands.import_bundle.fields import SET_BY_MESH, Conversion
from mesh.commands.import_bundle.files import bundle_file
from mesh.commands.import_bundle.flow_plan import PlannedFlow
from mesh.commands.import_bundle.node import Node, plain
from mesh.commands.import_bundle.own_names import OwnNames
from mesh.model.defaults import CONTEXT_PARAMETERS
from mesh.model.job import TRIGGER_BLOCKS, JobFile
from mesh.model.task import Task

# Job parameters that the deployment sets to the location of the flow's data
DATA_PARAMETERS = ("catalog", "schema")
_FILES = {
    ("notebook_task", "notebook_path"): "notebook",
    ("spark_python_task", "python_file"): "Python file",
    ("sql_task", "file", "path"): "SQL file",
    ("dbt_task", "project_directory"): "dbt project",
    ("dbt_task", "profiles_directory"): "dbt profiles folder",
}


def job_fields(flow: PlannedFlow, conversion: Conversion, own: OwnNames) -> Node:
    """Returns the fields of the flow's deployment.yml in one target.

    Args:
        flow: the planned flow of the job.
        conversion: the bundle in that target.
        own: the names of the flow's data.
    """
    written = conversion.content.child("resources", "jobs", flow.key)
    if tasks := written.get("tasks"):
        written = written.having(tasks=own.replaced(tasks))
        written = _with_own_parameters(written, conversion, own)
    job = conversion.known(
        conversion.resolved(written.without(*SET_BY_MESH)),
        {*JobFile.shape().fields, *JobFile.model_fields},
        "job",
    )
    job = conversion.with_names(job)
    job = _with_presets(job, conversion)
    job = _with_parameters(job, conversion)
    job = conversion.with_tags(conversion.with_run_as(conversion.with_permissions(job, "jobs")))
    in_git = job.get("git_source") is not None
    tasks = job.child("tasks")
    job = job.having(tasks=Node([_task(task, conversion, in_git) for task in tasks.items], tasks.place))
    if environments := job.get("environments"):
        specs = [
            one.having(spec=conversion.with_dependencies(one.child("spec"))) if one.get("spec") else one
            for one in environments.items
        ]
        job = job.having(environments=Node(specs, environments.place))
    return conversion.swept(job) or job.new({})


def _with_presets(job: Node, conversion: Conversion) -> Node:
    presets = conversion.resolved(conversion.content.child("presets"))
    if (runs := presets.get("jobs_max_concurrent_runs")) and job.get("max_concurrent_runs") is None:
        job = job.having(max_concurrent_runs=runs)
    if paused := presets.get("trigger_pause_status"):
        for block in TRIGGER_BLOCKS:
            if (trigger := job.get(block)) and trigger.get("pause_status") is None:
                job = job.having(**{block: trigger.having(pause_status=paused)})
    return job


def _with_parameters(job: Node, conversion: Conversion) -> Node:
    """The job without the parameters that the deployment sets."""
    parameters = job.get("parameters")
    if parameters is None:
        return job
    kept: list[Node] = []
    for one in parameters.items:
        name = one.child("name").text
        if name in (*DATA_PARAMETERS, *CONTEXT_PARAMETERS):
            conversion.remarks.changed(one.place, f"parameter `{name}`", "the deployment sets it")
        else:
            kept.append(one.having(default=_default(one, conversion)))
    return job.having(parameters=Node(kept, parameters.place)) if kept else job.without("parameters")


def _default(parameter: Node, conversion: Conversion) -> Node:
    """The default of a job parameter, which must have one; "" if only a bundle can compute it."""
    default = parameter.get("default") or parameter.new("")
    return conversion.swept(default, ("parameters", parameter.child("name").text)) or default.new("")


def _with_own_parameters(job: Node, conversion: Conversion, own: OwnNames) -> Node:
    """The job with parameters that name its own data in its tasks, as defaults cannot refer to others."""
    moved: dict[str, Node] = {}
    for one in job.child("parameters").items:
        name, default = one.child("name").text, one.get("default")
        value = own.replaced(default, at_run_time=True) if default else None
        if default and value and value.text != default.text and name not in DATA_PARAMETERS:
            moved[name] = conversion.resolved(value)
            conversion.remarks.changed(
                one.place, f"parameter `{name}`", f"in the tasks, as {value.text[:120]}"
            )
    if not moved:
        return job
    parameters = job.child("parameters")
    kept = [one for one in parameters.items if one.child("name").text not in moved]
    tasks = job.child("tasks")
    inserted = Node([_inserted(task, moved) for task in tasks.items], tasks.place)
    return job.having(parameters=Node(kept, parameters.place), tasks=inserted)


def _inserted(node: Node, values: Mapping[str, Node]) -> Node:
    """A task with values in place of references to job parameters, and as widgets of notebooks."""
    if isinstance(node.value, list):
        return Node([_inserted(one, values) for one in node.items], node.place)
    if isinstance(node.value, dict):
        result = Node({name: _inserted(one, values) for name, one in node.fields.items()}, node.place)
        if notebook := result.get("notebook_task"):
            given = {**values, **notebook.child("base_parameters").fields}
            result = result.having(notebook_task=notebook.having(base_parameters=notebook.new(given)))
        return result
    text = node.text
    for name, value in values.items():
        text = text.replace(f"{{{{job.parameters.{name}}}}}", value.text)
    return node.new(text) if text != node.text else node


def _task(task: Node, conversion: Conversion, in_git: bool) -> Node:
    """A task with its files, names and compute."""
    task = conversion.with_libraries(task)
    for path, what in _FILES.items():
        task = _with_file(task, path, what, conversion, in_git)
    if base := task.get("notebook_task", "base_parameters"):
        given = [name for name in base.fields if name in DATA_PARAMETERS]
        for name in given:
            now = (
                "the deployment sets the job parameter of this name, which a task's parameter cannot override"
            )
            conversion.remarks.changed(base.fields[name].place, f"`{name}`", now)
        left = base.without(*given)
        notebook = task.child("notebook_task").without("base_parameters")
        task = task.having(notebook_task=notebook.having(base_parameters=left) if left.fields else notebook)
    if inner := task.get("for_each_task", "task"):
        loop = task.child("for_each_task").having(task=_task(inner, conversion, in_git))
        return task.having(for_each_task=loop)
    declared = Task(plain(task), (), "", in_git)
    if declared.needs_compute and not declared.computes:
        task = task.having(serverless=task.new(True))
    return task


def _with_file(task: Node, path: tuple[str, ...], what: str, conversion: Conversion, in_git: bool) -> Node:
    """The task with a file of the bundle; paths in the workspace, in cloud storage and in git stay."""
    *blocks, field = path
    block = task.get(*blocks)
    node = block.get(field) if block else None
    if block is None or node is None or not node.text:
        return task
    source = block.child("source").text
    if in_git and source != "WORKSPACE":
        return _replaced(task, blocks, block.having(source=block.new("GIT")))
    if node.text.startswith("/") and not node.text.startswith("/Workspace/${"):
        return _replaced(task, blocks, block.having(source=block.new("WORKSPACE")))
    if ":/" in node.text:
        return task
    file = bundle_file(node, conversion.folder, what, conversion.remarks, notebook=what == "notebook")
    if file is None:
        return task
    return _replaced(task, blocks, block.without("source").having(**{field: file}))


def _replaced(task: Node, path: list[str], block: Node) -> Node:
    """The task with another block at a path."""
    name, *inside = path
    inner = _replaced(task.child(name), inside, block) if inside else block
    return task.having(**{name: inner})
