"""The job of a flow, as `mesh show` tells it: its settings, its tasks and what they run on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mesh.deployment import DeployedFlow
from mesh.facts import Fact, Facts
from mesh.flow import Flow
from mesh.job import Job
from mesh.reach import project_reach
from mesh.settings import BUILT_IN, CONTEXT_TAGS, Said, Settings, settings, task_retries
from mesh.shown import Shown, permission_facts
from mesh.task import Task, notebook

# Those that are told apart from the rest, because their values come from several places
_APART = (
    "name",
    "max_concurrent_runs",
    "timeout_seconds",
    "schedule",
    "email_notifications",
    "run_as",
    "tags",
    "parameters",
    "tasks",
    "job_clusters",
    "git_source",
)
_OF_GIT = {"git_url": "url", "git_branch": "branch", "git_commit": "commit"}
_COMPUTE = ("serverless", "job_cluster_key", "existing_cluster_name", "existing_cluster_id")


def job_facts(shown: Shown, flow: DeployedFlow, declared: Flow) -> Iterator[Facts]:
    """The job of a flow, its tasks, its clusters and what it reads.

    Args:
        shown: the deployment.
        flow: the flow as it is deployed.
        declared: the flow as its folder declares it.
    """
    if flow.job is None:
        yield Facts("job", [Fact("name", "none: the flow has no tasks", declared.file)])
        return
    view = _JobView(shown, flow.job, declared)
    yield Facts("job", list(view.job()))
    yield Facts("tasks", [view.task(index, task) for index, task in enumerate(declared.declared.tasks or ())])
    yield Facts("job_clusters", list(view.clusters()))
    yield Facts("reads", list(view.reads()))


class _JobView:
    def __init__(self, shown: Shown, job: Job, flow: Flow) -> None:
        scope = shown.scope
        self._shown = shown
        self._job = job
        self._flow = flow
        self._given: Settings = settings(scope.org, scope.domain, scope.project, flow)

    def job(self) -> Iterator[Fact | Facts]:
        job, given = self._job, self._given
        template, place = self._shown.template("job")
        yield Fact("name", job.name, place)
        yield Fact("template", template, place)
        for field, value in job.settings.items():
            if field not in _APART:
                yield Fact(field, value, self._place(field))
        yield Fact("max_concurrent_runs", given.max_concurrent_runs.value, given.max_concurrent_runs.origin)
        if given.timeout_seconds:
            yield Fact("timeout_seconds", given.timeout_seconds.value, given.timeout_seconds.origin)
        yield from self._schedule()
        yield from self._notifications()
        yield self._run_as()
        yield Facts("tags", [self._tag(key, value) for key, value in job.settings["tags"].items()])
        yield Facts("parameters", list(self._parameters()))
        yield Facts("permissions", list(permission_facts(job.permissions)))

    def task(self, index: int, task: Task) -> Facts:
        at = ("tasks", index)
        made = self._job.settings["tasks"][index]
        written = made["notebook_task"]
        path = notebook(task, self._flow.file)
        named = ("notebook_task", "notebook_path") if task.notebook_task else ("task_key",)
        facts: list[Fact | Facts] = [Fact("notebook", written["notebook_path"], self._place(*at, *named))]
        if path and path.as_posix() != written["notebook_path"]:
            facts.append(Fact("file", path.as_posix(), self._place(*at, *named)))
        facts.append(self._compute(index, task))
        if task.depends_on:
            keys = [dependency.task_key for dependency in task.depends_on]
            facts.append(Fact("depends_on", keys, self._place(*at, "depends_on")))
        told = {"task_key", "notebook_task", "depends_on", *_COMPUTE}
        retries = task_retries(task, at, self._flow, self._given)
        facts += [_said(field, said) for field, said in retries.items()]
        facts += [
            Fact(field, value, self._place(*at, field))
            for field, value in made.items()
            if field not in told | retries.keys()
        ]
        values = written.get("base_parameters", {}).items()
        place = (*at, "notebook_task", "base_parameters")
        facts.append(
            Facts("base_parameters", [Fact(key, value, self._place(*place, key)) for key, value in values])
        )
        return Facts(task.task_key, facts)

    def clusters(self) -> Iterator[Facts]:
        for template in self._job.templates:
            facts = [Fact(field, value, template.origin) for field, value in template.new_cluster.items()]
            yield Facts(template.key, facts)

    def reads(self) -> Iterator[Facts]:
        parameters = {one["name"]: one["default"] for one in self._job.settings["parameters"]}
        for alias, path in self._flow.declared.reads.items():
            place = self._place("reads", alias)
            found = [f"{alias}_{part}" for part in ("catalog", "schema") if f"{alias}_{part}" in parameters]
            facts = [Fact(name.removeprefix(f"{alias}_"), parameters[name], place) for name in found]
            yield Facts(alias, [Fact("flow", path, place), *facts])

    def _schedule(self) -> Iterator[Facts]:
        schedule: Mapping[str, Any] | None = self._job.settings.get("schedule")
        if not schedule:
            return
        said = self._flow.declared.schedule
        facts = [Fact(f, v, self._place("schedule", f)) for f, v in schedule.items() if f != "pause_status"]
        own = said and said.pause_status
        where = self._place("schedule", "pause_status") if own else self._shown.mode
        facts.append(Fact("pause_status", schedule.get("pause_status", "UNPAUSED"), where))
        yield Facts("schedule", facts)

    def _notifications(self) -> Iterator[Fact | Facts]:
        given = self._given.email_notifications
        if given and not self._shown.scope.environment.production:
            yield Fact("email_notifications", "nobody is mailed", self._shown.mode)
        elif given:
            yield Facts("email_notifications", [_said(event, said) for event, said in given.items()])

    def _run_as(self) -> Fact:
        run_as = self._job.settings.get("run_as")
        if not run_as:
            return Fact("run_as", "whoever deploys", BUILT_IN)
        return Fact("run_as", next(iter(run_as.values())), self._shown.in_org("run_as"))

    def _tag(self, key: str, value: str) -> Fact:
        if key in _OF_GIT:
            return Fact(key, value, self._shown.from_git(_OF_GIT[key]))
        return Fact(key, value, BUILT_IN if key in CONTEXT_TAGS else self._given.tags[key].origin)

    def _parameters(self) -> Iterator[Fact]:
        read = {
            f"{alias}_{part}": self._place("reads", alias)
            for alias in self._flow.declared.reads
            for part in ("catalog", "schema")
        }
        of_data = {"catalog": self._shown.template("catalog")[1], "schema": self._shown.template("db")[1]}
        for one in self._job.settings["parameters"]:
            name = one["name"]
            if said := self._given.parameters.get(name):
                origin = said.origin
            elif name in _OF_GIT:
                origin = self._shown.from_git(_OF_GIT[name])
            else:
                origin = (of_data | read).get(name, BUILT_IN)
            yield Fact(name, one["default"], origin)

    def _compute(self, index: int, task: Task) -> Fact:
        at = ("tasks", index)
        if task.job_cluster_key:
            origins = {one.key: one.origin for one in self._job.templates}
            return Fact("compute", f"job cluster {task.job_cluster_key}", origins[task.job_cluster_key])
        if name := task.existing_cluster_name:
            layers = project_reach(self._shown.scope).layers
            for layer in reversed(layers):
                if name in layer.compute.declared.clusters:
                    place = layer.compute.document.place(("clusters", name))
                    return Fact("compute", f"cluster {layer.name(name)}", place)
            return Fact("compute", f"cluster {name}", self._place(*at, "existing_cluster_name"))
        if task.existing_cluster_id:
            place = self._place(*at, "existing_cluster_id")
            return Fact("compute", f"cluster with id {task.existing_cluster_id}", place)
        return Fact("compute", "serverless", self._place(*at, "serverless"))

    def _place(self, *at: str | int) -> str:
        return self._flow.document.place(at)


def _said(name: str, said: Said[Any]) -> Fact:
    return Fact(name, said.value, said.origin)
