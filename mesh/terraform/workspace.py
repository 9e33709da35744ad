"""A Databricks workspace, as far as a deployment has to look into it beforehand."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from mesh.errors import OutsideError
from mesh.model.schema import DEPLOYMENT_PROPERTY

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

_MOST = 1000  # things that are counted one by one


@dataclass(frozen=True)
class Found:
    """Something in the workspace.

    Args:
        id: what Terraform's state would know it by.
        deployment: the state key that it carries, if any.
        people: who made it and who owns it.
        tags: what it says of where it comes from.
    """

    id: str
    deployment: str | None = None
    people: frozenset[str] = frozenset()
    tags: Mapping[str, str] = field(default_factory=dict)


class Workspace(Protocol):
    """What has to be looked up in a workspace."""

    def find(self, type: str, name: str) -> list[Found]:
        """All things of a type in KINDS that have this name."""

    def holds(self, type: str, full_name: str) -> str:
        """What lies in one of DATA_TYPES, a catalog for example; "" where that cannot be told."""


@dataclass(frozen=True)
class Kind:
    """One type of things that a stack makes and a workspace knows by name.

    Args:
        word: what people call it.
        name: the arguments of the Terraform resource that name it.
        look_up: answers with things that may have the name.
        id: where such a thing says its id.
        called: where it says its name; by default it was looked up by it.
    """

    word: str
    name: tuple[str, ...]
    look_up: Callable[[WorkspaceClient, str], Iterable[Any]]
    id: str
    called: str | None = None

    def full_name(self, arguments: Mapping[str, Any]) -> str:
        """The name of what a resource with these arguments makes."""
        return ".".join(str(arguments[one]) for one in self.name)


# What would be made twice, or is in the way, when it exists already; all else is overwritten as it is made.
KINDS: Mapping[str, Kind] = {
    "databricks_catalog": Kind("catalog", ("name",), lambda on, name: [on.catalogs.get(name)], "name"),
    "databricks_schema": Kind(
        "schema", ("catalog_name", "name"), lambda on, name: [on.schemas.get(name)], "full_name"
    ),
    "databricks_volume": Kind(
        "volume",
        ("catalog_name", "schema_name", "name"),
        lambda on, name: [on.volumes.read(name)],
        "full_name",
    ),
    "databricks_registered_model": Kind(
        "registered model",
        ("catalog_name", "schema_name", "name"),
        lambda on, name: [on.registered_models.get(name)],
        "full_name",
    ),
    "databricks_mlflow_experiment": Kind(
        "experiment", ("name",), lambda on, name: _active(on.experiments.get_by_name(name)), "experiment_id"
    ),
    "databricks_storage_credential": Kind(
        "storage credential", ("name",), lambda on, name: [on.storage_credentials.get(name)], "name"
    ),
    "databricks_external_location": Kind(
        "external location", ("name",), lambda on, name: [on.external_locations.get(name)], "name"
    ),
    "databricks_job": Kind(
        "job", ("name",), lambda on, name: on.jobs.list(name=name), "job_id", "settings.name"
    ),
    "databricks_pipeline": Kind(
        "pipeline", ("name",), lambda on, _: on.pipelines.list_pipelines(), "pipeline_id", "name"
    ),
    "databricks_cluster_policy": Kind(
        "cluster policy", ("name",), lambda on, _: on.cluster_policies.list(), "policy_id", "name"
    ),
    "databricks_instance_pool": Kind(
        "instance pool",
        ("instance_pool_name",),
        lambda on, _: on.instance_pools.list(),
        "instance_pool_id",
        "instance_pool_name",
    ),
    "databricks_cluster": Kind(
        "cluster", ("cluster_name",), lambda on, _: _lasting(on.clusters.list()), "cluster_id", "cluster_name"
    ),
    "databricks_sql_endpoint": Kind(
        "SQL warehouse", ("name",), lambda on, _: on.warehouses.list(), "id", "name"
    ),
    "databricks_group": Kind(
        "group",
        ("display_name",),
        lambda on, name: on.groups.list(filter=f"displayName eq {_quoted(name)}"),
        "id",
        "display_name",
    ),
    "databricks_user": Kind(
        "user",
        ("user_name",),
        lambda on, name: on.users.list(filter=f"userName eq {_quoted(name)}"),
        "id",
        "user_name",
    ),
}

# Databricks REST API, "Grants", securable_type, where `databricks_grants` says another word
_SECURABLES = {"model": "function", "foreign_connection": "connection"}

_PEOPLE = ("creator_user_name", "creator_name", "created_by", "owner")


class DatabricksWorkspace:
    """The workspace that the environment variables name; see the documentation of the Databricks SDK.

    Raises:
        OutsideError: on use, when it cannot be reached or does not let the caller in.
    """

    def __init__(self, **config: Any) -> None:
        """Connect at first use.

        Args:
            config: what would otherwise come from the environment variables, such as `host`.
        """
        from databricks.sdk import WorkspaceClient
        from databricks.sdk.errors import NotFound
        from databricks.sdk.errors.base import DatabricksError

        self._not_found = NotFound
        self._errors = (DatabricksError, ValueError, OSError)
        self._client: WorkspaceClient = self._answer(lambda: WorkspaceClient(**config))
        self._lists: dict[str, list[Any]] = {}
        self._user: str | None = None

    def find(self, type: str, name: str) -> list[Found]:
        """All things of a type in KINDS that have this name."""
        kind = KINDS[type]
        things = self._things(type, kind, name)
        if kind.called:
            things = [one for one in things if _field(one, kind.called) == name]
        return [_found(one, kind) for one in things]

    def holds(self, type: str, full_name: str) -> str:
        """How much lies in one of DATA_TYPES, a catalog for example; "" where that cannot be told."""
        counted, told = [], False
        for word, look_up in _CONTENTS[type]:
            try:
                number = sum(1 for _ in islice(look_up(self._client, full_name), _MOST))
            except self._errors:
                continue
            told = True
            if number:
                many = f"{_MOST:,} or more" if number == _MOST else str(number)
                counted.append(f"{many} {word}" + ("s" if number != 1 else ""))
        return ", ".join(counted) or ("empty" if told else "")

    def granted(self, kind: str, full_name: str) -> dict[str, frozenset[str]]:
        """Who has which privileges on a securable; nobody where it is not there.

        Args:
            kind: as `databricks_grants` calls it.
            full_name: its full name.
        """
        # the SDK drops privileges that are newer than itself
        path = f"/api/2.1/unity-catalog/permissions/{_SECURABLES.get(kind, kind)}/{quote(full_name, safe='')}"
        answer = self._answer(lambda: self._client.api_client.do("GET", path)) or {}
        return {
            str(one.get("principal")): frozenset(map(str, one.get("privileges") or ()))
            for one in answer.get("privilege_assignments") or ()
        }

    def deployments(self) -> dict[str, dict[str, datetime]]:
        """When the schemas of deployments were changed last, by state key and by full name."""
        found: dict[str, dict[str, datetime]] = {}
        for schema in self._answer(lambda: list(self._schemas())) or ():
            key = (schema.properties or {}).get(DEPLOYMENT_PROPERTY)
            if key and (changed := schema.updated_at or schema.created_at):
                found.setdefault(key, {})[str(schema.full_name)] = _moment(changed)
        return found

    def _schemas(self) -> Iterator[Any]:
        for catalog in self._client.catalogs.list():
            yield from self._client.schemas.list(str(catalog.name))

    def used(self, job: str) -> datetime | None:
        """When a job was made or run last; None where it is gone."""
        if not (found := self._answer(lambda: self._client.jobs.get(int(job)))):
            return None
        runs = self._answer(lambda: list(islice(self._client.jobs.list_runs(job_id=int(job), limit=1), 1)))
        times = [found.created_time, *(run.start_time for run in runs or ())]
        return max((_moment(time) for time in times if time), default=None)

    def _things(self, type: str, kind: Kind, name: str) -> list[Any]:
        """What may have the name; what can only be listed is listed once."""
        if type in _ONLY_LISTED:
            name = ""
            if type in self._lists:
                return self._lists[type]
        answer: list[Any] = self._answer(lambda: list(kind.look_up(self._client, name))) or []
        if type in _ONLY_LISTED:
            self._lists[type] = answer
        return answer

    def user(self) -> str:
        """Who is logged in: a user's e-mail, or a service principal's application id."""
        if self._user is None:
            self._user = str(self._answer(self._client.current_user.me).user_name)
        return self._user

    def _answer(self, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except self._not_found:
            return None
        except self._errors as error:
            first_line = str(error).strip().split("\n")[0]
            raise OutsideError(
                f"the workspace does not answer: {first_line} (check DATABRICKS_HOST and your login)"
            ) from error


def _found(thing: Any, kind: Kind) -> Found:
    properties = getattr(thing, "properties", None) or {}
    return Found(
        id=str(_field(thing, kind.id)),
        deployment=properties.get(DEPLOYMENT_PROPERTY),
        people=frozenset(str(who) for one in _PEOPLE if (who := getattr(thing, one, None))),
        tags=_field(thing, "settings.tags") or {},
    )


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _field(thing: Any, path: str) -> Any:
    for part in path.split("."):
        thing = getattr(thing, part, None)
    return thing


def _lasting(clusters: Iterable[Any]) -> Iterable[Any]:
    """Clusters that people and Terraform made; those of job runs come and go."""
    return (one for one in clusters if getattr(one.cluster_source, "value", None) in (None, "UI", "API"))


def _active(answer: Any) -> Iterable[Any]:
    """The experiment of a name, unless it was deleted: it can still be restored, but is in nobody's way."""
    return [answer.experiment] if answer.experiment.lifecycle_stage == "active" else []


def _quoted(name: str) -> str:
    """A value in a filter of the SCIM API."""
    return json.dumps(name, ensure_ascii=False)


_ASKED_BY_NAME = ("databricks_job", "databricks_group", "databricks_user")
_ONLY_LISTED = frozenset(type for type, kind in KINDS.items() if kind.called and type not in _ASKED_BY_NAME)


def _split(full_name: str) -> tuple[str, str]:
    catalog, _, schema = full_name.partition(".")
    return catalog, schema


def _files(on: WorkspaceClient, path: str) -> Iterable[Any]:
    for entry in on.files.list_directory_contents(path):
        if entry.is_directory:
            yield from _files(on, entry.path or "")
        else:
            yield entry


def _models(on: WorkspaceClient, catalog: str, schema: str) -> Iterable[Any]:
    return on.registered_models.list(catalog_name=catalog, schema_name=schema)


def _tables_of_pipeline(on: WorkspaceClient, name: str) -> Iterable[Any]:
    for pipeline in on.pipelines.list_pipelines():
        if pipeline.name == name:
            spec = on.pipelines.get(pipeline.pipeline_id or "").spec
            if spec and spec.catalog and spec.schema:
                tables = on.tables.list(spec.catalog, spec.schema)
                yield from (one for one in tables if one.pipeline_id == pipeline.pipeline_id)


def _runs(on: WorkspaceClient, experiment: str) -> Iterable[Any]:
    found = on.experiments.get_by_name(experiment).experiment
    return on.experiments.search_runs(experiment_ids=[str(found and found.experiment_id)])


def _schemas(on: WorkspaceClient, catalog: str) -> Iterable[Any]:
    made_by_databricks = ("default", "information_schema")
    return (one for one in on.schemas.list(catalog) if one.name not in made_by_databricks)


# What there is to lose in each; Unity Catalog removes it with what holds it.
_CONTENTS: Mapping[str, tuple[tuple[str, Callable[[WorkspaceClient, str], Iterable[Any]]], ...]] = {
    "databricks_catalog": (("schema", _schemas),),
    "databricks_schema": (
        ("table", lambda on, name: on.tables.list(*_split(name))),
        ("volume", lambda on, name: on.volumes.list(*_split(name))),
        ("registered model", lambda on, name: _models(on, *_split(name))),
    ),
    "databricks_volume": (("file", lambda on, name: _files(on, "/Volumes/" + name.replace(".", "/"))),),
    "databricks_registered_model": (("version", lambda on, name: on.model_versions.list(name)),),
    # Databricks documentation, "Delete a pipeline": its tables are deleted with it
    "databricks_pipeline": (("table", _tables_of_pipeline),),
    "databricks_mlflow_experiment": (("run", _runs),),
}
DATA_TYPES = tuple(_CONTENTS)
