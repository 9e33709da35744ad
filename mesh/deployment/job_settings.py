"""The settings of a job, merged from the levels above its flow and the flow itself.

Rules, from the org down to the flow; the level nearest to the flow wins:

- single values (`max_concurrent_runs`, `timeout_seconds`, retries): the nearest declared value;
- `tags`: for each key, the nearest value;
- `parameters`: for each name, the nearest value; the flow's parameters come first, then the inherited ones;
- `email_notifications`: for each event, the nearest list as a whole, so an empty list turns the event off;
- `queue`: the nearest block as a whole;
- `permissions`: for each principal, the nearest level.

Tags and parameters that identify the deployment cannot be declared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from mesh.deployment.scope import Scope
from mesh.documents.document import Document
from mesh.documents.named_secret import (
    NAMED_SECRET_MESSAGE,
    names_its_secret,
    refers_to_value,
)
from mesh.documents.secret import named_like_secret, names_secret_in_scope, scopes_in, secret_field_message
from mesh.finding import Finding
from mesh.model.defaults import (
    BUILT_IN_ORIGIN,
    CONTEXT_PARAMETERS,
    CONTEXT_TAGS,
    Parameter,
    Retries,
    SettingsFile,
)
from mesh.model.domain import Domain
from mesh.model.entry import Entry
from mesh.model.flow import Flow
from mesh.model.libs import LIBS
from mesh.model.org import Org
from mesh.model.permission import (
    MANAGER,
    OWNER,
    ObjectType,
    Permission,
    PermissionFile,
    check_permissions,
    merged_permissions,
    permissions,
)
from mesh.model.pipeline import PipelineFile
from mesh.model.project import Project
from mesh.model.task import Task

T = TypeVar("T", covariant=True)

# Parameters with locations of the flow or its project; levels above have no such location
_OWN_PARAMETERS = {
    "catalog": "the catalog of each flow",
    "schema": "the schema of each flow",
    "experiment": "the experiment of each flow",
    LIBS: "the libs/ of each project",
}

# Databricks documentation, Jobs API, `tags`: they become tags of clusters, with the limits of these
_MOST_TAGS = 25
_LONGEST_KEY = 127
_LONGEST_VALUE = 255

# Databricks documentation, "Access control lists": the pipeline level for each job level
_OF_PIPELINES = {"CAN_MANAGE_RUN": "CAN_RUN"}
_OF_JOBS = {pipelines: jobs for jobs, pipelines in _OF_PIPELINES.items()}
# Databricks documentation, "Databricks Asset Bundles, permissions": the folder level for each job level
_OF_FOLDERS = {"CAN_VIEW": "CAN_READ", "CAN_MANAGE_RUN": "CAN_RUN", MANAGER: MANAGER}


@dataclass(frozen=True)
class Setting(Generic[T]):
    """A value and its origin.

    Args:
        value: the value.
        origin: `file:line` of the declaration, or BUILT_IN_ORIGIN.
    """

    value: T
    origin: str


@dataclass(frozen=True)
class Settings:
    """The merged settings of the job of a flow, or of all jobs below a level.

    Args:
        tags: by key.
        parameters: defaults by name.
        email_notifications: addresses by event, and the setting for skipped runs.
        max_concurrent_runs: the maximum number of concurrent runs.
        timeout_seconds: the timeout of a run, in seconds; None for the default of Databricks.
        retries: defaults for tasks, by field.
        queue: whether runs wait for each other, in the format of the Jobs API.
        permissions: one per principal, in order.
    """

    tags: Mapping[str, Setting[str]]
    parameters: Mapping[str, Setting[str]]
    email_notifications: Mapping[str, Setting[Any]]
    max_concurrent_runs: Setting[int]
    timeout_seconds: Setting[int] | None
    retries: Mapping[str, Setting[int | bool]]
    queue: Setting[dict[str, Any]]
    permissions: tuple[Permission, ...]


_OF_RETRIES = tuple(Retries.model_fields)


def merge_settings(org: Org, *below: Domain | Project | Flow | Entry) -> Settings:
    """Returns the merged settings of the levels.

    Args:
        org: the org.
        below: the levels below it, down to the requested level.
    """
    nearest_first = [_source(level) for level in (org, *below)[::-1]]
    runs = _nearest(_field(source, "max_concurrent_runs") for source in nearest_first)
    timeouts = _nearest(_field(source, "timeout_seconds") for source in nearest_first)
    queues = _nearest(_queue(source) for source in nearest_first)
    return Settings(
        tags=_nearest(_tags(source) for source in nearest_first),
        parameters=_nearest(_parameters(source) for source in nearest_first),
        email_notifications=_nearest(_events(source) for source in nearest_first),
        max_concurrent_runs=runs.get("max_concurrent_runs", Setting(1, BUILT_IN_ORIGIN)),
        timeout_seconds=timeouts.get("timeout_seconds"),
        retries=_nearest(
            _field(source, field) for source in nearest_first for field in _OF_RETRIES if not source.own
        ),
        queue=queues.get("queue", Setting({"enabled": False}, BUILT_IN_ORIGIN)),
        permissions=_permissions(org, nearest_first),
    )


def task_retries(task: Task, document: Document, given: Settings) -> dict[str, Setting[int | bool]]:
    """Returns the retry settings of a task: its own settings, else the settings of the flow's job.

    Args:
        task: the task.
        document: its deployment.yml.
        given: the flow's settings.
    """
    own = {
        field: Setting(value, document.position((*task.at, field)))
        for field in _OF_RETRIES
        if (value := task.data.get(field)) is not None
    }
    return {**(given.retries if task.retried else {}), **own}


def job_permissions(scope: Scope, given: Settings) -> tuple[Permission, ...]:
    """Returns the permissions on a job, without the deployer."""
    return tuple(_but_for_deployer(scope, given.permissions))


def pipeline_permissions(scope: Scope, given: Settings) -> tuple[Permission, ...]:
    """Returns the permissions on a pipeline, without the deployer."""
    usable = [
        replace(permission, level=_OF_PIPELINES.get(permission.level, permission.level))
        for permission in given.permissions
    ]
    return tuple(_but_for_deployer(scope, usable))


def folder_permissions(scope: Scope) -> tuple[Permission, ...]:
    """Returns the permissions on the uploaded files of a deployment.

    Source: Databricks documentation, "Databricks Asset Bundles, permissions", which gives the same people
    the same rights on jobs and on the bundle's folder.
    """
    given = merge_settings(scope.org, scope.domain, scope.project).permissions
    usable = [replace(permission, level=_OF_FOLDERS[permission.level]) for permission in given]
    return merged_permissions("directory", [*_but_for_deployer(scope, usable), *_of_run_as(scope)])


def _of_run_as(scope: Scope) -> Iterator[Permission]:
    """Yields the right of the service principal that runs the files, if they are not in its home."""
    run_as = scope.environment.run_as
    if run_as and run_as.service_principal_name and scope.environment.folder and scope.shared:
        principal = scope.org.principals.databricks_name(run_as.service_principal_name)
        if not f"{scope.environment.folder}/".startswith(f"/Users/{principal}/"):
            yield Permission("service_principal_name", principal, MANAGER, ("run_as",))


def check_settings(org: Org) -> Iterator[Finding]:
    """Reports errors in the defaults of an org and in the job settings of its flows."""
    yield from _check_source(_source(org), org)
    for domain in org.domains:
        yield from _check_source(_source(domain), org)
        for project in domain.projects:
            yield from _check_source(_source(project), org)
            for flow in project.flows:
                for level in flow.entries or (flow,):
                    yield from _check_source(_source(level), org)
                    yield from _check_number(level, (org, domain, project, level))
                for entry in flow.entries:
                    yield from _check_runs(entry, merge_settings(org, domain, project, entry))


@dataclass(frozen=True)
class _Source:
    """The settings of one file.

    Args:
        document: the file.
        declared: its content.
        own: True if they belong to a single flow, job or pipeline.
    """

    document: Document
    declared: SettingsFile
    own: bool


def _source(level: Org | Domain | Project | Flow | Entry) -> _Source:
    if isinstance(level, Flow | Entry):
        return _Source(level.document, level.declared, True)
    return _Source(level.defaults.document, level.defaults.declared, False)


def _nearest(levels: Iterable[Iterable[tuple[str, Setting[Any]]]]) -> dict[str, Setting[Any]]:
    """Returns the first value of each name."""
    first: dict[str, Setting[Any]] = {}
    for settings in levels:
        for name, setting in settings:
            first.setdefault(name, setting)
    return first


def _field(source: _Source, field: str) -> Iterator[tuple[str, Setting[Any]]]:
    value = getattr(source.declared, field)
    if value is not None:
        yield field, Setting(value, source.document.position((field,)))


def _queue(source: _Source) -> Iterator[tuple[str, Setting[dict[str, Any]]]]:
    if source.declared.queue is not None:
        yield "queue", Setting(source.declared.queue.model_dump(), source.document.position(("queue",)))


def _tags(source: _Source) -> Iterator[tuple[str, Setting[str]]]:
    for key, value in source.declared.tags.items():
        yield key, Setting(value, source.document.position(("tags", key)))


def _parameters(source: _Source) -> Iterator[tuple[str, Setting[str]]]:
    for index, parameter in enumerate(source.declared.parameters):
        origin = source.document.position(("parameters", index))
        written = source.document.data["parameters"][index].get("default")
        if not isinstance(written, str):  # a number or boolean, which YAML may read as another one
            origin += f', the text "{parameter.default}"'
        yield parameter.name, Setting(parameter.default, origin)


def _events(source: _Source) -> Iterator[tuple[str, Setting[Any]]]:
    notifications = source.declared.email_notifications
    # a missing list inherits; an empty list silences the event
    for event, value in (notifications.passed if notifications else {}).items():
        if value is not None:
            yield event, Setting(value, source.document.position(("email_notifications", event)))


def _permissions(org: Org, nearest_first: Sequence[_Source]) -> tuple[Permission, ...]:
    first: dict[tuple[str, str], Permission] = {}
    for source in nearest_first:
        declared = source.declared.permissions
        for permission in permissions(declared, org.principals, source.document, ("permissions",)):
            first.setdefault(permission.who, permission)
    of_jobs = (
        replace(permission, level=_OF_JOBS.get(permission.level, permission.level))
        for permission in first.values()
    )
    return merged_permissions("job", of_jobs)


def _but_for_deployer(scope: Scope, given: Iterable[Permission]) -> Iterator[Permission]:
    """Drops the deployer, who owns the object: Databricks refuses to change that."""
    deployer = (scope.identity.user or "").lower()
    return (
        permission
        for permission in given
        if permission.kind != "user_name" or permission.principal.lower() != deployer
    )


def _check_source(source: _Source, org: Org) -> Iterator[Finding]:
    document, declared = source.document, source.declared
    yield from _check_tags(declared.tags, document)
    yield from _check_parameters(source)
    if declared.email_notifications:
        yield from declared.email_notifications.check(document, ("email_notifications",))
    at = ("permissions",)
    of: ObjectType = "pipeline" if isinstance(declared, PipelineFile) else "job"
    declared_permissions = [_as_of(permission, of) for permission in declared.permissions]
    yield from check_permissions(declared_permissions, of, org.principals, document, at)
    seen: dict[tuple[str, str], None] = {}
    for index, permission in enumerate(declared.permissions):
        for kind, name in permission.principals.items():
            if permission.permission_level == OWNER and kind != "group_name":
                message = f"a {of} is owned by its deployer, not by `{name}`"
                where = (*at, index, "permission_level")
                yield document.finding("owner-is-deployer", where, f"{message} (give it {MANAGER})")
            if (kind, name) in seen:
                message = f"`{name}` is declared twice (keep one)"
                yield document.finding("permission-twice", (*at, index, kind), message)
            seen[kind, name] = None


def _as_of(permission: PermissionFile, of: ObjectType) -> PermissionFile:
    """Returns the permission with the level of a pipeline; a flow may declare the level of a job for both."""
    level = permission.permission_level
    if of != "pipeline" or level not in _OF_PIPELINES:
        return permission
    return permission.model_copy(update={"permission_level": _OF_PIPELINES[level]})


def _check_tags(tags: Mapping[str, str], document: Document) -> Iterator[Finding]:
    for key, value in tags.items():
        at = ("tags", key)
        if key in CONTEXT_TAGS:
            message = f"tag `{key}` is set by the deployment (rename yours)"
            yield document.finding("tag-taken", at, message, at_key=True)
        if not 0 < len(key) <= _LONGEST_KEY:
            message = f"tag `{key[:60]}` has {len(key)} characters (1 to {_LONGEST_KEY})"
            yield document.finding("bad-tag", at, message, at_key=True)
        if len(value) > _LONGEST_VALUE:
            message = f"the value of tag `{key[:60]}` has {len(value)} characters ({_LONGEST_VALUE} at most)"
            yield document.finding("bad-tag", at, message)


def _check_parameters(source: _Source) -> Iterator[Finding]:
    """Reports duplicate and reserved parameters, and secrets in defaults."""
    document = source.document
    declared: Sequence[Parameter] = source.declared.parameters
    names = [parameter.name for parameter in declared]
    scopes = scopes_in(names)
    for index, name in enumerate(names):
        at = ("parameters", index, "name")
        default = declared[index].default
        reference = refers_to_value(default) or names_secret_in_scope(name, default, scopes)
        if default and named_like_secret(name) and not reference:
            yield document.finding("secret-in-yaml", at, secret_field_message(name))
        elif default and names_its_secret(default):
            yield document.finding("secret-in-yaml", ("parameters", index, "default"), NAMED_SECRET_MESSAGE)
        if name in CONTEXT_PARAMETERS:
            message = f"parameter `{name}` is set by the deployment (rename yours)"
            yield document.finding("parameter-taken", at, message)
        elif name in _OWN_PARAMETERS and not source.own:
            message = f"parameter `{name}` is set by the deployment to {_OWN_PARAMETERS[name]} (rename yours)"
            yield document.finding("parameter-taken", at, message)
        elif name in names[:index]:
            yield document.finding("parameter-twice", at, f"parameter `{name}` is declared twice (keep one)")


def _check_runs(entry: Entry, given: Settings) -> Iterator[Finding]:
    """Checks fields that need jobs without concurrent runs; Terraform provider 1.99.0, `databricks_job`."""
    runs = given.max_concurrent_runs
    for field in ("always_running", "control_run_state"):
        if entry.declared.passed.get(field) is True and runs.value > 1:
            message = f"`{field}` needs `max_concurrent_runs: 1`, but {runs.origin} sets {runs.value}"
            yield entry.document.finding(
                "conflicting-fields", (field,), f"{message} (set it to 1)", at_key=True
            )


def _check_number(
    lowest: Flow | Entry, levels: Sequence[Org | Domain | Project | Flow | Entry]
) -> Iterator[Finding]:
    keys = {key for level in levels for key in _source(level).declared.tags}
    number = len(keys) + len(CONTEXT_TAGS)
    if number > _MOST_TAGS:
        message = f"its job would have {number} tags, the deployment's {len(CONTEXT_TAGS)} among them"
        yield lowest.document.finding("too-many-tags", ("tags",), f"{message} ({_MOST_TAGS} at most)")
