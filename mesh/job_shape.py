"""What a deployment.yml may say of a job: the fields of Terraform's `databricks_job`, and a few of ours."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from mesh.job_cluster import JobClusterFile
from mesh.shape import Field, Shape, shape

# Blocks of a task that say what it does; the bindings' own list, so a newer one is taken as it is
_KIND = "_task"

# Fields of a task that Databricks' first Jobs API had in the job itself; brickops' older entries
OF_TASKS = (
    "new_cluster",
    "existing_cluster_id",
    "libraries",
    "max_retries",
    "min_retry_interval_millis",
    "retry_on_timeout",
)

# What makes a job run by itself, and may rest; Databricks Jobs API
PAUSED = ("schedule", "trigger", "continuous")
# Of these the mesh knows the meaning of each value, so it takes no other
_CLOSED = ("pause_status", "source")

SERVERLESS = Field("serverless", "serverless", "bool")
CLUSTER_NAME = Field("existing_cluster_name", "existing_cluster_name", "string")
WAREHOUSE_NAME = Field("warehouse_name", "warehouse_name", "string")
FLOW = Field("flow", "flow", "string")  # whose job or pipeline a task runs
# `environments` is also what says more of single environments of the mesh; a file that says both calls
# the serverless environments as Terraform does
ENVIRONMENT = "environment"


@cache
def job_shape() -> Shape:
    """Every field of a job, in the API's spelling, with those that name what the mesh looks up."""
    made = _extended(shape("job"))
    task = made.fields["tasks"]
    made = made.adding(replace(task, type=_task(made.inside("tasks")))).without(*OF_TASKS, *task_kinds())
    return made.adding(replace(made.fields["environments"], name=ENVIRONMENT))


@cache
def task_kinds() -> tuple[str, ...]:
    """The blocks of which a task has one: `notebook_task` and so on."""
    return tuple(name for name in shape("job").inside("tasks").fields if name.endswith(_KIND))


@cache
def cluster_shape() -> Shape:
    """What `new_cluster` may say."""
    return JobClusterFile.whole_shape()


def _extended(known: Shape) -> Shape:
    """The same fields, at any depth with the names of warehouses and with the mesh's own clusters."""
    fields = {name: _deeper(field) for name, field in known.fields.items()}
    made = replace(known, fields=fields)
    if "warehouse_id" in fields:
        made = made.optional("warehouse_id").adding(WAREHOUSE_NAME)
    for id in ("job_id", "pipeline_id"):
        if id in fields:
            made = made.optional(id).adding(FLOW)
    return made


def _deeper(field: Field) -> Field:
    if not isinstance(field.type, Shape):
        return replace(field, closed=field.name in _CLOSED)
    if field.name == "new_cluster":
        return replace(field, type=cluster_shape())
    return replace(field, type=_extended(field.type))


def _task(known: Shape) -> Shape:
    made = known.adding(SERVERLESS, CLUSTER_NAME)
    if "for_each_task" not in known.fields:
        return made
    inner = made.inside("for_each_task")
    repeated = replace(inner.fields["task"], type=_task(inner.inside("task")))
    return made.adding(replace(made.fields["for_each_task"], type=inner.adding(repeated)))
