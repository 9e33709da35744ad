"""What a Databricks workspace holds that a workshop may have to do with, and how it is removed there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from mesh.errors import OutsideError
from mesh.model.schema import DEPLOYMENT_PROPERTY
from mesh.workshop.teardown.removals import Survey
from mesh.workshop.teardown.workspace_object import Thing
from mesh.workshop.workshop import PROPERTY

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

_PAGE = 1000
_SECONDS = 60  # for one answer
_BY_DATABRICKS = "information_schema"
_BY_ITSELF = "default"
# Unity Catalog API, CatalogType: neither shared by others nor the system's
_OWN_CATALOGS = (None, "MANAGED_CATALOG")


def connected(**config: Any) -> Inventory:
    """The inventory of the workspace that the environment variables name; the Databricks SDK's documentation.

    Args:
        config: what would otherwise come from there, such as `host`.

    Raises:
        OutsideError: there is no login.
    """
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.core import Config

    try:
        bounded = Config(http_timeout_seconds=_SECONDS, retry_timeout_seconds=2 * _SECONDS, **config)
        return Inventory(WorkspaceClient(config=bounded))
    except ValueError as error:
        raise OutsideError(f"{_first_line(error)} (check DATABRICKS_HOST and your login)") from error


class Inventory:
    """A workspace, looked into with one request per catalog, pipeline and home folder in question.

    Raises:
        OutsideError: on use, when it cannot be reached or does not let the caller in.
    """

    def __init__(self, client: WorkspaceClient) -> None:
        from databricks.sdk.errors import NotFound
        from databricks.sdk.errors.base import DatabricksError

        self._on = client
        self._not_found = NotFound
        self._errors = (DatabricksError, ValueError, OSError)

    def survey(self, people: Collection[str], catalogs: Collection[str]) -> Survey:
        """What there is.

        Args:
            people: the e-mails of those whose things are looked for, in lower case.
            catalogs: the names of the catalogs that the workshop made.
        """
        me = self._answer(self._on.current_user.me)
        schemas, unreadable = self._schemas(catalogs)
        makers = {who.lower() for one in schemas if _marked(one) for who in (one.owner, one.creator) if who}
        asked = {who.lower() for who in people} | makers
        homes = sorted({one.creator or "" for one in schemas if DEPLOYMENT_PROPERTY in one.marks} - {""})
        things = [*schemas, *self._jobs(), *self._pipelines(asked), *self._compute(), *self._experiments()]
        things += [one for who in homes if who.lower() in people for one in self._folders(who)]
        return Survey(str(me.user_name), tuple(things), self._groups(), unreadable)

    def remove(self, thing: Thing) -> None:
        """Remove something with all that it holds; a catalog only when it is empty. Gone already is fine.

        Raises:
            OutsideError: the workspace refuses.
        """
        try:
            self._removed(thing)
        except self._not_found:
            return
        except self._errors as error:
            raise OutsideError(_first_line(error)) from error

    def _removed(self, thing: Thing) -> None:
        on = self._on
        remove: Mapping[str, Callable[[], object]] = {
            "databricks_catalog": lambda: on.catalogs.delete(thing.id),
            "databricks_schema": lambda: on.schemas.delete(thing.id, force=True),
            "databricks_job": lambda: on.jobs.delete(int(thing.id)),
            "databricks_pipeline": lambda: on.pipelines.delete(thing.id),
            "databricks_cluster": lambda: on.clusters.permanent_delete(thing.id),
            "databricks_sql_endpoint": lambda: on.warehouses.delete(thing.id),
            "databricks_mlflow_experiment": lambda: on.experiments.delete_experiment(thing.id),
            "databricks_directory": lambda: on.workspace.delete(thing.id, recursive=True),
        }
        remove[thing.type]()

    def _schemas(self, ours: Collection[str]) -> tuple[list[Thing], dict[str, str]]:
        """Catalogs and schemas; the one that a catalog has by itself counts when it holds something."""
        found: list[Thing] = []
        unreadable: dict[str, str] = {}
        for catalog in self._answer(lambda: list(self._on.catalogs.list())):
            if (catalog.catalog_type and catalog.catalog_type.value) not in _OWN_CATALOGS:
                continue
            name = str(catalog.name)
            found.append(_thing("databricks_catalog", name, name, catalog, catalog.properties))
            looked_for = name in ours or PROPERTY in (catalog.properties or {})
            try:
                for schema in self._on.schemas.list(name):
                    if schema.name == _BY_DATABRICKS:
                        continue
                    if schema.name == _BY_ITSELF and not (looked_for and self._holds_something(name)):
                        continue
                    full = str(schema.full_name)
                    found.append(_thing("databricks_schema", full, full, schema, schema.properties, name))
            except self._errors as error:
                unreadable[name] = _first_line(error)
        return found, unreadable

    def _holds_something(self, catalog: str) -> bool:
        """Whether anything is in the schema that a catalog has by itself."""
        on = self._on
        held: Iterable[Iterable[Any]] = (
            on.tables.list(catalog, _BY_ITSELF),
            on.volumes.list(catalog, _BY_ITSELF),
            on.registered_models.list(catalog_name=catalog, schema_name=_BY_ITSELF),
        )
        return any(True for each in held for _ in islice(each, 1))

    def _jobs(self) -> Iterator[Thing]:
        for job in self._answer(lambda: list(self._on.jobs.list(expand_tasks=True))):
            settings = job.settings
            clusters = [one.new_cluster for one in (settings and settings.job_clusters) or ()]
            clusters += [one.new_cluster for one in (settings and settings.tasks) or () if one.new_cluster]
            told = {one.name: one.default for one in (settings and settings.parameters) or ()}
            yield Thing(
                "databricks_job",
                str(job.job_id),
                str(settings and settings.name),
                creator=job.creator_user_name,
                marks=(settings and settings.tags) or {},
                place=_place(told.get("catalog"), told.get("schema")),
                policies=frozenset(str(one.policy_id) for one in clusters if one and one.policy_id),
                experiment=told.get("experiment"),
            )

    def _pipelines(self, people: Collection[str]) -> Iterator[Thing]:
        """Only one by one do they say what they fill."""
        for pipeline in self._answer(lambda: list(self._on.pipelines.list_pipelines(max_results=100))):
            if (pipeline.creator_user_name or "").lower() not in people:
                continue
            got = self._answer(partial(self._on.pipelines.get, str(pipeline.pipeline_id)), absent=None)
            if spec := got and got.spec:
                clusters = spec.clusters or ()
                yield Thing(
                    "databricks_pipeline",
                    str(pipeline.pipeline_id),
                    str(pipeline.name),
                    creator=pipeline.creator_user_name,
                    marks=spec.tags or {},
                    place=_place(spec.catalog, spec.schema or spec.target),
                    policies=frozenset(str(one.policy_id) for one in clusters if one.policy_id),
                )

    def _compute(self) -> Iterator[Thing]:
        for cluster in self._answer(lambda: list(self._on.clusters.list(page_size=100))):
            if getattr(cluster.cluster_source, "value", None) in (None, "UI", "API"):
                yield Thing(
                    "databricks_cluster",
                    str(cluster.cluster_id),
                    str(cluster.cluster_name),
                    creator=cluster.creator_user_name,
                    marks=cluster.custom_tags or {},
                    policies=frozenset([cluster.policy_id] if cluster.policy_id else []),
                )
        for warehouse in self._answer(lambda: list(self._on.warehouses.list())):
            pairs = (warehouse.tags and warehouse.tags.custom_tags) or ()
            marks = {str(one.key): str(one.value) for one in pairs}
            name, creator = str(warehouse.name), warehouse.creator_name
            yield Thing("databricks_sql_endpoint", str(warehouse.id), name, creator=creator, marks=marks)

    def _experiments(self) -> Iterator[Thing]:
        for one in self._answer(lambda: list(self._on.experiments.search_experiments(max_results=_PAGE))):
            yield Thing("databricks_mlflow_experiment", str(one.experiment_id), str(one.name))

    def _folders(self, who: str) -> Iterator[Thing]:
        """The folders that deployments of somebody's own put files and experiments into."""
        for folder in (f"/Users/{who}/mesh", f"/Users/{who}/mesh/experiments"):
            for one in self._answer(partial(self._listed, folder), absent=()):
                yield Thing("databricks_directory", str(one.path), str(one.path), creator=who)

    def _listed(self, folder: str) -> list[Any]:
        return list(self._on.workspace.list(folder))

    def _groups(self) -> dict[str, frozenset[str]]:
        """The groups of each user."""
        users = self._answer(lambda: list(self._on.users.list(attributes="id,userName")))
        names = {str(one.id): str(one.user_name).lower() for one in users}
        found: dict[str, set[str]] = {name: set() for name in names.values()}
        for group in self._answer(lambda: list(self._on.groups.list(attributes="id,displayName,members"))):
            for member in group.members or ():
                if who := names.get(str(member.value)):
                    found[who].add(str(group.display_name))
        return {who: frozenset(groups) for who, groups in found.items()}

    def _answer(self, ask: Callable[[], Any], **absent: Any) -> Any:
        """What the workspace answers; `absent` where it has no such thing, if that is said."""
        try:
            return ask()
        except self._errors as error:
            if absent and isinstance(error, self._not_found):
                return absent["absent"]
            remedy = "check DATABRICKS_HOST and your login"
            raise OutsideError(f"the workspace does not answer: {_first_line(error)} ({remedy})") from error


def _thing(
    type: str, id: str, name: str, found: Any, marks: Mapping[str, str] | None, place: str | None = None
) -> Thing:
    return Thing(type, id, name, found.owner, found.created_by, dict(marks or {}), place)


def _marked(one: Thing) -> bool:
    return DEPLOYMENT_PROPERTY in one.marks or PROPERTY in one.marks


def _place(catalog: str | None, schema: str | None) -> str | None:
    return f"{catalog}.{schema}" if catalog and schema else None


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0] or type(error).__name__
