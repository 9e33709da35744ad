"""The resource type of jobs."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from typing_extensions import override

from local.provider.api import ApiError, Json
from local.provider.behaviour import Behaviour
from local.provider.clusters import CLUSTER_ALIASES, UNSENT, cluster_behaviour, cluster_spec
from local.provider.constraints import (
    Constraints,
    at_most_one,
    between,
    exactly_one,
    excluded,
    items,
    not_empty,
    one_of,
    url_of,
)
from local.provider.resource_type import CallContext, Known, ResourceType, RpcResource
from local.provider.suppression import Rule, default_value, platform_default
from local.provider.values import ObjectValue, Value

# Host of a Git server → its name in the Jobs API.
_GIT_PROVIDERS = {
    "github.com": "gitHub",
    "dev.azure.com": "azureDevOpsServices",
    "gitlab.com": "gitLab",
    "bitbucket.org": "bitbucketCloud",
}
_CODE_COMMIT = re.compile(r"git-codecommit\.[^.]+\.amazonaws\.com")
_WEBHOOKS = (
    "on_start",
    "on_success",
    "on_failure",
    "on_duration_warning_threshold_exceeded",
    "on_streaming_backlog_exceeded",
)
_EMAILS = (*_WEBHOOKS, "no_alert_for_skipped_runs")
# Settings of a job with one unnamed task, by their names in the API. Only version 2.0 of the API has them.
_SINGLE_TASK = frozenset(
    {
        "dbt_task",
        "existing_cluster_id",
        "libraries",
        "max_retries",
        "min_retry_interval_millis",
        "new_cluster",
        "notebook_task",
        "pipeline_task",
        "python_wheel_task",
        "retry_on_timeout",
        "run_job_task",
        "spark_jar_task",
        "spark_python_task",
        "spark_submit_task",
    }
)
_UNSENT = {CLUSTER_ALIASES.get(name, name) for name in UNSENT}
_SINGLE_TASK_API = "/api/2.0/jobs"


@dataclass(frozen=True, kw_only=True)
class JobResource(RpcResource):
    """A job; a change replaces all settings.

    Tasks, dependencies and webhooks are sorted when a job is created and whenever it is read, and then
    compared by position with the configuration. A job without tasks uses version 2.0 of the API until a read
    has written its format to the state.
    """

    prefix: str = "/api/2.2/jobs"
    id_field: str = "job_id"

    @override
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        if not _has_tasks(planned):
            single = self.body(context, planned)
            return str(context.api.post(f"{_SINGLE_TASK_API}/create", single)[self.id_field])
        body = _sorted_settings(self.body(context, planned))
        source = body.get("git_source")
        if source and not any(source.get(f"git_{kind}") for kind in ("branch", "commit", "tag")):
            raise ApiError(400, "INVALID", "git_source has none of branch, commit and tag", "")
        if source and not source.get("git_provider"):
            provider = guessed_provider(str(source.get("git_url") or ""), "git_source")
            body["git_source"] = {**source, "git_provider": provider}
        return str(context.api.post(f"{self.prefix}/create", body)[self.id_field])

    @override
    def read(self, context: CallContext, resource_id: str, known: Known) -> ObjectValue:
        several = _has_tasks(known.values)
        imported = known.created and not known.applied
        path = self.prefix if several or imported else _SINGLE_TASK_API
        answer = context.api.get(f"{path}/get", **self.key(resource_id))
        settings = _sorted_settings({**(answer.get("settings") or {}), **_run_as(answer)})
        if several:
            settings = _without_single_task(settings)
        return self.written(context, settings, known, url=f"{context.api.host}/#job/{resource_id}")

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        path = self.prefix if _has_tasks(planned) else _SINGLE_TASK_API
        body = {**self.key(resource_id), "new_settings": self.body(context, planned)}
        context.api.post(f"{path}/reset", body)
        return resource_id

    @override
    def body(self, context: CallContext, planned: ObjectValue, only: Any = None) -> Json:
        body = super().body(context, planned, only)
        for owner in (*body.get("tasks", ()), *body.get("job_clusters", ())):
            if "new_cluster" in owner:
                spec = cluster_spec(owner["new_cluster"])
                owner["new_cluster"] = {name: each for name, each in spec.items() if name not in _UNSENT}
        if "git_source" in body:
            body["git_source"] = {"git_provider": "", **body["git_source"]}
        if not _has_tasks(planned):
            return body
        # The Jobs API would turn queueing on where the request leaves it out.
        return {"queue": {"enabled": False}, **_without_single_task(body)}

    @override
    def refusal(self, planned: ObjectValue) -> str:
        several = planned.get("max_concurrent_runs")
        several = isinstance(several, int | float) and several > 1
        if planned.get("control_run_state") is True and not planned.get("continuous"):
            return "control_run_state needs continuous"
        flags = [name for name in ("always_running", "control_run_state") if planned.get(name) is True]
        return f"{flags[0]} needs max_concurrent_runs = 1" if several and flags else ""

    @override
    def namesakes(self, context: CallContext, planned: ObjectValue) -> list[str]:
        name = planned.get("name")
        jobs = context.api.get(f"{self.prefix}/list", name=name).get("jobs") or [] if name else []
        return [str(entry["job_id"]) for entry in jobs if entry.get("settings", {}).get("name") == name]

    @override
    def key(self, resource_id: str) -> Json:
        return {"job_id": int(resource_id) if resource_id.isdecimal() else resource_id}


def _has_tasks(job: ObjectValue) -> bool:
    """Return whether the provider uses the version of the API that knows tasks."""
    return bool(job.get("task")) or job.get("format") == "MULTI_TASK"


def _without_single_task(settings: Json) -> Json:
    return {name: value for name, value in settings.items() if name not in _SINGLE_TASK}


def _run_as(answer: Json) -> Json:
    """Return the identity of the job as a setting; a UUID is a service principal."""
    name = answer.get("run_as_user_name")
    if not name:
        return {}
    try:
        uuid.UUID(name)
    except ValueError:
        return {"run_as": {"user_name": name}}
    return {"run_as": {"service_principal_name": name}}


def guessed_provider(url: str, setting: str) -> str:
    """Return the API's name of the Git server that a URL names.

    Args:
        url: the URL of the repository.
        setting: the setting that lacks the name, for the error.

    Raises:
        ApiError: the server is unknown.
    """
    host = urlsplit(url).netloc.lower()
    provider = _GIT_PROVIDERS.get(host) or ("awsCodeCommit" if _CODE_COMMIT.fullmatch(host) else None)
    if provider is None:
        raise ApiError(400, "INVALID", f"{setting} has no provider, and it cannot be derived from {url}", "")
    return provider


def _sorted_settings(settings: Json) -> Json:
    """Return settings of a job with sorted tasks, dependencies and webhooks."""
    result = _with_sorted_webhooks(settings)
    if settings.get("tasks"):
        result["tasks"] = sorted(map(_sorted_task, settings["tasks"]), key=_by("task_key"))
    return result


def _sorted_task(task: Json) -> Json:
    result = _with_sorted_webhooks(task)
    if task.get("depends_on"):
        result["depends_on"] = sorted(task["depends_on"], key=_by("task_key"))
    return result


def _with_sorted_webhooks(owner: Json) -> Json:
    webhooks = owner.get("webhook_notifications")
    if not webhooks:
        return dict(owner)
    return {
        **owner,
        "webhook_notifications": {
            name: sorted(value, key=_by("id")) if name in _WEBHOOKS else value
            for name, value in webhooks.items()
        },
    }


def _by(name: str) -> Any:
    return lambda element: str(element.get(name) or "").encode()


def _notifications(prefix: str, *, webhooks: bool = True) -> dict[str, Rule]:
    """Return the rules of the notifications of a job, of a task, or of the task of a for each task."""
    rules = {f"{prefix}email_notifications": platform_default("email_notifications")}
    rules |= {f"{prefix}email_notifications.{name}": platform_default(name) for name in _EMAILS}
    if webhooks:
        rules[f"{prefix}webhook_notifications"] = platform_default("webhook_notifications")
    return rules


_EACH = "task.for_each_task.task."
_SOURCES = ("notebook_task", "spark_python_task", "sql_task.file", "dbt_task")

_PAUSED = one_of("PAUSED", "UNPAUSED")
_KINDS_OF_TASK = sorted(name for name in _SINGLE_TASK if name.endswith("_task"))
JOB_CONSTRAINTS = Constraints(
    relations={
        "": (
            at_most_one("schedule", "trigger", "continuous"),
            excluded("always_running", "control_run_state", "continuous"),
            *(excluded(kind, "parameter") for kind in _KINDS_OF_TASK),
        ),
        "git_source": (at_most_one("branch", "tag", "commit"),),
        "run_as": (exactly_one("user_name", "service_principal_name"),),
        "trigger": (exactly_one("file_arrival", "table_update", "periodic"),),
    },
    values={
        "continuous.pause_status": _PAUSED,
        "git_source.url": url_of("https"),
        "max_concurrent_runs": between(0),
        "schedule.pause_status": _PAUSED,
        "trigger.file_arrival.url": not_empty,
        "trigger.pause_status": _PAUSED,
        "trigger.periodic.interval": between(1),
        "trigger.periodic.unit": one_of("DAYS", "HOURS", "WEEKS"),
        "trigger.table_update.condition": one_of("ANY_UPDATED", "ALL_UPDATED"),
        "trigger.table_update.table_names": items(1),
    },
)
JOB_BEHAVIOUR = Behaviour(
    defaults={
        "name": "Untitled",
        "max_concurrent_runs": 1,
        "always_running": False,
        "control_run_state": False,
        "schedule.pause_status": "UNPAUSED",
        "trigger.pause_status": "UNPAUSED",
        "continuous.pause_status": "UNPAUSED",
        "dbt_task.schema": "default",
        "task.dbt_task.schema": "default",
        f"{_EACH}dbt_task.schema": "default",
    },
    computed_blocks=frozenset({"run_as"}),
    constraints=JOB_CONSTRAINTS,
    suppressed={
        **_notifications(""),
        **_notifications("task."),
        **_notifications(_EACH, webhooks=False),
        **{f"task.{name}.source": platform_default("source") for name in _SOURCES},
        **{f"{name}.source": platform_default("source") for name in _SOURCES if name != "sql_task.file"},
        "queue": platform_default("queue"),
        "queue.enabled": platform_default("enabled"),
        "task.run_if": default_value("ALL_SUCCESS"),
        f"{_EACH}run_if": default_value("ALL_SUCCESS"),
    },
).merged(
    *(
        cluster_behaviour(f"{prefix}new_cluster.", in_job=True)
        for prefix in ("", "task.", "job_cluster.", _EACH)
    )
)

JOB_ALIASES: Mapping[str, Value] = {
    **CLUSTER_ALIASES,
    "task": "tasks",
    "job_cluster": "job_clusters",
    "parameter": "parameters",
    "environment": "environments",
    "git_source.url": "git_url",
    "git_source.provider": "git_provider",
    "git_source.branch": "git_branch",
    "git_source.tag": "git_tag",
    "git_source.commit": "git_commit",
}

RESOURCE_TYPES: tuple[ResourceType, ...] = (
    JobResource(
        type="databricks_job",
        behaviour=JOB_BEHAVIOUR,
        aliases=JOB_ALIASES,
        not_sent=frozenset({"always_running", "control_run_state", "timeouts", "provider_config"}),
        not_read=frozenset({"always_running", "control_run_state", "provider_config", "url"}),
    ),
)
