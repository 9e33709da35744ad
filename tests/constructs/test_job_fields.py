"""Every block and attribute of a job that the bindings know can be set from YAML, and arrives in Terraform."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from datamesh.job import Job
from mesh.deployment.job import Job as Model
from mesh.documents.field_rules import AtMostOne, Needs
from mesh.documents.provider_fields import Field, Shape, shape
from mesh.git.checkout import GitContext
from mesh.load import load
from mesh.model.compute_object import Lookup
from mesh.model.job import OF_TASKS, TRIGGER_BLOCKS, TRIGGERS, job_shape, task_kinds
from mesh.toolkit import toolkit
from tests.mesh.conftest import FLOW, ONE_FLOW, RUN_AS
from tests.support.terraform_schema import violations

PROVIDER_SCHEMA = (
    Path(__file__).resolve().parents[3] / "shared" / "data" / f"databricks-{toolkit().provider}-schema.json"
)

# Ways to start a job, of which one may be set
STARTS = [name for name in (*TRIGGER_BLOCKS, TRIGGERS) if name in shape("job").fields]
# Turns that set each of several fields of which one may be set: up to seven, and three kinds of `trigger` in every
# third turn, or six kinds of the newer `triggers` in every fourth
TURNS = range(len(STARTS) * (6 if TRIGGERS in STARTS else 3))
# Mutually exclusive fields: the two halves of the clusters
HALVES = (
    {"instance_pool_id", "driver_instance_pool_id", "autoscale"},
    {"node_type_id", "driver_node_type_id", "num_workers"},
)
# Fields of the mesh, and job cluster fields that the mesh sets
OURS = {"node", "driver_node", "policy_name", "instance_pool_name", "driver_instance_pool_name"}
OURS |= {"serverless", "existing_cluster_name", "warehouse_name", "environment", "flow"}
SET_BY_MESH = {"cluster_name", "cluster_id", "idempotency_token", "__apply_policy_default_values_allow_list"}
# Fields that no file may contain as text
SECRETS = {"password"}
SPECIAL = {
    "pause_status": "UNPAUSED",
    **dict.fromkeys(("quartz_cron_expression", "quartz_cron_schedule"), "0 0 5 * * ?"),
    "timezone_id": "UTC",
    "outcome": "true",
    "source": "WORKSPACE",
    "task_key": "first",
    "job_cluster_key": "mine",
    "git_url": "https://github.com/acme/elsewhere",
    "service_principal_name": RUN_AS,
    **dict.fromkeys(("jar", "egg", "whl", "requirements"), "/Volumes/a/b/c"),
}
EXAMPLES: dict[str, Any] = {"string": "x", "number": 1, "bool": True}
# Fields that upper levels may also set
OF_LEVELS = (
    "description",
    "max_concurrent_runs",
    "timeout_seconds",
    "tags",
    "parameters",
    "email_notifications",
)
COMPUTES = ("existing_cluster_id", "job_cluster_key", "new_cluster", "environment_key")


def value(field: Field, turn: int = 0) -> Any:
    """Returns a valid value of the field; for a block, all its fields, of alternatives that of the turn."""
    if isinstance(field.type, Shape):
        inner: Any = everything(field.type, turn)
    elif field.name in SECRETS:
        inner = "{{secrets/scope/key}}"
    elif field.closed and field.name not in SPECIAL:
        inner = field.values[0]
    else:
        inner = SPECIAL.get(field.name, EXAMPLES[field.type])
    return {"": inner, "[]": [inner], "{}": {"a": inner}}[field.many]


def everything(of: Shape, turn: int = 0) -> dict[str, Any]:
    left_out = OURS | HALVES[turn % 2] | others(of, turn)
    return {name: value(field, turn) for name, field in of.fields.items() if name not in left_out}


def others(of: Shape, turn: int) -> set[str]:
    """The fields that may not be set beside those of the turn."""
    left_out: set[str] = set()
    for rule in of.rules:
        if isinstance(rule, AtMostOne):
            group = [name for name in rule.fields if name in of.fields and name not in left_out]
            chosen = _chosen(rule.fields, of.block, turn, len(group))
            left_out |= {name for index, name in enumerate(group) if index != chosen % len(group)}
    for rule in of.rules:
        if isinstance(rule, Needs) and left_out.issuperset(rule.others):
            left_out |= set(rule.fields)
    return left_out


def _chosen(fields: Sequence[str], block: str, turn: int, alternatives: int) -> int:
    """The alternative of a turn: first each way to start the job, then its other alternatives and kinds."""
    if set(STARTS).issubset(fields):
        return turn
    return turn // len(STARTS) if block in {"job", *STARTS} else turn + turn // alternatives


def tasks(of: Shape, prefix: str, turn: int) -> Iterator[dict[str, Any]]:
    """One task of each kind and one on each compute, together with every field that a task has.

    In later turns, only tasks with alternatives.
    """
    rest = {
        name: value(field, turn)
        for name, field in of.fields.items()
        if name not in {*task_kinds(), *COMPUTES, *OURS, "task_key"}
    }
    for kind in ("sql_task", "dbt_task") if turn else task_kinds():
        if kind not in of.fields or kind == "for_each_task":
            continue
        block = value(of.fields[kind], turn)
        task = {"task_key": f"{prefix}_{kind}", kind: block, "existing_cluster_id": "0-1"}
        yield task if kind == "condition_task" else rest | task
    for compute in ("new_cluster",) if turn else COMPUTES:
        chosen = {compute: value(of.fields[compute], turn)}
        task = {
            "task_key": f"{prefix}_{compute}",
            "notebook_task": {"notebook_path": "a", "source": "WORKSPACE"},
        }
        own = {name: field for name, field in rest.items() if name != "libraries"}
        yield (own if compute == "environment_key" else rest) | task | chosen


def whole_job(turn: int) -> dict[str, Any]:
    """A job that sets everything, of alternatives those of the turn."""
    known = job_shape()
    task = known.inside("tasks")
    repeated = task.inside("for_each_task")
    left_out = {"name", "tasks", "job_clusters", *OURS, *others(known, turn)}
    made = {name: value(field, turn) for name, field in known.fields.items() if name not in left_out}
    made |= {name: value(shape("job").fields[name]) for name in OF_LEVELS}
    clusters = known.inside("job_clusters").fields
    cluster = {name: value(field, turn) for name, field in clusters.items()}
    made["job_clusters"] = [cluster | {"job_cluster_key": "mine"}]
    each = [
        {
            "task_key": f"each_{inner['task_key']}",
            "for_each_task": {"inputs": "[1]", "concurrency": 2, "task": inner},
        }
        for inner in tasks(repeated.inside("task"), "inner", turn)
    ]
    first = {"task_key": "first", "condition_task": {"left": "1", "op": "EQUAL_TO", "right": "1"}}
    made["tasks"] = [first, *tasks(task, "outer", turn), *each]
    return made | {"name": f"turn{turn}"}


def built(root: Path, declared: Mapping[str, Any]) -> list[Model]:
    files = ONE_FLOW | {f"{FLOW}/deployment.yml": yaml.safe_dump(dict(declared))}
    for file, text in files.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text)
    git = GitContext(root, "ola@acme.example", "https://github.com/acme/mesh", "main", commit="c" * 40)
    [*jobs] = load(root).in_environment("prod", git).flow("prep/revenue").jobs
    return jobs


def paths(of: Shape, at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Returns all attributes in Terraform's spelling."""
    for field in of.fields.values():
        here = (*at, field.terraform)
        if isinstance(field.type, Shape):
            yield from paths(field.type, here)
        else:
            yield here


def arrived(made: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every attribute that has a value; mappings count as their keys do too."""
    yield at
    if isinstance(made, Mapping):
        for key, inner in made.items():
            yield from arrived(inner, (*at, key))
    elif isinstance(made, list):
        for inner in made:
            yield from arrived(inner, at)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The Terraform JSON of jobs that together set everything."""
    from datamesh.bindings import cdktf

    models = built(tmp_path_factory.mktemp("mesh"), {"jobs": [whole_job(turn) for turn in TURNS]})
    scope = cdktf.TerraformStack(cdktf.Testing.app(), "test")
    for model in models:
        Job(scope, model)
    stack: dict[str, Any] = json.loads(cdktf.Testing.synth(scope))
    return stack


def test_every_field_arrives(made: dict[str, Any]) -> None:
    jobs = made["resource"]["databricks_job"].values()
    known = set(paths(shape("job")))
    # task fields that the first Jobs API had in the job
    of_tasks = {
        shape("job").fields[name].terraform
        for name in (*OF_TASKS, *task_kinds())
        if name in shape("job").fields
    }
    missing = {
        path
        for path in known.difference(*map(arrived, jobs))
        if path[0] not in of_tasks and not SET_BY_MESH.intersection(path)
    }

    assert len(known) > 700
    assert sorted(missing) == []


@pytest.mark.skipif(
    not PROVIDER_SCHEMA.exists(), reason="the real provider's schema is not beside this checkout"
)
def test_the_real_provider_accepts_every_field(made: dict[str, Any]) -> None:
    assert list(violations(made, json.loads(PROVIDER_SCHEMA.read_text()))) == []


@pytest.mark.parametrize("kind", task_kinds())
def test_each_kind_of_task_needs_no_more_than_its_block(tmp_path: Path, kind: str) -> None:
    """Some kinds also need compute; new kinds in the bindings need no code."""
    field = job_shape().inside("tasks").fields[kind]
    block = everything(field.type) if isinstance(field.type, Shape) else {}
    if kind == "for_each_task":
        block["task"] = {"task_key": "inner", "condition_task": {"left": "1", "op": "EQUAL_TO", "right": "1"}}
    (tmp_path / FLOW).mkdir(parents=True)
    [model] = built(tmp_path, {"tasks": [{"task_key": "one", kind: block, "existing_cluster_id": "0-1"}]})

    [task] = model.settings["tasks"]
    assert {name: inner for name, inner in block.items() if name != "source"}.items() <= task[kind].items()


def test_warehouses_and_clusters_are_looked_up_by_name(tmp_path: Path) -> None:
    declared = {
        "tasks": [
            {"task_key": "ask", "sql_task": {"query": {"query_id": "q"}, "warehouse_name": "shared"}},
            {"task_key": "load", "notebook_task": {"notebook_path": "a"}, "existing_cluster_name": "big"},
        ]
    }
    [model] = built(tmp_path, declared)
    ask, load_ = model.settings["tasks"]

    assert ask["sql_task"]["warehouse_id"] == Lookup("sql_warehouse", None, {"name": "shared"})
    assert load_["existing_cluster_id"] == Lookup("cluster", None, {"name": "big"})
