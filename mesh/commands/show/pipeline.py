"""`mesh show`: the pipelines of a flow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mesh.commands.show.fact_tree import Fact, Facts
from mesh.commands.show.job_or_pipeline import EntryView
from mesh.commands.show.view import DeploymentView, permission_facts, protection_fact, setting_fact
from mesh.deployment.flow import FlowDeployment
from mesh.deployment.pipeline import Pipeline, pipeline_libraries
from mesh.model.defaults import BUILT_IN_ORIGIN
from mesh.model.entry import Entry
from mesh.model.flow import Flow

# Fields that are shown as separate facts, because their values have several origins
_SEPARATE = (
    "name",
    "catalog",
    "schema",
    "development",
    "configuration",
    "tags",
    "libraries",
    "clusters",
    "notifications",
    "run_as",
)


def pipeline_facts(view: DeploymentView, flow: FlowDeployment, declared: Flow) -> Iterator[Facts]:
    """The pipelines of a flow with their libraries, schedules and read flows.

    Args:
        view: the deployment.
        flow: the flow in the deployment.
        declared: the declared flow.
    """
    for pipeline, entry in zip(flow.pipelines, declared.pipelines, strict=True):
        entry_view = _PipelineView(view, pipeline, entry)
        sections = [
            Facts("pipeline", list(entry_view.pipeline())),
            Facts("libraries", list(entry_view.libraries())),
            Facts("schedule", list(entry_view.schedule())),
            Facts("reads", list(entry_view.reads(pipeline.settings["configuration"]))),
        ]
        yield from [Facts(f"pipeline {entry.name}", sections)] if entry.name else sections


class _PipelineView(EntryView):
    def __init__(self, view: DeploymentView, pipeline: Pipeline, entry: Entry) -> None:
        super().__init__(view, entry)
        self._pipeline = pipeline

    def pipeline(self) -> Iterator[Fact | Facts]:
        settings = self._pipeline.settings
        template, place = self._view.template("pipeline")
        yield Fact("name", self._pipeline.name, place)
        yield Fact("template", template, place)
        yield Fact("catalog", settings["catalog"], self._view.template("catalog")[1])
        yield Fact("schema", settings["schema"], self._view.template("db")[1])
        for field, value in settings.items():
            if field not in _SEPARATE:
                yield from self._declared(field, value)
        yield self._development()
        yield Facts("clusters", list(self._clusters()))
        yield from self._notifications()
        yield self._run_as(settings.get("run_as"))
        yield Facts("tags", [self._tag(key, value) for key, value in settings["tags"].items()])
        yield Facts("configuration", list(self._parameters(settings["configuration"])))
        yield protection_fact(self._view, self._pipeline.protected)
        yield Facts("permissions", list(permission_facts(self._pipeline.permissions)))

    def libraries(self) -> Iterator[Fact]:
        """The libraries of the pipeline, with their paths in the workspace."""
        uploads = self._view.deployment.uploads
        declared = pipeline_libraries(self._entry, uploads) if uploads else ()
        for number, (source, library) in enumerate(declared, 1):
            (kind, value), *_ = library.items()
            named = next(iter(value.values())) if isinstance(value, Mapping) else value
            yield Fact(f"{number} {kind}", named, self._place(*source.at))

    def schedule(self) -> Iterator[Fact | Facts]:
        """The job that starts the pipeline."""
        job = self._pipeline.schedule
        if job is None:
            return
        yield Fact("job", job.name, self._place("schedule"))
        (pauses,) = self._pauses(job.settings)
        yield from pauses.inside
        yield Facts("permissions", list(permission_facts(job.permissions)))

    def _declared(self, field: str, value: Any) -> Iterator[Fact | Facts]:
        """A declared field, or the default of brickops."""
        if field == "continuous" and self._entry.declared.passed.get(field) and not value:
            yield Fact(field, value, self._view.mode)
            return
        if self._entry.declared.passed.get(field) is None:
            yield Fact(field, value, BUILT_IN_ORIGIN)
        elif field == "trigger" and isinstance(cron := value.get("cron"), Mapping):
            at = ("trigger", "cron")
            facts = [fact for name, inner in cron.items() for fact in self._passed(name, inner, (*at, name))]
            yield Facts(field, [Facts("cron", [*facts, *self._runs(cron, at)])])
        else:
            yield from self._passed(field, value, (field,))

    def _development(self) -> Fact:
        value = self._pipeline.settings["development"]
        if self._view.scope.environment.production or "development" not in self._entry.declared.passed:
            return Fact("development", value, self._view.mode)
        return Fact("development", value, self._place("development"))

    def _clusters(self) -> Iterator[Fact | Facts]:
        for index, cluster in enumerate(self._pipeline.settings.get("clusters", ())):
            label = cluster.get("label", "default")
            if self._entry.declared.passed.get("clusters"):
                yield from self._passed(label, cluster, ("clusters", index))
            else:
                place = self._place("policy_name")
                yield Facts(label, [Fact(name, value, place) for name, value in cluster.items()])

    def _notifications(self) -> Iterator[Fact | Facts]:
        given, own = self._given.email_notifications, self._entry.declared.passed.get("notifications")
        if not given and not own:
            return
        if not self._view.scope.environment.production:
            yield Fact("notifications", "not sent in development", self._view.mode)
            return
        yield Facts("email_notifications", [setting_fact(event, setting) for event, setting in given.items()])
        if own:
            yield from self._passed("notifications", own, ("notifications",))

    def _of_file(self) -> dict[str, str]:
        configuration = self._entry.declared.passed.get("configuration") or {}
        return {name: self._place("configuration", name) for name in configuration}
