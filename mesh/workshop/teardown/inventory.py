"""Reads the objects of a Databricks workspace that may belong to a workshop, and removes them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from mesh.errors import OutsideError
from mesh.model.schema import DEPLOYMENT_PROPERTY, WORKSHOP_PROPERTY
from mesh.terraform.workspace_call import call_workspace, first_line, sdk_errors
from mesh.terraform.workspace_client import Limits, workspace_client
from mesh.workshop.teardown.removals import WorkspaceContents
from mesh.workshop.teardown.workspace_object import WorkspaceObject

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

_PAGE = 1000
_LIMITS = Limits(retries=120)
_SYSTEM_SCHEMA = "information_schema"
_DEFAULT_SCHEMA = "default"
# Unity Catalog API, CatalogType: neither shared from another account nor a system catalog
_OWN_CATALOGS = (None, "MANAGED_CATALOG")


def connect_inventory(**config: Any) -> DatabricksInventory:
    """Connects to the workspace that the environment variables of the Databricks SDK name.

    Args:
        config: settings that override the environment variables, such as `host`.

    Raises:
        OutsideError: the workspace does not answer, or the login is not configured.
        UsageError: DATABRICKS_HOST is not the address of a workspace.
    """
    return DatabricksInventory(call_workspace(lambda: workspace_client(_LIMITS, **config)))


class DatabricksInventory:
    """The objects of a workspace, read with one request per relevant catalog, pipeline and home folder.

    Args:
        client: the workspace client.

    Raises:
        OutsideError: on use, if the workspace cannot be reached or refuses the login.
    """

    def __init__(self, client: WorkspaceClient) -> None:
        self._client = client

    def read(self, users: Collection[str], catalogs: Collection[str]) -> WorkspaceContents:
        """Reads the objects that may belong to the workshop.

        Args:
            users: the e-mails of the workshop's users, in lower case.
            catalogs: the names of the catalogs that the workshop created.
        """
        caller = call_workspace(self._client.current_user.me)
        schemas, unreadable = self._schemas(catalogs)
        owners = {
            user.lower()
            for schema in schemas
            if _is_labelled(schema)
            for user in (schema.owner, schema.creator)
            if user
        }
        relevant = {user.lower() for user in users} | owners
        deployers = {each.creator or "" for each in schemas if DEPLOYMENT_PROPERTY in each.tags} - {""}
        objects = [
            *schemas,
            *self._jobs(),
            *self._pipelines(relevant),
            *self._compute(),
            *self._experiments(),
        ]
        for user in sorted(deployers):
            if user.lower() in users:
                objects += self._folders(user)
        return WorkspaceContents(str(caller.user_name), tuple(objects), self._groups(), unreadable)

    def remove(self, target: WorkspaceObject) -> None:
        """Removes an object with its content; a catalog only if it is empty.

        Does nothing if the object no longer exists.

        Raises:
            OutsideError: the workspace refuses.
        """
        from databricks.sdk.errors import NotFound

        try:
            self._delete(target)
        except NotFound:
            return
        except sdk_errors() as error:
            raise OutsideError(first_line(error)) from error

    def _delete(self, target: WorkspaceObject) -> None:
        client = self._client
        delete: Mapping[str, Callable[[], object]] = {
            "databricks_catalog": lambda: client.catalogs.delete(target.id),
            "databricks_schema": lambda: client.schemas.delete(target.id, force=True),
            "databricks_job": lambda: client.jobs.delete(int(target.id)),
            "databricks_pipeline": lambda: client.pipelines.delete(target.id),
            "databricks_cluster": lambda: client.clusters.permanent_delete(target.id),
            "databricks_sql_endpoint": lambda: client.warehouses.delete(target.id),
            "databricks_mlflow_experiment": lambda: client.experiments.delete_experiment(target.id),
            "databricks_directory": lambda: client.workspace.delete(target.id, recursive=True),
        }
        delete[target.type]()

    def _schemas(self, ours: Collection[str]) -> tuple[list[WorkspaceObject], dict[str, str]]:
        """Catalogs and schemas; the schema `default` only if it is not empty.

        Args:
            ours: the names of the catalogs that the workshop created.
        """
        objects: list[WorkspaceObject] = []
        unreadable: dict[str, str] = {}
        for catalog in call_workspace(lambda: list(self._client.catalogs.list())):
            if (catalog.catalog_type and catalog.catalog_type.value) not in _OWN_CATALOGS:
                continue
            name = str(catalog.name)
            objects.append(_securable("databricks_catalog", name, catalog))
            is_ours = name in ours or WORKSHOP_PROPERTY in (catalog.properties or {})
            try:
                for schema in self._client.schemas.list(name):
                    if schema.name == _SYSTEM_SCHEMA:
                        continue
                    if schema.name == _DEFAULT_SCHEMA and not (is_ours and self._has_default_objects(name)):
                        continue
                    full_name = str(schema.full_name)
                    objects.append(_securable("databricks_schema", full_name, schema, name))
            except sdk_errors() as error:
                unreadable[name] = first_line(error)
        return objects, unreadable

    def _has_default_objects(self, catalog: str) -> bool:
        """True if the schema `default` of a catalog is not empty."""
        client = self._client
        listings: Iterable[Iterable[Any]] = (
            client.tables.list(catalog, _DEFAULT_SCHEMA),
            client.volumes.list(catalog, _DEFAULT_SCHEMA),
            client.registered_models.list(catalog_name=catalog, schema_name=_DEFAULT_SCHEMA),
        )
        return any(True for listing in listings for _ in islice(listing, 1))

    def _jobs(self) -> Iterator[WorkspaceObject]:
        for job in call_workspace(lambda: list(self._client.jobs.list(expand_tasks=True))):
            settings = job.settings
            clusters = [each.new_cluster for each in (settings and settings.job_clusters) or ()]
            clusters += [task.new_cluster for task in (settings and settings.tasks) or () if task.new_cluster]
            parameters = {each.name: each.default for each in (settings and settings.parameters) or ()}
            yield WorkspaceObject(
                "databricks_job",
                str(job.job_id),
                str(settings and settings.name),
                creator=job.creator_user_name,
                tags=(settings and settings.tags) or {},
                parent=_full_name(parameters.get("catalog"), parameters.get("schema")),
                policies=frozenset(str(each.policy_id) for each in clusters if each and each.policy_id),
                experiment=parameters.get("experiment"),
            )

    def _pipelines(self, users: Collection[str]) -> Iterator[WorkspaceObject]:
        """The pipelines of these users; reads each pipeline, because the list does not contain its schema."""
        for pipeline in call_workspace(lambda: list(self._client.pipelines.list_pipelines(max_results=100))):
            if (pipeline.creator_user_name or "").lower() not in users:
                continue
            details = call_workspace(
                partial(self._client.pipelines.get, str(pipeline.pipeline_id)), missing=None
            )
            if spec := details and details.spec:
                clusters = spec.clusters or ()
                yield WorkspaceObject(
                    "databricks_pipeline",
                    str(pipeline.pipeline_id),
                    str(pipeline.name),
                    creator=pipeline.creator_user_name,
                    tags=spec.tags or {},
                    parent=_full_name(spec.catalog, spec.schema or spec.target),
                    policies=frozenset(str(each.policy_id) for each in clusters if each.policy_id),
                )

    def _compute(self) -> Iterator[WorkspaceObject]:
        """The clusters that users started, and the SQL warehouses."""
        for cluster in call_workspace(lambda: list(self._client.clusters.list(page_size=100))):
            if getattr(cluster.cluster_source, "value", None) in (None, "UI", "API"):
                yield WorkspaceObject(
                    "databricks_cluster",
                    str(cluster.cluster_id),
                    str(cluster.cluster_name),
                    creator=cluster.creator_user_name,
                    tags=cluster.custom_tags or {},
                    policies=frozenset([cluster.policy_id] if cluster.policy_id else []),
                )
        for warehouse in call_workspace(lambda: list(self._client.warehouses.list())):
            pairs = (warehouse.tags and warehouse.tags.custom_tags) or ()
            yield WorkspaceObject(
                "databricks_sql_endpoint",
                str(warehouse.id),
                str(warehouse.name),
                creator=warehouse.creator_name,
                tags={str(pair.key): str(pair.value) for pair in pairs},
            )

    def _experiments(self) -> Iterator[WorkspaceObject]:
        search = self._client.experiments.search_experiments
        for experiment in call_workspace(lambda: list(search(max_results=_PAGE))):
            yield WorkspaceObject(
                "databricks_mlflow_experiment", str(experiment.experiment_id), str(experiment.name)
            )

    def _folders(self, user: str) -> Iterator[WorkspaceObject]:
        """The folders in which personal deployments of a user keep files and experiments."""
        for parent in (f"/Users/{user}/mesh", f"/Users/{user}/mesh/experiments"):
            for folder in call_workspace(partial(self._list_folder, parent), missing=()):
                path = str(folder.path)
                yield WorkspaceObject("databricks_directory", path, path, creator=user)

    def _list_folder(self, path: str) -> list[Any]:
        return list(self._client.workspace.list(path))

    def _groups(self) -> dict[str, frozenset[str]]:
        """The groups of each user, by e-mail in lower case."""
        users = call_workspace(lambda: list(self._client.users.list(attributes="id,userName")))
        emails = {str(user.id): str(user.user_name).lower() for user in users}
        groups: dict[str, set[str]] = {email: set() for email in emails.values()}
        list_groups = self._client.groups.list
        for group in call_workspace(lambda: list(list_groups(attributes="id,displayName,members"))):
            for member in group.members or ():
                if email := emails.get(str(member.value)):
                    groups[email].add(str(group.display_name))
        return {email: frozenset(names) for email, names in groups.items()}


def _securable(type: str, name: str, info: Any, parent: str | None = None) -> WorkspaceObject:
    properties = dict(info.properties or {})
    return WorkspaceObject(type, name, name, info.owner, info.created_by, properties, parent)


def _is_labelled(schema: WorkspaceObject) -> bool:
    return DEPLOYMENT_PROPERTY in schema.tags or WORKSHOP_PROPERTY in schema.tags


def _full_name(catalog: str | None, schema: str | None) -> str | None:
    return f"{catalog}.{schema}" if catalog and schema else None
