"""The pipelines of a flow, as `mesh show` tells them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mesh.commands.show.fact_tree import Fact, Facts
from mesh.commands.show.job_or_pipeline import EntryView, said_fact
from mesh.commands.show.view import Shown, permission_facts, protection_fact
from mesh.deployment.deployment import DeployedFlow
from mesh.deployment.job_settings import BUILT_IN
from mesh.deployment.pipeline import Pipeline
from mesh.model.flow import Flow
from mesh.model.pipeline import pipeline_sources

# Those that are told apart from the rest, because their values come from several places
_APART = (
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


def pipeline_facts(shown: Shown, flow: DeployedFlow, declared: Flow) -> Iterator[Facts]:
    """The pipelines of a flow, what they are made of and what they read.

    Args:
        shown: the deployment.
        flow: the flow as it is deployed.
        declared: the flow as its folder declares it.
    """
    for made, one in zip(flow.pipelines, declared.pipelines, strict=True):
        view = _PipelineView(shown, made, one)
        sections = [
            Facts("pipeline", list(view.pipeline())),
            Facts("libraries", list(view.libraries())),
            Facts("schedule", list(view.schedule())),
            Facts("reads", list(view.reads(made.settings["configuration"]))),
        ]
        yield from [Facts(f"pipeline {one.entry}", sections)] if one.entry else sections


class _PipelineView(EntryView):
    def __init__(self, shown: Shown, pipeline: Pipeline, flow: Flow) -> None:
        super().__init__(shown, flow)
        self._pipeline = pipeline

    def pipeline(self) -> Iterator[Fact | Facts]:
        made = self._pipeline.settings
        template, place = self._shown.template("pipeline")
        yield Fact("name", self._pipeline.name, place)
        yield Fact("template", template, place)
        yield Fact("catalog", made["catalog"], self._shown.template("catalog")[1])
        yield Fact("schema", made["schema"], self._shown.template("db")[1])
        for field, value in made.items():
            if field not in _APART:
                yield from self._declared(field, value)
        yield self._development()
        yield Facts("clusters", list(self._clusters()))
        yield from self._notifications()
        yield self._run_as(made.get("run_as"))
        yield Facts("tags", [self._tag(key, value) for key, value in made["tags"].items()])
        yield Facts("configuration", list(self._parameters(made["configuration"])))
        yield protection_fact(self._shown, self._pipeline.protected)
        yield Facts("permissions", list(permission_facts(self._pipeline.permissions)))

    def libraries(self) -> Iterator[Fact]:
        """What the pipeline is made of, and where that is in the workspace."""
        sources = pipeline_sources(self._flow.declared.passed, self._flow.file)
        made = self._pipeline.settings.get("libraries", ())
        for number, (source, library) in enumerate(zip(sources, made, strict=True), 1):
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
        """A field that the file says, or that is as it is with brickops."""
        if self._flow.declared.passed.get(field) is None:
            yield Fact(field, value, BUILT_IN)
        else:
            yield from self._passed(field, value, (field,))

    def _development(self) -> Fact:
        value = self._pipeline.settings["development"]
        if self._shown.scope.environment.production or "development" not in self._flow.declared.passed:
            return Fact("development", value, self._shown.mode)
        return Fact("development", value, self._place("development"))

    def _clusters(self) -> Iterator[Fact | Facts]:
        for index, cluster in enumerate(self._pipeline.settings.get("clusters", ())):
            label = cluster.get("label", "default")
            if self._flow.declared.passed.get("clusters"):
                yield from self._passed(label, cluster, ("clusters", index))
            else:
                place = self._place("policy_name")
                yield Facts(label, [Fact(name, value, place) for name, value in cluster.items()])

    def _notifications(self) -> Iterator[Fact | Facts]:
        given, own = self._given.email_notifications, self._flow.declared.passed.get("notifications")
        if not given and not own:
            return
        if not self._shown.scope.environment.production:
            yield Fact("notifications", "nobody is mailed", self._shown.mode)
            return
        yield Facts("email_notifications", [said_fact(event, said) for event, said in given.items()])
        if own:
            yield from self._passed("notifications", own, ("notifications",))

    def _of_file(self) -> dict[str, str]:
        configuration = self._flow.declared.passed.get("configuration") or {}
        return {name: self._place("configuration", name) for name in configuration}
