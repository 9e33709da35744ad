"""References of a bundle have their values in each target."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.mesh.commands.import_bundle.conftest import JOB, Importer, Refused
from tests.mesh.conftest import RUN_AS

VARIABLES = """\
variables:
  name: {default: trips}
  full: {default: "${var.name}_${bundle.target}"}
  number: {default: 3}
  yes_or_no: {default: true}
  nested: {default: {list: [a, b], inner: {x: "${var.name}"}}}
  from_person: {description: without a value}
"""


def parameter(value: str) -> str:
    return VARIABLES + JOB.replace("load.py}", f'load.py, base_parameters: {{x: "{value}"}}}}')


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("${var.name}", "trips"),
        ("${var.full}", "trips_default"),
        ("a ${var.name} b ${var.number} ${var.yes_or_no}", "a trips b 3 true"),
        ("${var.nested.list[1]}", "b"),
        ("${var.nested.inner.x}", "trips"),
        ("${bundle.name}", "orders"),
        ("${variables.name.value}", "trips"),
        ("${HOME} {{job.id}}", "${HOME} {{job.id}}"),
    ],
)
def test_a_reference_has_its_value(imported: Importer, written: str, value: str) -> None:
    assert imported(parameter(written)).task()["notebook_task"]["base_parameters"] == {"x": value}


def test_a_whole_value_keeps_its_type(imported: Importer) -> None:
    text = VARIABLES + JOB.replace("load:\n", "load:\n      max_concurrent_runs: ${var.number}\n")

    assert imported(text).flow()["max_concurrent_runs"] == 3


def test_a_value_of_the_command_line_wins(imported: Importer) -> None:
    made = imported(parameter("${var.name} ${var.from_person}"), variables={"name": "n", "from_person": "p"})

    assert made.task()["notebook_task"]["base_parameters"] == {"x": "n p"}


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("${var.nme}", "variable `nme` is not declared (did you mean `name`?)"),
        ("${var.from_person}", "variable `from_person` has no value (give it a `default`, or add --var from_person=VALUE)"),
        ("${var.nested.y}", "variable `nested` has no `y` (correct the name)"),
        ("${var.nested.list[7]}", "variable `nested` has no `7` (correct the name)"),
    ],
)  # fmt: skip
def test_a_variable_without_a_value_is_an_error(refused: Refused, written: str, message: str) -> None:
    assert refused(parameter(written)) == [f"12: bundle-invalid: {message}"]


def test_a_variable_that_refers_to_itself_is_an_error(refused: Refused) -> None:
    text = parameter("${var.full}").replace('"${var.name}_${bundle.target}"', '"${var.full}x"')

    [error] = refused(text)

    assert error.endswith("refers to itself (give one of the variables a value)")


def test_variables_cannot_grow_without_end(refused: Refused) -> None:
    levels = ["variables:", "  v0: {default: [x, x, x, x, x, x, x, x]}"]
    levels += [f"  v{n}: {{default: {[f'${{var.v{n - 1}}}'] * 8}}}" for n in range(1, 9)]
    text = "\n".join(levels) + "\n" + JOB.replace("load:\n", "load:\n      tags: ${var.v8}\n")

    found = refused(text)

    assert any("the bundle has more than 200,000 values" in error for error in found)


def test_a_lookup_is_the_name_of_the_object(imported: Importer, tmp_path: Path) -> None:
    text = """\
variables:
  w: {lookup: {warehouse: shared}}
  c: {lookup: {cluster: big}}
  p: {lookup: {cluster_policy: small-jobs}}
  robot: {lookup: {service_principal: sp-orders}}
  other: {lookup: {dashboard: sales}}
resources:
  jobs:
    load:
      run_as: {service_principal_name: "${var.robot}"}
      job_clusters: [{job_cluster_key: k, new_cluster: {policy_id: "${var.p}", num_workers: 1, spark_version: x, node_type_id: n}}]
      tasks:
      - {task_key: a, existing_cluster_id: "${var.c}", notebook_task: {notebook_path: load}}
      - {task_key: b, sql_task: {warehouse_id: "${var.w}", file: {path: b.sql}}}
      - {task_key: c, job_cluster_key: k, notebook_task: {notebook_path: load, base_parameters: {x: "${var.other}"}}}
"""
    (tmp_path / "mesh/orgs/acme").mkdir(parents=True)
    (tmp_path / "mesh/orgs/acme/org.yml").write_text(
        f"service_principals: {{sp-orders: {{application_id: {RUN_AS}}}}}\n"
    )

    made = imported(text, {"b.sql": "select 1;\n"})
    flow: Any = made.flow()

    assert flow["run_as"] == {"service_principal_name": "sp-orders"}
    assert flow["job_clusters"][0]["new_cluster"]["policy_name"] == "small-jobs"
    assert flow["tasks"][0]["existing_cluster_name"] == "big"
    assert flow["tasks"][1]["sql_task"]["warehouse_name"] == "shared"
    assert "base_parameters" not in flow["tasks"][2]["notebook_task"]
    assert made.remarks == [
        "15: not taken: `x` is the id of dashboard `sales`, which the mesh does not look up (write the id)"
    ]
