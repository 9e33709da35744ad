"""Reads a Databricks workspace before a deployment: existing objects, their contents, grants and uses."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

from mesh.deployment.identity import segment
from mesh.model.principal import APPLICATION_ID
from mesh.model.schema import DEPLOYMENT_PROPERTY, WORKSHOP_PROPERTY
from mesh.terraform.discover import domains, governed_tags
from mesh.terraform.policies import find_policy
from mesh.terraform.tags import find_tag
from mesh.terraform.workspace_call import call_workspace
from mesh.terraform.workspace_client import workspace_client
from mesh.terraform.workspace_contents import contents

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient


@dataclass(frozen=True)
class ExistingObject:
    """An object in the workspace.

    Args:
        id: its id in a Terraform state.
        deployment: the state key in its properties, if any.
        people: its creator and its owner.
        tags: its tags, which name the source repository, branch and commit.
    """

    id: str
    deployment: str | None = None
    people: frozenset[str] = frozenset()
    tags: Mapping[str, str] = field(default_factory=dict)


class ObjectLookup(Protocol):
    """Looks up objects in a workspace by their names."""

    def find(self, type: str, name: str) -> list[ExistingObject]:
        """All objects of a type in RESOURCE_KINDS that have this name."""

    def holds(self, type: str, full_name: str) -> str:
        """The contents of an object of DATA_TYPES, as text; "" if they are unknown."""


@dataclass(frozen=True)
class ResourceKind:
    """A type of Terraform resource whose objects can be found in a workspace by name.

    Args:
        label: its name in messages.
        name: the arguments of the Terraform resource that form the name.
        distinguished_by: the argument that distinguishes objects with the same name; it replaces the name
            where it is set. "" if names are unique, or if nothing distinguishes such objects.
        look_up: returns objects that may have the name.
        id: the field of such an object that holds its id.
        name_field: the field that holds its name; None if `look_up` finds by name.
    """

    label: str
    name: tuple[str, ...]
    look_up: Callable[[WorkspaceClient, str], Iterable[Any]]
    id: str
    name_field: str | None = None
    distinguished_by: str = ""

    def full_name(self, arguments: Mapping[str, Any]) -> str:
        """The name of the object that a resource with these arguments creates."""
        if own := arguments.get(self.distinguished_by):
            return str(own)
        return ".".join(str(arguments[one]) for one in self.name)


# Objects that Terraform would create twice or fail to create if they exist; all other types are overwritten.
RESOURCE_KINDS: Mapping[str, ResourceKind] = {
    "databricks_catalog": ResourceKind(
        "catalog", ("name",), lambda on, name: [on.catalogs.get(name)], "name"
    ),
    "databricks_schema": ResourceKind(
        "schema", ("catalog_name", "name"), lambda on, name: [on.schemas.get(name)], "full_name"
    ),
    "databricks_volume": ResourceKind(
        "volume",
        ("catalog_name", "schema_name", "name"),
        lambda on, name: [on.volumes.read(name)],
        "full_name",
    ),
    "databricks_registered_model": ResourceKind(
        "registered model",
        ("catalog_name", "schema_name", "name"),
        lambda on, name: [on.registered_models.get(name)],
        "full_name",
    ),
    "databricks_entity_tag_assignment": ResourceKind(
        "tag", ("entity_type", "entity_name", "tag_key"), lambda on, name: [find_tag(on, name)], "id"
    ),
    "databricks_policy_info": ResourceKind(
        "policy",
        ("on_securable_type", "on_securable_fullname", "name"),
        lambda on, name: [find_policy(on, name)],
        "id",
    ),
    "databricks_domain": ResourceKind("domain", ("tag_key",), lambda on, _: domains(on), "name", "tag_key"),
    "databricks_tag_policy": ResourceKind(
        "governed tag", ("tag_key",), lambda on, _: governed_tags(on), "tag_key", "tag_key"
    ),
    "databricks_mlflow_experiment": ResourceKind(
        "experiment", ("name",), lambda on, name: _active(on.experiments.get_by_name(name)), "experiment_id"
    ),
    "databricks_storage_credential": ResourceKind(
        "storage credential", ("name",), lambda on, name: [on.storage_credentials.get(name)], "name"
    ),
    "databricks_external_location": ResourceKind(
        "external location", ("name",), lambda on, name: [on.external_locations.get(name)], "name"
    ),
    "databricks_job": ResourceKind(
        "job", ("name",), lambda on, name: on.jobs.list(name=name), "job_id", "settings.name"
    ),
    "databricks_pipeline": ResourceKind(
        "pipeline", ("name",), lambda on, _: on.pipelines.list_pipelines(), "pipeline_id", "name"
    ),
    "databricks_cluster_policy": ResourceKind(
        "cluster policy", ("name",), lambda on, _: on.cluster_policies.list(), "policy_id", "name"
    ),
    "databricks_instance_pool": ResourceKind(
        "instance pool",
        ("instance_pool_name",),
        lambda on, _: on.instance_pools.list(),
        "instance_pool_id",
        "instance_pool_name",
    ),
    "databricks_cluster": ResourceKind(
        "cluster",
        ("cluster_name",),
        lambda on, _: _without_job_clusters(on.clusters.list()),
        "cluster_id",
        "cluster_name",
    ),
    "databricks_sql_endpoint": ResourceKind(
        "SQL warehouse", ("name",), lambda on, _: on.warehouses.list(), "id", "name"
    ),
    "databricks_group": ResourceKind(
        "group",
        ("display_name",),
        lambda on, name: on.groups.list(filter=f"displayName eq {_quoted(name)}"),
        "id",
        "display_name",
    ),
    "databricks_user": ResourceKind("user", ("user_name",), lambda on, name: _users(on, name), "id"),
    "databricks_service_principal": ResourceKind(
        "service principal",
        ("display_name",),
        lambda on, name: _service_principals(on, name),
        "id",
        distinguished_by="application_id",
    ),
    "databricks_repo": ResourceKind(
        "Git folder", ("path",), lambda on, name: on.repos.list(path_prefix=name), "id", "path"
    ),
}

# Databricks REST API, "Grants", securable_type, where it differs from the field of `databricks_grants`
SECURABLES = {"model": "function", "foreign_connection": "connection"}

_PEOPLE = ("creator_user_name", "creator_name", "created_by", "owner")


class DatabricksWorkspace:
    """The workspace that the environment variables of the Databricks SDK name.

    Raises:
        OutsideError: the workspace does not answer; on use, if it refuses the login.
        UsageError: DATABRICKS_HOST is not the address of a workspace.
    """

    def __init__(self, **config: Any) -> None:
        """Configures the client, and checks that the workspace answers.

        Args:
            config: settings that override the environment variables, such as `host`.
        """
        self._client = call_workspace(lambda: workspace_client(**config))
        self._lists: dict[str, list[Any]] = {}
        self._user: str | None = None

    def find(self, type: str, name: str) -> list[ExistingObject]:
        """All objects of a type in RESOURCE_KINDS that have this name."""
        kind = RESOURCE_KINDS[type]
        candidates = self._candidates(type, kind, name)
        if kind.name_field:
            candidates = [one for one in candidates if _field(one, kind.name_field) == name]
        return [_existing_object(one, kind) for one in candidates]

    def holds(self, type: str, full_name: str) -> str:
        """The contents of an object of DATA_TYPES, as text; "" if they are unknown."""
        return contents(self._client, type, full_name)

    def granted(self, kind: str, full_name: str) -> dict[str, frozenset[str]]:
        """The privileges of each principal on a securable; empty if the securable does not exist.

        Args:
            kind: the field of `databricks_grants` that names the securable.
            full_name: the full name of the securable.
        """
        # the SDK drops privileges that are newer than the SDK
        path = f"/api/2.1/unity-catalog/permissions/{SECURABLES.get(kind, kind)}/{quote(full_name, safe='')}"
        answer = _call(lambda: self._client.api_client.do("GET", path)) or {}
        return {
            str(one.get("principal")): frozenset(map(str, one.get("privileges") or ()))
            for one in answer.get("privilege_assignments") or ()
        }

    def deployments(self) -> dict[str, dict[str, datetime]]:
        """The last change of each deployment's schemas, by state key and by full name."""
        changes: dict[str, dict[str, datetime]] = {}
        for schema in _call(lambda: list(self._schemas())) or ():
            key = (schema.properties or {}).get(DEPLOYMENT_PROPERTY)
            if key and (changed := schema.updated_at or schema.created_at):
                changes.setdefault(key, {})[str(schema.full_name)] = _moment(changed)
        return changes

    def _schemas(self) -> Iterator[Any]:
        for catalog in self._client.catalogs.list():
            yield from self._client.schemas.list(str(catalog.name))

    def used(self, job: str) -> datetime | None:
        """The creation or last run of a job; None if the job does not exist."""
        if not (details := _call(lambda: self._client.jobs.get(int(job)))):
            return None
        runs = _call(lambda: list(islice(self._client.jobs.list_runs(job_id=int(job), limit=1), 1)))
        times = [details.created_time, *(run.start_time for run in runs or ())]
        return max((_moment(time) for time in times if time), default=None)

    def _candidates(self, type: str, kind: ResourceKind, name: str) -> list[Any]:
        """Objects that may have the name; types that can only be listed are listed once."""
        if type in _LIST_ONLY:
            name = ""
            if type in self._lists:
                return self._lists[type]
        answer: list[Any] = _call(lambda: list(kind.look_up(self._client, name))) or []
        if type in _LIST_ONLY:
            self._lists[type] = answer
        return answer

    def get(self, path: str, query: Mapping[str, str]) -> Mapping[str, Any] | None:
        """The answer of the API to a GET request, with fields that are newer than the SDK.

        Args:
            path: the path of the request.
            query: its query parameters.

        Returns:
            The answer; None if the object does not exist.

        Raises:
            OutsideError: the workspace does not answer, or refuses.
        """
        answer = call_workspace(
            lambda: self._client.api_client.do("GET", path, query=dict(query)),
            missing=None,
            remedy="the login needs the right to read it",
        )
        return answer if isinstance(answer, Mapping) else None

    def table_exists(self, full_name: str) -> bool:
        """True if a table or view has this name."""
        answer = self.get(f"/api/2.1/unity-catalog/tables/{quote(full_name, safe='')}/exists", {})
        return bool(answer and answer.get("table_exists"))

    def function_exists(self, full_name: str) -> bool:
        """True if a function has this name."""
        return self.get(f"/api/2.1/unity-catalog/functions/{quote(full_name, safe='')}", {}) is not None

    def policy_exists(self, kind: str, securable: str, name: str) -> bool:
        """True if a securable has a policy of this name."""
        parts = "/".join(quote(one, safe="") for one in (kind, securable, name))
        return self.get(f"/api/2.1/unity-catalog/policies/{parts}", {}) is not None

    def user(self) -> str:
        """The logged-in user: an e-mail, or a service principal's application id."""
        if self._user is None:
            self._user = str(call_workspace(self._client.current_user.me).user_name)
        return self._user


def _call(call: Callable[[], Any]) -> Any:
    """The result of a call; None if the object does not exist."""
    return call_workspace(call, missing=None)


def _existing_object(details: Any, kind: ResourceKind) -> ExistingObject:
    properties = getattr(details, "properties", None) or {}
    workshop = properties.get(WORKSHOP_PROPERTY)
    return ExistingObject(
        id=str(_field(details, kind.id)),
        deployment=properties.get(DEPLOYMENT_PROPERTY)
        or (f"workshop/{segment(workshop)}" if workshop else None),
        people=frozenset(str(who) for one in _PEOPLE if (who := getattr(details, one, None))),
        tags=_field(details, "settings.tags") or {},
    )


def _moment(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _field(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = getattr(value, name, None)
    return value


def _without_job_clusters(clusters: Iterable[Any]) -> Iterable[Any]:
    """Clusters that people or Terraform created; clusters of job runs are temporary."""
    return (one for one in clusters if getattr(one.cluster_source, "value", None) in (None, "UI", "API"))


def _active(answer: Any) -> Iterable[Any]:
    """The experiment, unless it is deleted: a deleted experiment does not block its name."""
    return [answer.experiment] if answer.experiment.lifecycle_stage == "active" else []


def _quoted(name: str) -> str:
    """Quotes a value for a filter of the SCIM API."""
    return json.dumps(name, ensure_ascii=False)


def _users(on: WorkspaceClient, name: str) -> Iterable[Any]:
    """Users with a name; Databricks ignores its case."""
    found = on.users.list(filter=f"userName eq {_quoted(name)}")
    return (one for one in found if str(one.user_name).lower() == name.lower())


def _service_principals(on: WorkspaceClient, name: str) -> Iterable[Any]:
    """Service principals with this application id or, if the name is not such an id, this display name."""
    if APPLICATION_ID.match(name):
        found = on.service_principals.list(filter=f"applicationId eq {_quoted(name)}")
        return (one for one in found if str(one.application_id).lower() == name.lower())
    found = on.service_principals.list(filter=f"displayName eq {_quoted(name)}")
    return (one for one in found if one.display_name == name)


_FILTERED_BY_NAME = ("databricks_job", "databricks_group", "databricks_repo")
_LIST_ONLY = frozenset(
    type for type, kind in RESOURCE_KINDS.items() if kind.name_field and type not in _FILTERED_BY_NAME
)
