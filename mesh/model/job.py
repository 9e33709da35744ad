"""The fields of a job in deployment.yml: the fields and the spelling of the Jobs API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from mesh.documents.field_rules import AtMostOne, BlockRules, ExactlyOne, Https, Needs
from mesh.documents.provider_fields import Field, Shape, shape
from mesh.model.cluster import RULES, ClusterFields
from mesh.model.flow_file import FlowFile
from mesh.model.task import KEY

# Suffix of the blocks of a task that define its kind; the list comes from the bindings
_KIND = "_task"

# Task fields that Databricks' first Jobs API had in the job itself; used in older brickops files
OF_TASKS = (
    "new_cluster",
    "existing_cluster_id",
    "libraries",
    "max_retries",
    "min_retry_interval_millis",
    "retry_on_timeout",
)

# Terraform provider 1.99.0, `databricks_job`; Databricks SDK, `pipelines.RunAs`
RUN_AS = BlockRules(rules=(ExactlyOne("user_name", "service_principal_name"),))

# Blocks that start a job automatically, and may be paused; Databricks Jobs API
TRIGGER_BLOCKS = ("schedule", "trigger", "continuous")
# The list of such blocks in newer bindings
TRIGGERS = "triggers"
_TRIGGER_KINDS = ("file_arrival", "table_update", "periodic")
# Databricks SDK, `jobs.WebhookNotifications`
_MOST_DESTINATIONS = (None, 3)
# Databricks SDK, `jobs.Task`: -1 retries without end
_TASK = BlockRules(
    ranges={"timeout_seconds": (0, None), "max_retries": (-1, None), "min_retry_interval_millis": (0, None)},
    values={"run_if": ()},  # Databricks SDK, `jobs.RunIf`: whether a task runs depends on it
)
# Fields whose values the mesh interprets, so it accepts no unknown value
_CLOSED = ("pause_status", "source")

SERVERLESS = Field("serverless", "serverless", "bool")
CLUSTER_NAME = Field("existing_cluster_name", "existing_cluster_name", "string")
WAREHOUSE_NAME = Field("warehouse_name", "warehouse_name", "string")
FLOW = Field("flow", "flow", "string")  # the flow whose job or pipeline a task runs
# `environments` is also the mesh's field for overrides by environment; a file with both uses
# Terraform's name for the serverless environments
ENVIRONMENT = "environment"
ENVIRONMENTS = "environments"


@cache
def job_shape() -> Shape:
    """Returns every field of a job in the API's spelling, and the mesh's own name fields."""
    job = _extended(shape("job").ruled({**RULES, **_rules()}))
    task = job.fields["tasks"]
    job = job.adding(replace(task, type=_task(job.inside("tasks")))).without(*OF_TASKS, *task_kinds())
    return job.adding(replace(job.fields["environments"], name=ENVIRONMENT))


@cache
def task_kinds() -> tuple[str, ...]:
    """Returns the blocks that define a task's kind: `notebook_task` and so on."""
    return tuple(name for name in shape("job").inside("tasks").fields if name.endswith(_KIND))


@cache
def _rules() -> Mapping[str, BlockRules]:
    """Returns the rules of the blocks of a job; Terraform provider 1.99.0, `databricks_job`, unless noted."""
    return {
        "job": BlockRules(
            rules=(
                AtMostOne(*TRIGGER_BLOCKS, TRIGGERS),  # Databricks SDK, `jobs.JobSettings.triggers`
                AtMostOne("always_running", "control_run_state"),
                AtMostOne("always_running", "continuous"),
                Needs(("control_run_state",), ("continuous",)),
            ),
            # Databricks SDK, `jobs.CreateJob`
            ranges={"tasks": (None, 1000), "timeout_seconds": (0, None), "max_concurrent_runs": (0, 1000)},
        ),
        "tasks": _TASK,
        "task": _TASK,  # of a loop
        "trigger": BlockRules(rules=(ExactlyOne(*_TRIGGER_KINDS),)),
        TRIGGERS: BlockRules(rules=(ExactlyOne(*_kinds_in_list()),)),
        # The values of `unit` are fewer than those of the SDK
        "periodic": BlockRules(ranges={"interval": (1, None)}, values={"unit": ("DAYS", "HOURS", "WEEKS")}),
        "file_arrival": BlockRules(ranges={"url": (1, None)}),
        "table_update": BlockRules(ranges={"table_names": (1, None)}, values={"condition": ()}),
        "git_source": BlockRules(rules=(AtMostOne("git_branch", "git_tag", "git_commit"), Https("git_url"))),
        "run_as": RUN_AS,
        # Databricks SDK, `jobs.SqlTask` and `jobs.DbtTask`
        "sql_task": BlockRules(rules=(ExactlyOne("query", "dashboard", "alert", "file"),)),
        "dbt_task": BlockRules(
            rules=(
                AtMostOne("profiles_directory", "warehouse_id"),
                AtMostOne("profiles_directory", WAREHOUSE_NAME.name),
                Needs(("catalog",), ("warehouse_id", WAREHOUSE_NAME.name)),
            ),
            ranges={"commands": (1, 10)},
        ),
        "condition_task": BlockRules(values={"op": ()}),  # Databricks SDK, `jobs.ConditionTaskOp`
        # Databricks documentation, "Use a For each task to run another task in a loop"
        "for_each_task": BlockRules(ranges={"concurrency": (1, 100)}),
        "webhook_notifications": BlockRules(
            ranges=dict.fromkeys(shape("job").inside("webhook_notifications").fields, _MOST_DESTINATIONS)
        ),
    }


def _kinds_in_list() -> list[str]:
    """Returns the blocks of an entry of `triggers`, of which one says when the job starts.

    Databricks SDK, `jobs.TriggerConfiguration`: an SQL condition only decides whether it starts then.
    """
    triggers = shape("job").fields.get(TRIGGERS)
    fields = triggers.type.fields if triggers and isinstance(triggers.type, Shape) else {}
    blocks = [name for name, field in fields.items() if isinstance(field.type, Shape)]
    return [name for name in blocks if name != "sql_condition"]


@cache
def cluster_shape() -> Shape:
    """Returns the fields of `new_cluster`."""
    return JobClusterFile.whole_shape()


def _extended(known: Shape) -> Shape:
    """Returns the fields with the mesh's name fields and cluster fields added at any depth.

    Blocks that start a job get no name fields: only tasks refer to other objects by name.
    """
    fields = {name: _deeper(field) for name, field in known.fields.items()}
    extended = replace(known, fields=fields)
    if "pause_status" in fields:
        return _closed(known)
    if "warehouse_id" in fields:
        extended = extended.optional("warehouse_id").adding(WAREHOUSE_NAME)
    for id in ("job_id", "pipeline_id"):
        if id in fields:
            extended = extended.optional(id).adding(FLOW)
    return extended


def _closed(known: Shape) -> Shape:
    """Returns the fields, at any depth, with those closed whose values the mesh interprets."""
    fields = {
        name: replace(field, type=_closed(field.type))
        if isinstance(field.type, Shape)
        else replace(field, closed=field.closed or name in _CLOSED)
        for name, field in known.fields.items()
    }
    return replace(known, fields=fields)


def _deeper(field: Field) -> Field:
    if not isinstance(field.type, Shape):
        return replace(field, closed=field.closed or field.name in _CLOSED)
    if field.name == "new_cluster":
        return replace(field, type=cluster_shape())
    return replace(field, type=_extended(field.type))


def _task(known: Shape) -> Shape:
    extended = known.adding(SERVERLESS, CLUSTER_NAME)
    if "for_each_task" not in known.fields:
        return extended
    inner = extended.inside("for_each_task")
    repeated = replace(inner.fields["task"], type=_task(inner.inside("task")))
    return extended.adding(replace(extended.fields["for_each_task"], type=inner.adding(repeated)))


class JobFile(FlowFile):
    """A deployment.yml with a job, or one entry of `jobs`."""

    @classmethod
    def shape(cls) -> Shape:
        """Returns the fields of the job that the mesh passes on to Databricks, and `tasks`."""
        return job_shape().without(*cls.model_fields)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        json_schema = super().__get_pydantic_json_schema__(schema, handler)
        fields = json_schema["properties"]
        fields["tasks"]["minItems"] = 1
        fields["tasks"]["items"]["properties"]["task_key"]["pattern"] = KEY
        for name in cls.shape().fields:  # in an environment, `null` removes a field
            fields[name]["type"] = [fields[name]["type"], "null"]
        fields["environments"] = {
            "description": "Overrides by environment, or the Jobs API's serverless environments.",
            "anyOf": [fields["environments"], {"type": "object", "additionalProperties": {"type": "object"}}],
        }
        for several in ("jobs", "pipelines"):
            text = f"Several {several}, each with its name."
            fields[several] = {"description": text, "type": "array", "minItems": 1}
        return json_schema


# brickops.dataops.deploy.job.buildconfig.clusters.cluster_templates, without its empty fields
TEMPLATES: Mapping[str, Mapping[str, Any]] = {
    "common-job-cluster": {
        "num_workers": 1,
        "spark_version": "14.3.x-scala2.12",
        "node_type_id": "Standard_D4ads_v5",
        "data_security_mode": "SINGLE_USER",
        "runtime_engine": "STANDARD",
        "azure_attributes": {
            "first_on_demand": 1,
            "availability": "SPOT_WITH_FALLBACK_AZURE",
            "spot_bid_max_price": -1,
        },
    }
}


class JobClusterFile(ClusterFields):
    """A template in compute.yml, by the `job_cluster_key` that tasks name."""

    NAME = "cluster_name"
    NEEDS_RUNTIME = True  # Databricks REST API, "Create a new job": `new_cluster.spark_version` is required

    @classmethod
    def shape(cls) -> Shape:
        """The Jobs API's `new_cluster`."""
        new_cluster = shape("job").inside("job_clusters").inside("new_cluster").ruled(RULES)
        return new_cluster.without(
            cls.NAME, "cluster_id", "idempotency_token", "__apply_policy_default_values_allow_list"
        )


@dataclass(frozen=True)
class JobClusterTemplate:
    """A template as jobs use it.

    Args:
        key: the `job_cluster_key` that tasks name.
        new_cluster: in Terraform's spelling, with a Lookup for each id that only the workspace knows.
        origin: the position of its declaration, as `file:line`; `built in` without one.
    """

    key: str
    new_cluster: Mapping[str, Any]
    origin: str
