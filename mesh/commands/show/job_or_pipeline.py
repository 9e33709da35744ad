"""`mesh show`: the facts that jobs and pipelines share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

from mesh.commands.show.fact_tree import Fact, Facts
from mesh.commands.show.view import DeploymentView
from mesh.deployment.job_settings import Settings, merge_settings
from mesh.documents.document import Location
from mesh.model.defaults import BUILT_IN_ORIGIN
from mesh.model.entry import Entry
from mesh.model.job import TRIGGER_BLOCKS, TRIGGERS
from mesh.model.libs import LIBS
from mesh.model.schedule import EXPRESSION_FIELDS
from mesh.quartz.description import in_words, next_runs, run_text
from mesh.quartz.now import now

_OF_GIT = {"git_url": "url", "git_branch": "branch", "git_commit": "commit"}


class EntryView:
    """One job or pipeline of a flow, with the origin of each value.

    Args:
        view: the deployment.
        entry: the declared job or pipeline.
    """

    def __init__(self, view: DeploymentView, entry: Entry) -> None:
        scope = view.scope
        self._view = view
        self._entry = entry
        self._given: Settings = merge_settings(scope.org, scope.domain, scope.project, entry)

    def reads(self, parameters: Mapping[str, str]) -> Iterator[Facts]:
        """The flows whose data it reads.

        Args:
            parameters: the parameters, which contain the names of the data.
        """
        for alias, read in self._entry.declared.reads.items():
            place = self._place("reads", alias)
            names = [f"{alias}_{part}" for part in ("catalog", "schema") if f"{alias}_{part}" in parameters]
            facts = [Fact(name.removeprefix(f"{alias}_"), parameters[name], place) for name in names]
            relied = [("contract", read.contract), ("version", read.version)]
            facts += [Fact(name, one, self._place("reads", alias, name)) for name, one in relied if one]
            yield Facts(alias, [Fact("flow", read.flow, self._place("reads", alias, "flow")), *facts])

    def _passed(
        self, field: str, value: Any, at: Location, excluded: Set[str] = frozenset()
    ) -> Iterator[Fact | Facts]:
        """A declared field, with the line of each value."""
        place = self._place(*at)
        if isinstance(value, Mapping):
            inside: list[Fact | Facts] = []
            for name, inner in value.items():
                if name not in excluded:
                    inside += self._passed(name, inner, (*at, name))
            if inside or not excluded:
                yield Facts(field, inside) if inside else Fact(field, [], place)
        elif isinstance(value, list) and any(isinstance(item, Mapping) for item in value):
            entries = [Facts(field, list(self._entries(value, at)))]
            yield from entries
        else:
            yield Fact(field, value, place)

    def _entries(self, values: Sequence[Any], at: Location) -> Iterator[Fact | Facts]:
        for index, value in enumerate(values):
            yield from self._passed(str(index + 1), value, (*at, index))

    def _pauses(self, settings: Mapping[str, Any]) -> Iterator[Facts]:
        """The triggers of a job, and the origin of their pause status."""
        for name in TRIGGER_BLOCKS:
            if settings.get(name) is not None:
                yield self._trigger(name, settings[name], (name,))
        if several := settings.get(TRIGGERS):
            entries = enumerate(several)
            yield Facts(TRIGGERS, [self._trigger(str(at + 1), one, (TRIGGERS, at)) for at, one in entries])

    def _trigger(self, label: str, trigger: Mapping[str, Any], at: Location) -> Facts:
        facts: list[Fact | Facts] = []
        for field, value in trigger.items():
            if field != "pause_status":
                facts += self._passed(field, value, (*at, field))
        declared: Any = self._entry.declared.passed
        for part in at:
            declared = declared[part]
        facts += self._runs(trigger, at)
        where = self._place(*at, "pause_status") if declared.get("pause_status") else self._view.mode
        return Facts(label, [*facts, Fact("pause_status", trigger.get("pause_status", "UNPAUSED"), where)])

    def _runs(self, settings: Mapping[str, Any], at: Location) -> Iterator[Fact]:
        """The times of a schedule in words, and its next runs.

        Args:
            settings: a block with a Quartz expression; others have no runs to foretell.
            at: the location of the block in the document.
        """
        for block, inside in ((settings, at), (settings.get("schedule"), (*at, "schedule"))):
            if not isinstance(block, Mapping):
                continue
            for field in EXPRESSION_FIELDS:
                if isinstance(text := block.get(field), str):
                    zone, place = str(block.get("timezone_id") or "UTC"), self._place(*inside, field)
                    runs = [run_text(run) for run in next_runs(text, zone, now(self._view.environ))]
                    yield Fact("in_words", in_words(text), place)
                    yield Fact("next_runs", runs or "none", place)

    def _run_as(self, run_as: Mapping[str, str] | None) -> Fact:
        if not run_as:
            return Fact("run_as", "the deployer", BUILT_IN_ORIGIN)
        if self._entry.declared.passed.get("run_as"):
            return Fact("run_as", next(iter(run_as.values())), self._place("run_as"))
        return Fact("run_as", next(iter(run_as.values())), self._view.in_org("run_as"))

    def _tag(self, key: str, value: str) -> Fact:
        if key in _OF_GIT:
            return Fact(key, value, self._view.from_git(_OF_GIT[key]))
        return Fact(key, value, self._given.tags[key].origin if key in self._given.tags else BUILT_IN_ORIGIN)

    def _parameters(self, parameters: Mapping[str, str]) -> Iterator[Fact]:
        """The parameters of a job, or the configuration of a pipeline."""
        read = {
            f"{alias}_{part}": self._place("reads", alias)
            for alias in self._entry.declared.reads
            for part in ("catalog", "schema")
        }
        of_data = {"catalog": self._view.template("catalog")[1], "schema": self._view.template("db")[1]}
        libs = {LIBS: folder} if (folder := self._view.scope.project.libs) else {}
        for name, value in parameters.items():
            if setting := self._given.parameters.get(name):
                origin = setting.origin
            elif name in _OF_GIT:
                origin = self._view.from_git(_OF_GIT[name])
            else:
                origin = (of_data | read | libs | self._of_file()).get(name, BUILT_IN_ORIGIN)
            yield Fact(name, value, origin)

    def _of_file(self) -> dict[str, str]:
        """The origins of parameters that are set by other fields than `parameters`."""
        return {}

    def _place(self, *at: str | int) -> str:
        return self._entry.document.position(at)
