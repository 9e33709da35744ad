"""`mesh show`: the jobs of a flow with their settings, tasks and compute."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mesh.commands.show.description import description_facts
from mesh.commands.show.fact_tree import Fact, Facts
from mesh.commands.show.job_or_pipeline import EntryView
from mesh.commands.show.view import DeploymentView, permission_facts, setting_fact
from mesh.deployment.compute_lookup import project_reach
from mesh.deployment.description import Description
from mesh.deployment.experiments import declaring
from mesh.deployment.flow import FlowDeployment
from mesh.deployment.generated_task import GeneratedTask
from mesh.deployment.generated_tasks import generated_tasks
from mesh.deployment.job import Job
from mesh.deployment.job_settings import task_retries
from mesh.deployment.object_task import ObjectTask
from mesh.model.defaults import BUILT_IN_ORIGIN
from mesh.model.entry import Entry
from mesh.model.flow import Flow
from mesh.model.job import ENVIRONMENTS, TRIGGER_BLOCKS, TRIGGERS
from mesh.model.naming import Resource
from mesh.model.task import COMPUTE, Task

# Fields that are shown as separate facts, because their values have several origins
_SEPARATE = (
    "name",
    "max_concurrent_runs",
    "timeout_seconds",
    *TRIGGER_BLOCKS,
    TRIGGERS,
    "email_notifications",
    "run_as",
    "queue",
    "tags",
    "parameters",
    "tasks",
    "job_clusters",
    "git_source",
)


# The fields of a dbt task that its flow decides, each with its naming template
_TARGETS: Mapping[str, Resource] = {"catalog": "catalog", "schema": "db"}


def job_facts(view: DeploymentView, flow: FlowDeployment, declared: Flow) -> Iterator[Facts]:
    """The jobs of a flow with their tasks, clusters and read flows.

    Args:
        view: the deployment.
        flow: the flow in the deployment.
        declared: the declared flow.
    """
    if not flow.jobs:
        if not flow.pipelines:
            yield Facts("job", [Fact("name", "none: the flow has no tasks", declared.file)])
    elif len(flow.jobs) == 1:
        yield from _job(view, flow.jobs[0], declared.jobs[0])
    else:
        yield from (
            Facts(f"job {entry.name}", list(_job(view, job, entry)))
            for job, entry in zip(flow.jobs, declared.jobs, strict=True)
        )


def _job(view: DeploymentView, job: Job, entry: Entry) -> Iterator[Facts]:
    entry_view = _JobView(view, job, entry)
    yield Facts("job", list(entry_view.job()))
    declared, added = job.settings["tasks"][: len(entry.tasks)], job.settings["tasks"][len(entry.tasks) :]
    tasks = [entry_view.task(*each) for each in zip(entry.tasks, declared, strict=True)]
    tasks += [entry_view.generated(*each) for each in zip(generated_tasks(entry), added, strict=True)]
    yield Facts("tasks", tasks)
    yield Facts("job_clusters", list(entry_view.clusters()))
    yield Facts("reads", list(entry_view.reads(entry_view.parameters)))


class _JobView(EntryView):
    def __init__(self, view: DeploymentView, job: Job, entry: Entry) -> None:
        super().__init__(view, entry)
        self._job = job

    def job(self) -> Iterator[Fact | Facts]:
        job, given = self._job, self._given
        template, place = self._view.template("job")
        yield Fact("name", job.name, place)
        yield Fact("template", template, place)
        for field, value in job.settings.items():
            if field == ENVIRONMENTS and field not in self._entry.declared.passed:
                yield Fact(field, [one["environment_key"] for one in value], BUILT_IN_ORIGIN)
            elif field not in _SEPARATE:
                yield from self._passed(field, value, (field,))
        yield Fact("max_concurrent_runs", given.max_concurrent_runs.value, given.max_concurrent_runs.origin)
        if given.timeout_seconds:
            yield Fact("timeout_seconds", given.timeout_seconds.value, given.timeout_seconds.origin)
        yield Fact("queue", "runs wait" if given.queue.value["enabled"] else "off", given.queue.origin)
        yield from self._pauses(job.settings)
        yield from self._notifications()
        yield self._run_as(job.settings.get("run_as"))
        if self._entry.declared.passed.get("git_source"):
            yield from self._passed("git_source", job.settings.get("git_source", {}), ("git_source",))
        yield Facts("tags", [self._tag(key, value) for key, value in job.settings["tags"].items()])
        yield Facts("parameters", list(self._parameters(self.parameters)))
        yield Facts("permissions", list(permission_facts(job.permissions)))

    @property
    def parameters(self) -> dict[str, str]:
        """The default values of the job's parameters, by name."""
        return {one["name"]: one["default"] for one in self._job.settings["parameters"]}

    def task(self, task: Task, settings: Mapping[str, Any]) -> Facts:
        """One task with its file, its compute and its other fields.

        Args:
            task: the declared task.
            settings: the task in the Jobs API.
        """
        facts = list(self._file(task, settings))
        facts += self._compute(task)
        facts += self._target_of_dbt(task, settings)
        if task.depends_on:
            facts.append(Fact("depends_on", task.depends_on, self._place(*task.at, "depends_on")))
        elif added := [each["task_key"] for each in settings.get("depends_on", ())]:
            facts.append(Fact("depends_on", added, BUILT_IN_ORIGIN))
        retries = task_retries(task, self._entry.document, self._given)
        facts += [setting_fact(field, setting) for field, setting in retries.items()]
        own_facts = {"task_key", "depends_on", *COMPUTE, *retries}
        for field, value in settings.items():
            if field not in own_facts:
                facts += self._passed(field, value, (*task.at, field), self._own_facts(task, field))
        if task.inner:
            facts.append(self.task(task.inner, settings["for_each_task"]["task"]))
        return Facts(task.key, facts)

    def generated(self, one: GeneratedTask, settings: Mapping[str, Any]) -> Facts:
        """A task that the deployment adds.

        Args:
            one: the task.
            settings: the task in the Jobs API.
        """
        kind = next((kind for kind in COMPUTE if kind in settings), None)
        compute = f"{kind} of the task before it" if kind else "serverless"
        facts: list[Fact | Facts] = [
            Fact(one.verb, one.title, one.position),
            Fact("notebook", settings["notebook_task"]["notebook_path"], BUILT_IN_ORIGIN),
            Fact("compute", compute, BUILT_IN_ORIGIN),
        ]
        if awaited := [each["task_key"] for each in settings.get("depends_on", ())]:
            facts.append(Fact("depends_on", awaited, BUILT_IN_ORIGIN))
        if isinstance(one, Description):
            owners = one.owners(settings)
            facts.append(
                Facts("tables", [description_facts(each, one.default, owners) for each in one.tables])
            )
        if isinstance(one, ObjectTask):
            made = [Fact(each.name, each.file, each.position) for each in one.objects]
            facts.append(Facts(one.kinds, made))
        return Facts(one.key, facts)

    def _own_facts(self, task: Task, field: str) -> set[str]:
        """The fields of a block that are shown as separate facts."""
        if field == "for_each_task":
            return {"task"}
        own = {*_TARGETS} - task.data[field].keys() if field == "dbt_task" else set()
        if task.runs and task.runs.block[0] == field:
            return own | {*task.runs.block[1:], task.runs.field, "source"}
        return own

    def _target_of_dbt(self, task: Task, settings: Mapping[str, Any]) -> Iterator[Fact]:
        """The catalog and schema that a dbt task takes from its flow."""
        if "dbt_task" not in task.kinds:
            return
        for field, template in _TARGETS.items():
            if field in settings["dbt_task"] and field not in task.data["dbt_task"]:
                yield Fact(field, settings["dbt_task"][field], self._view.template(template)[1])

    def _file(self, task: Task, settings: Mapping[str, Any]) -> Iterator[Fact | Facts]:
        run = task.runs
        if run is None:
            return
        named: Any = settings
        for step in run.block:
            named = named[step]
        place = self._place(*run.at)
        word = "notebook" if run.is_notebook else run.field
        yield Fact(word, named[run.field], place)
        if run.path and run.path.as_posix() != named[run.field]:
            yield Fact("file", run.path.as_posix(), place)

    def clusters(self) -> Iterator[Fact | Facts]:
        """The clusters of the job: declared clusters, and clusters from templates."""
        entries = self._job.settings.get("job_clusters", ())
        for index, entry in enumerate(entries[: len(self._entry.job_clusters)]):
            key, at = entry["job_cluster_key"], ("job_clusters", index)
            if "new_cluster" in entry:
                yield from self._passed(key, entry["new_cluster"], (*at, "new_cluster"))
            else:  # with newer bindings, serverless compute
                yield from self._passed(key, entry, at, frozenset({"job_cluster_key"}))
        for template in self._job.templates:
            facts = [Fact(field, value, template.origin) for field, value in template.new_cluster.items()]
            yield Facts(template.key, facts)

    def _notifications(self) -> Iterator[Fact | Facts]:
        given = self._given.email_notifications
        if given and not self._view.scope.environment.production:
            yield Fact("email_notifications", "not sent in development", self._view.mode)
        elif given:
            yield Facts(
                "email_notifications", [setting_fact(event, setting) for event, setting in given.items()]
            )

    def _of_file(self) -> dict[str, str]:
        tracks = declaring(self._entry.flow, self._view.scope.project)
        return {"experiment": tracks.document.position(("experiment",))} if tracks else {}

    def _compute(self, task: Task) -> Iterator[Fact | Facts]:
        kind = task.computes[0] if task.computes else None
        place = self._place(*task.at, kind) if kind else ""
        match kind:
            case "job_cluster_key":
                key = task.text(kind)
                origins = {one.key: one.origin for one in self._job.templates}
                if key in self._entry.job_clusters:
                    origins[key] = self._place("job_clusters", self._entry.job_clusters[key])
                yield Fact("compute", f"job cluster {key}", origins[key])
            case "existing_cluster_name":
                yield self._cluster(task.text(kind), place)
            case "existing_cluster_id":
                yield Fact("compute", f"cluster with id {task.text(kind)}", place)
            case "new_cluster":
                yield from self._passed(kind, task.data[kind], (*task.at, kind))
            case "environment_key":
                yield Fact("compute", f"serverless, environment {task.text(kind)}", place)
            case "serverless":
                yield Fact("compute", "serverless", place)
                if task.default_environment:
                    yield Fact("environment", task.default_environment.key, BUILT_IN_ORIGIN)

    def _cluster(self, name: str, place: str) -> Fact:
        for layer in reversed(project_reach(self._view.scope).layers):
            if name in layer.compute.declared.clusters:
                place = layer.compute.document.position(("clusters", name))
                return Fact("compute", f"cluster {layer.name(name)}", place)
        return Fact("compute", f"cluster {name}", place)
