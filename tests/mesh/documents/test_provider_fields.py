"""The fields of the bindings, and checks of YAML against them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mesh.documents.document import Document, read
from mesh.documents.provider_fields import (
    Field,
    Shape,
    check,
    intended_value,
    names,
    shape,
    terraform_arguments,
)
from mesh.model.job import job_shape
from mesh.toolkit import toolkit
from tests.support.terraform_schema import violations
from tools import provider_fields as generator

ROOT = Path(__file__).resolve().parents[3]
PROVIDER_SCHEMA = ROOT.parent / "shared" / "data" / f"databricks-{toolkit().provider}-schema.json"
EXAMPLES: dict[str, Any] = {"string": "x", "number": 1, "bool": True}


def document(tmp_path: Path, text: str) -> Document:
    file = tmp_path / "deployment.yml"
    file.write_text(text)
    found, wrong = read(file, tmp_path)
    assert wrong == []
    return found


def complaints(tmp_path: Path, text: str, of: Shape) -> list[str]:
    yml = document(tmp_path, text)
    return [f"{finding} [{finding.code}]" for finding in sorted(check(yml.data, of, yml, ()))]


def everything(of: Shape) -> dict[str, Any]:
    """A value that sets every field, in the API's spelling."""

    def one(field: Field) -> Any:
        inner = everything(field.type) if isinstance(field.type, Shape) else EXAMPLES[field.type]
        return {"": inner, "[]": [inner, inner], "{}": {"a": inner}}[field.many]

    return {name: one(field) for name, field in of.fields.items()}


def test_the_tables_are_those_of_the_installed_bindings() -> None:
    """After newer bindings are installed, `make fields` regenerates them."""
    folder = generator.FOLDER / toolkit().name
    written = {
        file.relative_to(folder).with_suffix("").as_posix(): file.read_text("utf-8")
        for file in folder.rglob("*.json")
    }

    assert written == {name: generator.text(table) for name, table in generator.tables(toolkit()).items()}


@pytest.mark.skipif(
    not PROVIDER_SCHEMA.exists(), reason="the real provider's schema is not beside this checkout"
)
@pytest.mark.parametrize("name", names("resources"))
def test_every_field_of_a_resource_arrives_in_terraform_as_the_real_provider_takes_it(name: str) -> None:
    """A value that sets everything becomes exactly the settable fields."""
    schema = json.loads(PROVIDER_SCHEMA.read_text())
    arguments = terraform_arguments(everything(shape(name)), shape(name))
    stack = {"resource": {f"databricks_{name}": {"all": arguments}}}

    assert list(violations(stack, schema)) == []
    block = schema["resource_schemas"][f"databricks_{name}"]["block"]
    assert list(unset(arguments, block, name)) == []


def unset(arguments: dict[str, Any], block: dict[str, Any], path: str) -> Any:
    """The fields of the provider's schema that could be set and are not."""
    settable = {n for n, a in block.get("attributes", {}).items() if a.get("optional") or a.get("required")}
    blocks = block.get("block_types", {})
    yield from (f"{path}.{one}" for one in sorted((settable | set(blocks)) - set(arguments)) if one != "id")
    for one in set(blocks) & set(arguments):
        inner = arguments[one]
        for item in inner if isinstance(inner, list) else [inner]:
            yield from unset(item, blocks[one]["block"], f"{path}.{one}")


def test_all_errors_are_reported_at_once_with_their_positions(tmp_path: Path) -> None:
    text = """\
max_concurrent_runs: "1"
task: []
tasks:
- task_key: a
  notebook_task:
    notebook_path: n
    base_paramters: {}
- depends_on: {task_key: a}
  timeout_seconds: soon
  retry_on_timeout: 1
  for_each_task:
    inputs: [1]
    task:
      task_key: b
      new_cluster: {spark_version: 15.4, spark_conf: {a: true}, autoscale: []}
tags: [a]
queue: yes
"""

    assert complaints(tmp_path, text, shape("job")) == [
        'deployment.yml:1:22: `max_concurrent_runs` is `"1"`: should be a number [wrong-type]',
        "deployment.yml:2:1: unknown field `task` (did you mean `tasks`?) [unknown-field]",
        "deployment.yml:7:5: unknown field `base_paramters` in notebook_task (did you mean `base_parameters`?) [unknown-field]",
        "deployment.yml:8:3: `task_key` is missing in tasks (add it) [missing-field]",
        "deployment.yml:8:15: `depends_on` is a mapping: should be a list [wrong-type]",
        'deployment.yml:9:20: `timeout_seconds` is `"soon"`: should be a number [wrong-type]',
        "deployment.yml:10:21: `retry_on_timeout` is `1`: should be true or false [wrong-type]",
        "deployment.yml:12:13: `inputs` is a list: should be text (put it in quotes) [wrong-type]",
        "deployment.yml:15:36: `spark_version` is `15.4`: should be text (put it in quotes) [wrong-type]",
        "deployment.yml:15:58: `a` is `true`: should be text (put it in quotes) [wrong-type]",
        "deployment.yml:15:76: `autoscale` is a list: should be a mapping of fields to values [wrong-type]",
        "deployment.yml:16:7: `tags` is a list: should be a mapping [wrong-type]",
        "deployment.yml:17:8: `queue` is `true`: should be a mapping of fields to values [wrong-type]",
    ]


def test_an_empty_field_counts_as_missing(tmp_path: Path) -> None:
    text = "librarie:\nlibraries:\nspark_version:\n"

    assert complaints(tmp_path, text, shape("cluster")) == [
        "deployment.yml:1:1: `spark_version` is missing (add it) [missing-field]",
        "deployment.yml:1:1: unknown field `librarie` (did you mean `libraries`?) [unknown-field]",
    ]
    assert terraform_arguments({"libraries": None, "spark_version": "x"}, shape("cluster")) == {
        "spark_version": "x"
    }


def test_a_long_name_is_truncated_in_the_message(tmp_path: Path) -> None:
    (said,) = complaints(tmp_path, f"? {'a' * 10_000}\n: 1", shape("job").optional("name"))

    assert len(said) < 2000


def test_the_api_s_spelling_becomes_terraform_s() -> None:
    settings = {
        "git_source": {
            "git_url": "https://git.example/a",
            "git_provider": "gitHub",
            "git_commit": "5bd01c2f",
        },
        "parameters": [{"name": "a", "default": "b"}],
        "job_clusters": [
            {"job_cluster_key": "c", "new_cluster": {"init_scripts": [{"s3": {"destination": "d"}}]}}
        ],
        "environments": [{"environment_key": "e", "spec": {"dependencies": ["f"]}}],
        "tasks": [
            {
                "task_key": "g",
                "libraries": [{"pypi": {"package": "h"}}],
                "sql_task": {"parameters": {"i": "j"}, "query": {"query_id": "k"}},
                "for_each_task": {"inputs": "[]", "task": {"task_key": "l", "libraries": [{"whl": "m"}]}},
                "existing_cluster_name": "n",
            }
        ],
    }

    assert terraform_arguments(settings, shape("job")) == {
        "git_source": {"url": "https://git.example/a", "provider": "gitHub", "commit": "5bd01c2f"},
        "parameter": [{"name": "a", "default": "b"}],
        "job_cluster": [
            {"job_cluster_key": "c", "new_cluster": {"init_scripts": [{"s3": {"destination": "d"}}]}}
        ],
        "environment": [{"environment_key": "e", "spec": {"dependencies": ["f"]}}],
        "task": [
            {
                "task_key": "g",
                "library": [{"pypi": {"package": "h"}}],
                "sql_task": {"parameters": {"i": "j"}, "query": {"query_id": "k"}},
                "for_each_task": {"inputs": "[]", "task": {"task_key": "l", "library": [{"whl": "m"}]}},
                "existing_cluster_name": "n",
            }
        ],
    }


def test_every_block_that_terraform_repeats_has_the_api_s_plural() -> None:
    def repeated(of: Shape) -> set[str]:
        inner = {name for f in of.fields.values() if isinstance(f.type, Shape) for name in repeated(f.type)}
        return inner | {f.name for f in of.fields.values() if isinstance(f.type, Shape) and f.many}

    found = set().union(*(repeated(shape(name)) for name in names("resources")))

    assert {name for name in found if not name.endswith("s")} == {
        "depends_on",
        "on_duration_warning_threshold_exceeded",
        "on_failure",
        "on_start",
        "on_streaming_backlog_exceeded",
    }


def test_the_mesh_removes_and_adds_fields(tmp_path: Path) -> None:
    task = shape("job").inside("tasks").adding(Field("serverless", "serverless", "bool"))
    job = (
        shape("job").without("name", "max_retries").adding(Field("tasks", "task", task, "[]", required=True))
    )

    assert complaints(tmp_path, "descriptio: x\ntasks: [{task_key: a, serverless: 1}]", job) == [
        "deployment.yml:1:1: unknown field `descriptio` (did you mean `description`?) [unknown-field]",
        "deployment.yml:2:35: `serverless` is `1`: should be true or false [wrong-type]",
    ]
    assert complaints(tmp_path, "{}", job) == [
        "deployment.yml:1:1: `tasks` is missing (add it) [missing-field]"
    ]
    assert not {"name", "max_retries"} & job.fields.keys()
    assert terraform_arguments({"tasks": [{"serverless": True}]}, job) == {"task": [{"serverless": True}]}


def test_a_table_is_read_on_demand_and_without_the_bindings() -> None:
    script = (
        "import sys; from mesh.documents.provider_fields import shape; before = shape.cache_info().misses; shape('volume'); "
        "print(before, shape.cache_info().misses, [n for n in ('local', 'cdktf', 'jsii') if n in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout == "0 1 []\n"


RUN_IF = (
    "ALL_DONE",
    "ALL_FAILED",
    "ALL_SUCCESS",
    "AT_LEAST_ONE_FAILED",
    "AT_LEAST_ONE_SUCCESS",
    "NONE_FAILED",
)


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("ALL_SUCESS", "ALL_SUCCESS"),
        ("ALL_SUCCES", "ALL_SUCCESS"),
        ("all_done", "ALL_DONE"),
        ("All_Failed", "ALL_FAILED"),
        ("AT_LEAST_ONE_SUCESS", "AT_LEAST_ONE_SUCCESS"),
        ("NONE_FAILD", "NONE_FAILED"),
        ("NONE-FAILED", "NONE_FAILED"),
        ("NONE_FIALED", "NONE_FAILED"),
    ],
)
def test_a_misspelled_value_has_an_intended_value(written: str, right: str) -> None:
    assert intended_value(written, RUN_IF, any_case=False) == right


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("AT_LEAST_TWO_FAILED", RUN_IF),
        ("ANY_SUCCESS", RUN_IF),
        ("", RUN_IF),
        ("{{job.parameters.run_if}}", RUN_IF),
        ("SCD_TYPE_3", ("SCD_TYPE_1", "SCD_TYPE_2")),
        ("UNLOCKED", ("LOCKED",)),
        ("DAY", ("DAYS",)),
        ("TUESDAY", ("MONDAY", "THURSDAY")),
        ("STREAMING_BACKLOG_RECORDS", ("STREAMING_BACKLOG_SECONDS",)),
        ("SPOT_AWS", ("SPOT", "SPOT_AZURE")),
    ],
)
def test_a_value_that_may_be_new_has_none(written: str, known: tuple[str, ...]) -> None:
    assert intended_value(written, known, any_case=False) is None


def test_case_counts_only_where_databricks_compares_it() -> None:
    assert intended_value("github", ["gitHub"], any_case=True) is None
    assert intended_value("github", ["gitHub"], any_case=False) == "gitHub"


def fields_at_any_depth(of: Shape) -> Iterator[Field]:
    for field in of.fields.values():
        yield field
        if isinstance(field.type, Shape):
            yield from fields_at_any_depth(field.type)


def test_no_known_value_looks_like_a_misspelling_of_another_one() -> None:
    """New values of Databricks are similar to known ones, and must not be reported."""
    known = {
        field.values
        for name in names("resources")
        for field in fields_at_any_depth(shape(name))
        if field.values
    }
    closed = {field.values for field in fields_at_any_depth(job_shape()) if field.closed}

    assert len(known) > 20
    wrong = [
        (value, near)
        for values in known - closed
        for value in values
        if (near := intended_value(value, [one for one in values if one != value], any_case=False))
    ]
    assert wrong == []


def test_misspelled_values_are_reported_with_their_position_and_other_values_pass(tmp_path: Path) -> None:
    text = """\
git_source: {git_url: "https://u", git_provider: github}
trigger: {pause_status: paused, periodic: {interval: 1, unit: days}}
health: {rules: [{metric: RUN_DURATION_SECOND, op: GREATER_THEN, value: 1}]}
tasks:
- {task_key: a, run_if: ALL_SUCESS, notebook_task: {notebook_path: a, source: GITT}}
- {task_key: b, run_if: MOST_DONE, new_cluster: {spark_version: x, data_security_mode: USER_ISOLATON}}
"""
    assert complaints(tmp_path, text, job_shape()) == [
        "deployment.yml:2:25: `paused` is not a value of `pause_status` (one of 'PAUSED' or 'UNPAUSED') [wrong-value]",
        "deployment.yml:2:63: `days` is not a value of `unit` (one of 'DAYS' or 'HOURS' or 'WEEKS') [wrong-value]",
        "deployment.yml:3:27: `metric` is `RUN_DURATION_SECOND`, which is not a value of Databricks (did you mean `RUN_DURATION_SECONDS`?) [misspelled-value]",
        "deployment.yml:3:52: `op` is `GREATER_THEN`, which is not a value of Databricks (did you mean `GREATER_THAN`?) [misspelled-value]",
        "deployment.yml:5:25: `run_if` is `ALL_SUCESS`, which is not a value of Databricks (did you mean `ALL_SUCCESS`?) [misspelled-value]",
        "deployment.yml:5:79: `GITT` is not a value of `source` (one of 'GIT' or 'WORKSPACE') [wrong-value]",
        "deployment.yml:6:25: `MOST_DONE` is not a value of `run_if` (one of 'ALL_DONE' or 'ALL_FAILED' or 'ALL_SUCCESS' or 'AT_LEAST_ONE_FAILED' or 'AT_LEAST_ONE_SUCCESS' or 'NONE_FAILED') [wrong-value]",
        "deployment.yml:6:88: `data_security_mode` is `USER_ISOLATON`, which is not a value of Databricks (did you mean `USER_ISOLATION`?) [misspelled-value]",
    ]
