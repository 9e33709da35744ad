"""The job of a flow, as `mesh show` tells it: its settings, its tasks and what they run on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

from mesh.deployment import DeployedFlow
from mesh.document import Location
from mesh.facts import Fact, Facts
from mesh.flow import Flow
from mesh.job import Job
from mesh.job_shape import PAUSED
from mesh.libs import LIBS
from mesh.reach import project_reach
from mesh.settings import BUILT_IN, CONTEXT_TAGS, Said, Settings, settings, task_retries
from mesh.shown import Shown, permission_facts
from mesh.task import COMPUTE, Task

# Those that are told apart from the rest, because their values come from several places
_APART = (
    "name",
    "max_concurrent_runs",
    "timeout_seconds",
    *PAUSED,
    "email_notifications",
    "run_as",
    "tags",
    "parameters",
    "tasks",
    "job_clusters",
    "git_source",
)
_OF_GIT = {"git_url": "url", "git_branch": "branch", "git_commit": "commit"}


def job_facts(shown: Shown, flow: DeployedFlow, declared: Flow) -> Iterator[Facts]:
    """The job of a flow, its tasks, its clusters and what it reads.

    Args:
        shown: the deployment.
        flow: the flow as it is deployed.
        declared: the flow as its folder declares it.
    """
    if not flow.jobs:
        yield Facts("job", [Fact("name", "none: the flow has no tasks", declared.file)])
    elif len(flow.jobs) == 1:
        yield from _job(shown, flow.jobs[0], declared.jobs[0])
    else:
        yield from (
            Facts(f"job {one.job_name}", list(_job(shown, job, one)))
            for job, one in zip(flow.jobs, declared.jobs, strict=True)
        )


def _job(shown: Shown, job: Job, declared: Flow) -> Iterator[Facts]:
    view = _JobView(shown, job, declared)
    yield Facts("job", list(view.job()))
    made = zip(declared.tasks, job.settings["tasks"], strict=True)
    yield Facts("tasks", [view.task(task, settings) for task, settings in made])
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
                yield from self._passed(field, value, (field,))
        yield Fact("max_concurrent_runs", given.max_concurrent_runs.value, given.max_concurrent_runs.origin)
        if given.timeout_seconds:
            yield Fact("timeout_seconds", given.timeout_seconds.value, given.timeout_seconds.origin)
        yield from self._pauses()
        yield from self._notifications()
        yield self._run_as()
        if self._flow.declared.passed.get("git_source"):
            yield from self._passed("git_source", job.settings.get("git_source", {}), ("git_source",))
        yield Facts("tags", [self._tag(key, value) for key, value in job.settings["tags"].items()])
        yield Facts("parameters", list(self._parameters()))
        yield Facts("permissions", list(permission_facts(job.permissions)))

    def task(self, task: Task, made: Mapping[str, Any]) -> Facts:
        """One task: its file, its compute, and all else that it says.

        Args:
            task: as declared.
            made: what the Jobs API gets of it.
        """
        facts = list(self._file(task, made))
        facts += self._compute(task)
        if task.depends_on:
            facts.append(Fact("depends_on", task.depends_on, self._place(*task.at, "depends_on")))
        retries = task_retries(task, self._flow.document, self._given)
        facts += [_said(field, said) for field, said in retries.items()]
        told = {"task_key", "depends_on", *COMPUTE, *retries}
        for field, value in made.items():
            if field not in told:
                facts += self._passed(field, value, (*task.at, field), self._told(task, field))
        if task.inner:
            facts.append(self.task(task.inner, made["for_each_task"]["task"]))
        return Facts(task.key, facts)

    def _told(self, task: Task, field: str) -> set[str]:
        """What of a block is told elsewhere."""
        if field == "for_each_task":
            return {"task"}
        if task.runs and task.runs.block[0] == field:
            return {*task.runs.block[1:], task.runs.field, "source"}
        return set()

    def _file(self, task: Task, made: Mapping[str, Any]) -> Iterator[Fact | Facts]:
        run = task.runs
        if run is None:
            return
        named: Any = made
        for step in run.block:
            named = named[step]
        place = self._place(*run.at)
        word = "notebook" if run.is_notebook else run.field
        yield Fact(word, named[run.field], place)
        if run.path and run.path.as_posix() != named[run.field]:
            yield Fact("file", run.path.as_posix(), place)

    def _passed(
        self, field: str, value: Any, at: Location, told: Set[str] = frozenset()
    ) -> Iterator[Fact | Facts]:
        """A field as declared, with the line of each value in it."""
        place = self._place(*at)
        if isinstance(value, Mapping):
            inside: list[Fact | Facts] = []
            for name, inner in value.items():
                if name not in told:
                    inside += self._passed(name, inner, (*at, name))
            if inside or not told:
                yield Facts(field, inside) if inside else Fact(field, [], place)
        elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
            entries = [Facts(field, list(self._entries(value, at)))]
            yield from entries
        else:
            yield Fact(field, value, place)

    def _entries(self, values: Sequence[Any], at: Location) -> Iterator[Fact | Facts]:
        for index, value in enumerate(values):
            yield from self._passed(str(index + 1), value, (*at, index))

    def clusters(self) -> Iterator[Fact | Facts]:
        """The job's clusters: its own, and those made from templates."""
        made = self._job.settings.get("job_clusters", ())
        for index, entry in enumerate(made[: len(self._flow.job_clusters)]):
            at = ("job_clusters", index, "new_cluster")
            yield from self._passed(entry["job_cluster_key"], entry["new_cluster"], at)
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

    def _pauses(self) -> Iterator[Facts]:
        """What makes it run by itself, and why that rests."""
        for name in PAUSED:
            made = self._job.settings.get(name)
            if made is None:
                continue
            facts: list[Fact | Facts] = []
            for field, value in made.items():
                if field != "pause_status":
                    facts += self._passed(field, value, (name, field))
            own = self._flow.declared.passed[name].get("pause_status")
            where = self._place(name, "pause_status") if own else self._shown.mode
            facts.append(Fact("pause_status", made.get("pause_status", "UNPAUSED"), where))
            yield Facts(name, facts)

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
        if self._flow.declared.passed.get("run_as"):
            return Fact("run_as", next(iter(run_as.values())), self._place("run_as"))
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
        libs = {LIBS: folder} if (folder := self._shown.scope.project.libs) else {}
        for one in self._job.settings["parameters"]:
            name = one["name"]
            if said := self._given.parameters.get(name):
                origin = said.origin
            elif name in _OF_GIT:
                origin = self._shown.from_git(_OF_GIT[name])
            else:
                origin = (of_data | read | libs).get(name, BUILT_IN)
            yield Fact(name, one["default"], origin)

    def _compute(self, task: Task) -> Iterator[Fact | Facts]:
        said = task.computes[0] if task.computes else None
        place = self._place(*task.at, said) if said else ""
        match said:
            case "job_cluster_key":
                key = task.text(said)
                origins = {one.key: one.origin for one in self._job.templates}
                if key in self._flow.job_clusters:
                    origins[key] = self._place("job_clusters", self._flow.job_clusters[key])
                yield Fact("compute", f"job cluster {key}", origins[key])
            case "existing_cluster_name":
                yield self._cluster(task.text(said), place)
            case "existing_cluster_id":
                yield Fact("compute", f"cluster with id {task.text(said)}", place)
            case "new_cluster":
                yield from self._passed(said, task.data[said], (*task.at, said))
            case "environment_key":
                yield Fact("compute", f"serverless, environment {task.text(said)}", place)
            case "serverless":
                yield Fact("compute", "serverless", place)

    def _cluster(self, name: str, place: str) -> Fact:
        for layer in reversed(project_reach(self._shown.scope).layers):
            if name in layer.compute.declared.clusters:
                place = layer.compute.document.place(("clusters", name))
                return Fact("compute", f"cluster {layer.name(name)}", place)
        return Fact("compute", f"cluster {name}", place)

    def _place(self, *at: str | int) -> str:
        return self._flow.document.place(at)


def _said(name: str, said: Said[Any]) -> Fact:
    return Fact(name, said.value, said.origin)
