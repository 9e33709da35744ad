"""What a deployment.yml says otherwise of single environments: merged into the rest before anything else.

Rules:

- mappings merge by their keys, at any depth;
- lists of tasks, clusters, environments, jobs, pipelines and parameters merge by what entries are called;
- any other list, and any other value, is replaced;
- what is empty (`null`) removes the field.

What is merged keeps its places in the file, so that a finding points at the line that is to be changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mesh.documents.document import Document, Location, Mark
from mesh.finding import Finding, nearest

FIELD = "environments"

# What entries of lists are called; Databricks Jobs API
_CALLED = {
    "tasks": "task_key",
    "job_clusters": "job_cluster_key",
    "environments": "environment_key",
    "environment": "environment_key",
    "parameters": "name",
    "jobs": "name",
    "pipelines": "name",
    "pipeline_tasks": "pipeline_key",
    "clusters": "label",
}
# What a deployment's data is called does not depend on the environment, apart from the naming templates
_EVERYWHERE = ("renamed_from", "schemas", "schema")


def overrides(document: Document) -> Mapping[str, Any]:
    """What the file says of single environments; a list of that name is the Jobs API's own."""
    declared = document.data.get(FIELD)
    return declared if isinstance(declared, Mapping) else {}


def without_overrides(document: Document) -> Document:
    """What the file says of all other environments."""
    if not isinstance(document.data.get(FIELD), Mapping):
        return document
    rest = {name: value for name, value in document.data.items() if name != FIELD}
    return Document(document.file, rest, document.marks, document.keys)


def merged(document: Document, environment: str) -> Document:
    """What the file says of one environment.

    Args:
        document: the file.
        environment: one that it says something of.
    """
    base, said = without_overrides(document).data, overrides(document)[environment]
    merger = Merger(document)
    if isinstance(said, Mapping):
        data = merger.merge(base, (), said, (FIELD, environment), ())
    else:
        data = merger.copy(base, (), ())
    return Document(document.file, data, merger.marks, merger.keys)


def check_overrides(document: Document, environments: Mapping[str, object]) -> Iterator[Finding]:
    """All that is wrong with which environments are named, and with what cannot differ among them.

    Args:
        document: the deployment.yml.
        environments: those of the org.
    """
    for name, said in overrides(document).items():
        at = (FIELD, name)
        if name not in environments:
            message = f"environment `{name[:60]}` is not in org.yml"
            near = nearest(name, environments, "environments")
            yield document.finding("unknown-environment", at, f"{message} ({near})", at_key=True)
        if said is not None and not isinstance(said, Mapping):
            message = f"`{name[:60]}` should be a mapping of fields to values"
            yield document.finding("wrong-type", at, message)
        for field in _EVERYWHERE:
            if isinstance(said, Mapping) and field in said:
                yield _not_by_environment(document, (*at, field))
        if isinstance(said, Mapping):
            for where in _schemas_of_pipelines(document.data, said):
                yield _not_by_environment(document, (*at, *where))


def _schemas_of_pipelines(base: Mapping[str, Any], said: Mapping[str, Any]) -> Iterator[Location]:
    """Where an environment says which schema a pipeline fills that other environments have too."""
    known = {entry["name"] for entry in _entries_of(base.get("pipelines"))}
    for index, entry in enumerate(_entries_of(said.get("pipelines"))):
        if entry["name"] in known and "schema" in entry:
            yield "pipelines", index, "schema"


def _entries_of(entries: object) -> list[Any]:
    return entries if isinstance(entries, list) and _are_called(entries, "name") else []


def _not_by_environment(document: Document, at: Location) -> Finding:
    message = f"`{at[-1]}` holds in all environments (say it outside of `{FIELD}`)"
    return document.finding("not-by-environment", at, message, at_key=True)


class Merger:
    """Puts values of one document together, and keeps where each stands.

    Args:
        source: the document.
    """

    def __init__(self, source: Document) -> None:
        self._source = source
        self.marks: dict[Location, Mark] = {}
        self.keys: dict[Location, Mark] = {}

    def merge(self, base: Any, base_at: Location, over: Any, over_at: Location, at: Location) -> Any:
        """One value over another.

        Args:
            base: the value.
            base_at: where it stands.
            over: what is said otherwise.
            over_at: where that stands.
            at: where it stands in what is made.
        """
        if isinstance(base, Mapping) and isinstance(over, Mapping):
            self.stands(base_at, at)
            return self._mapping(base, base_at, over, over_at, at)
        called = _CALLED.get(str(at[-1])) if at else None
        if called and _are_called(base, called) and _are_called(over, called):
            self.stands(base_at, at)
            return self._entries(called, base, base_at, over, over_at, at)
        return self.copy(over, over_at, at)

    def copy(self, value: Any, source: Location, at: Location) -> Any:
        """A value with its places.

        Args:
            value: the value.
            source: where it stands.
            at: where it stands in what is made.
        """
        self.stands(source, at)
        if isinstance(value, Mapping):
            return {key: self.copy(inner, (*source, key), (*at, key)) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.copy(inner, (*source, i), (*at, i)) for i, inner in enumerate(value)]
        return value

    def _mapping(
        self,
        base: Mapping[str, Any],
        base_at: Location,
        over: Mapping[str, Any],
        over_at: Location,
        at: Location,
    ) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in base.items():
            if key not in over:
                made[key] = self.copy(value, (*base_at, key), (*at, key))
            elif over[key] is not None:
                made[key] = self.merge(value, (*base_at, key), over[key], (*over_at, key), (*at, key))
        for key, value in over.items():
            if key not in base and value is not None:
                made[key] = self.copy(value, (*over_at, key), (*at, key))
        return made

    def _entries(
        self,
        called: str,
        base: list[Any],
        base_at: Location,
        over: list[Any],
        over_at: Location,
        at: Location,
    ) -> list[Any]:
        said = {entry[called]: index for index, entry in enumerate(over)}
        made: list[Any] = []
        for index, entry in enumerate(base):
            here, there = (*base_at, index), (*at, index)
            other = said.pop(entry[called], None)
            if other is None:
                made.append(self.copy(entry, here, there))
            else:
                made.append(self.merge(entry, here, over[other], (*over_at, other), there))
        for index in said.values():
            made.append(self.copy(over[index], (*over_at, index), (*at, len(made))))
        return made

    def stands(self, source: Location, at: Location) -> None:
        """What stands at `source` stands at `at` in what is made."""
        if source in self._source.marks:
            self.marks[at] = self._source.marks[source]
        if source in self._source.keys:
            self.keys[at] = self._source.keys[source]


def _are_called(entries: object, called: str) -> bool:
    """Whether each entry of a list says what it is called."""
    return isinstance(entries, list) and all(
        isinstance(entry, Mapping) and isinstance(entry.get(called), str) for entry in entries
    )
