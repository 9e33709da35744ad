"""What `mesh show` tells alike of jobs and of pipelines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Any

from mesh.commands.show.fact_tree import Fact, Facts
from mesh.commands.show.view import Shown
from mesh.deployment.job_settings import BUILT_IN, Said, Settings, settings
from mesh.documents.document import Location
from mesh.model.flow import Flow
from mesh.model.job import PAUSED
from mesh.model.libs import LIBS

_OF_GIT = {"git_url": "url", "git_branch": "branch", "git_commit": "commit"}


class EntryView:
    """One job or pipeline of a flow, with where each of its values is from.

    Args:
        shown: the deployment.
        flow: the entry as its folder declares it.
    """

    def __init__(self, shown: Shown, flow: Flow) -> None:
        scope = shown.scope
        self._shown = shown
        self._flow = flow
        self._given: Settings = settings(scope.org, scope.domain, scope.project, flow)

    def reads(self, parameters: Mapping[str, str]) -> Iterator[Facts]:
        """The flows that it reads.

        Args:
            parameters: those that say where their data is.
        """
        for alias, path in self._flow.declared.reads.items():
            place = self._place("reads", alias)
            found = [f"{alias}_{part}" for part in ("catalog", "schema") if f"{alias}_{part}" in parameters]
            facts = [Fact(name.removeprefix(f"{alias}_"), parameters[name], place) for name in found]
            yield Facts(alias, [Fact("flow", path, place), *facts])

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

    def _pauses(self, settings: Mapping[str, Any]) -> Iterator[Facts]:
        """What makes a job run by itself, and why that rests."""
        for name in PAUSED:
            made = settings.get(name)
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

    def _run_as(self, run_as: Mapping[str, str] | None) -> Fact:
        if not run_as:
            return Fact("run_as", "whoever deploys", BUILT_IN)
        if self._flow.declared.passed.get("run_as"):
            return Fact("run_as", next(iter(run_as.values())), self._place("run_as"))
        return Fact("run_as", next(iter(run_as.values())), self._shown.in_org("run_as"))

    def _tag(self, key: str, value: str) -> Fact:
        if key in _OF_GIT:
            return Fact(key, value, self._shown.from_git(_OF_GIT[key]))
        return Fact(key, value, self._given.tags[key].origin if key in self._given.tags else BUILT_IN)

    def _parameters(self, made: Mapping[str, str]) -> Iterator[Fact]:
        """What it gets as parameters, or as configuration."""
        read = {
            f"{alias}_{part}": self._place("reads", alias)
            for alias in self._flow.declared.reads
            for part in ("catalog", "schema")
        }
        of_data = {"catalog": self._shown.template("catalog")[1], "schema": self._shown.template("db")[1]}
        libs = {LIBS: folder} if (folder := self._shown.scope.project.libs) else {}
        for name, value in made.items():
            if said := self._given.parameters.get(name):
                origin = said.origin
            elif name in _OF_GIT:
                origin = self._shown.from_git(_OF_GIT[name])
            else:
                origin = (of_data | read | libs | self._of_file()).get(name, BUILT_IN)
            yield Fact(name, value, origin)

    def _of_file(self) -> dict[str, str]:
        """Where the file says what becomes a parameter besides `parameters`."""
        return {}

    def _place(self, *at: str | int) -> str:
        return self._flow.document.place(at)


def said_fact(name: str, said: Said[Any]) -> Fact:
    """A setting with the level that says it."""
    return Fact(name, said.value, said.origin)
