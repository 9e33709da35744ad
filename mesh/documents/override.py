"""Overrides of a deployment.yml for single environments, merged into the rest of the file before any check.

Rules:

- mappings merge by their keys, at any depth;
- lists of tasks, clusters, environments, jobs, pipelines and parameters merge by the key of their entries;
- any other list, and any other value, is replaced;
- an empty value (`null`) removes the field.

Merged values keep their positions in the file, so that a finding points at the line to change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mesh.documents.document import Document, Location, Mark
from mesh.finding import Finding, nearest

FIELD = "environments"

# The key of the entries of each list; Databricks Jobs API
_ENTRY_KEYS = {
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
# Names of data do not depend on the environment, except through the naming templates
_SAME_EVERYWHERE = ("renamed_from", "schemas", "schema", "provides")


def overrides(document: Document) -> Mapping[str, Any]:
    """The overrides of a file, by environment; a list `environments` is a Jobs API field, no override."""
    declared = document.data.get(FIELD)
    return declared if isinstance(declared, Mapping) else {}


def without_overrides(document: Document) -> Document:
    """The file without its overrides."""
    if not isinstance(document.data.get(FIELD), Mapping):
        return document
    rest = {name: value for name, value in document.data.items() if name != FIELD}
    return Document(document.file, rest, document.marks, document.keys)


def for_environment(document: Document, environment: str) -> Document:
    """The file with the overrides of one environment merged in.

    Args:
        document: the file.
        environment: an environment that the file has overrides for.
    """
    base, override = without_overrides(document).data, overrides(document)[environment]
    merger = Merger(document)
    if isinstance(override, Mapping):
        data = merger.merge(base, (), override, (FIELD, environment), ())
    else:
        data = merger.copy(base, (), ())
    return Document(document.file, data, merger.marks, merger.keys)


def check_overrides(document: Document, environments: Mapping[str, object]) -> Iterator[Finding]:
    """Checks the names of environments, and fields that must not differ between environments.

    Args:
        document: the deployment.yml.
        environments: the environments of the org.
    """
    for name, override in overrides(document).items():
        at = (FIELD, name)
        if name not in environments:
            message = f"environment `{name[:60]}` is not in org.yml"
            near = nearest(name, environments, "environments")
            yield document.finding("unknown-environment", at, f"{message} ({near})", at_key=True)
        if override is not None and not isinstance(override, Mapping):
            message = f"`{name[:60]}` should be a mapping of fields to values"
            yield document.finding("wrong-type", at, message)
        for field in _SAME_EVERYWHERE:
            if isinstance(override, Mapping) and field in override:
                yield _not_by_environment(document, (*at, field))
        if isinstance(override, Mapping):
            for where in _schemas_of_pipelines(document.data, override):
                yield _not_by_environment(document, (*at, *where))


def _schemas_of_pipelines(base: Mapping[str, Any], override: Mapping[str, Any]) -> Iterator[Location]:
    """The locations where an override sets the schema of a pipeline that other environments have, too."""
    shared = {entry["name"] for entry in _entries_of(base.get("pipelines"))}
    for index, entry in enumerate(_entries_of(override.get("pipelines"))):
        if entry["name"] in shared and "schema" in entry:
            yield "pipelines", index, "schema"


def _entries_of(entries: object) -> list[Any]:
    return entries if isinstance(entries, list) and _all_have(entries, "name") else []


def _not_by_environment(document: Document, at: Location) -> Finding:
    message = f"`{at[-1]}` is the same in all environments (declare it outside of `{FIELD}`)"
    return document.finding("not-by-environment", at, message, at_key=True)


class Merger:
    """Merges values of one document and keeps the position of each.

    Args:
        source: the document.
    """

    def __init__(self, source: Document) -> None:
        self._source = source
        self.marks: dict[Location, Mark] = {}
        self.keys: dict[Location, Mark] = {}

    def merge(self, base: Any, base_at: Location, over: Any, over_at: Location, at: Location) -> Any:
        """Merges an override into a value.

        Args:
            base: the value.
            base_at: the location of the value.
            over: the override.
            over_at: the location of the override.
            at: the location in the result.
        """
        if isinstance(base, Mapping) and isinstance(over, Mapping):
            self.keep_position(base_at, at)
            return self._mapping(base, base_at, over, over_at, at)
        key_name = _ENTRY_KEYS.get(str(at[-1])) if at else None
        if key_name and _all_have(base, key_name) and _all_have(over, key_name):
            self.keep_position(base_at, at)
            return self._entries(key_name, base, base_at, over, over_at, at)
        return self.copy(over, over_at, at)

    def copy(self, value: Any, source: Location, at: Location) -> Any:
        """Copies a value with its positions.

        Args:
            value: the value.
            source: its location.
            at: the location in the result.
        """
        self.keep_position(source, at)
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
        result: dict[str, Any] = {}
        for key, value in base.items():
            if key not in over:
                result[key] = self.copy(value, (*base_at, key), (*at, key))
            elif over[key] is not None:
                result[key] = self.merge(value, (*base_at, key), over[key], (*over_at, key), (*at, key))
        for key, value in over.items():
            if key not in base and value is not None:
                result[key] = self.copy(value, (*over_at, key), (*at, key))
        return result

    def _entries(
        self,
        key_name: str,
        base: list[Any],
        base_at: Location,
        over: list[Any],
        over_at: Location,
        at: Location,
    ) -> list[Any]:
        by_key = {entry[key_name]: index for index, entry in enumerate(over)}
        result: list[Any] = []
        for index, entry in enumerate(base):
            source, target = (*base_at, index), (*at, index)
            other = by_key.pop(entry[key_name], None)
            if other is None:
                result.append(self.copy(entry, source, target))
            else:
                result.append(self.merge(entry, source, over[other], (*over_at, other), target))
        for index in by_key.values():
            result.append(self.copy(over[index], (*over_at, index), (*at, len(result))))
        return result

    def keep_position(self, source: Location, at: Location) -> None:
        """Records the position of `source` for `at` in the result."""
        if source in self._source.marks:
            self.marks[at] = self._source.marks[source]
        if source in self._source.keys:
            self.keys[at] = self._source.keys[source]


def _all_have(entries: object, key_name: str) -> bool:
    """True if each entry of a list has the key."""
    return isinstance(entries, list) and all(
        isinstance(entry, Mapping) and isinstance(entry.get(key_name), str) for entry in entries
    )
