"""The lineage of a mesh: tasks, their parameters, and columns that earlier tasks make."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.lineage.lineage import Lineage, mesh_lineage
from mesh.load import load
from tests.support.lineage import columns

FLOWS = "domains/sales/projects/shop/flows/prep"
NOTEBOOK = "# Databricks notebook source\ncatalog, schema = dbutils.widgets.get('catalog'), dbutils.widgets.get('schema')\n"
COPY = f"{NOTEBOOK}spark.table(f'{{dbutils.widgets.get(\"raw_catalog\")}}.{{dbutils.widgets.get(\"raw_schema\")}}.orders').write.saveAsTable(f'{{catalog}}.{{schema}}.copy')\n"
MAKE = f"{NOTEBOOK}spark.sql('SELECT 1 AS id, 2 AS amount').write.saveAsTable(f'{{catalog}}.{{schema}}.orders')\n"


@pytest.fixture(autouse=True)
def _identity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESH_USER", "ada@acme.example")


def lineage(root: Path, files: dict[str, str]) -> Lineage:
    """The lineage of a mesh with these files."""
    for name, text in files.items():
        path = root / FLOWS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return mesh_lineage(load(root).in_environment("local", looking=True))


def test_a_flow_reads_the_columns_that_a_later_flow_of_the_mesh_makes(tmp_path: Path) -> None:
    found = lineage(
        tmp_path,
        {
            "copy/deployment.yml": "reads: {raw: prep/raw}\ntasks: [{task_key: copy, serverless: true}]",
            "copy/copy.py": COPY,
            "raw/deployment.yml": "tasks: [{task_key: make, serverless: true}]",
            "raw/make.py": MAKE,
        },
    )

    copy, make = found.tasks
    [orders], [copied] = make.writes, copy.writes
    assert (copy.flow, copy.task, make.task) == ("sales/shop/prep/copy", "copy", "make")
    assert copied.relation.complete
    assert [*columns(copied.relation)] == ["id", "amount"]
    assert (copy.read, make.written) == ({orders.table}, {orders.table})
    assert found.owner(orders.table) == "sales/shop/prep/raw"
    assert found.readers[orders.table] == (copy,)
    assert orders.table.schema_name == "sales.local_ada_raw" or orders.table.catalog == "sales"


def test_parameters_of_tasks_and_jobs(tmp_path: Path) -> None:
    found = lineage(
        tmp_path,
        {
            "a/deployment.yml": """
parameters: [{name: source, default: "c.s.one"}, {name: both, default: job}]
tasks:
- task_key: each
  for_each_task:
    inputs: "[1, 2]"
    task:
      task_key: inner
      serverless: true
      notebook_task:
        notebook_path: inner
        base_parameters: {item: "{{input}}", copied: "{{job.parameters.source}}", both: task}
""",
            "a/inner.py": f"{NOTEBOOK}for name in ('source', 'copied', 'item'):\n    spark.table(dbutils.widgets.get(name))\nspark.table('c.s.' + dbutils.widgets.get('both'))\n",
        },
    )

    [task] = found.tasks
    assert [str(one.table) for one in task.reads] == ["c.s.one", "c.s.job"]
    assert [one.why for one in task.gaps] == [
        "the name of a table is not known: the parameter `item` is only known when the code runs"
    ]


def test_files_of_a_pipeline_share_views_whatever_their_order(tmp_path: Path) -> None:
    found = lineage(
        tmp_path,
        {
            "p/deployment.yml": "libraries:\n- glob: {include: code/**}\n",
            "p/code/a.sql": "CREATE OR REFRESH MATERIALIZED VIEW totals AS SELECT sum(amount) AS total FROM clean",
            "p/code/b.py": "import dlt\n@dlt.view\ndef clean():\n    return spark.table('x.y.raw').select('amount')\n",
        },
    )

    [task] = found.tasks
    [totals] = task.writes
    assert {
        name: [str(one) for one in origin.columns] for name, origin in totals.relation.columns.items()
    } == {"total": ["x.y.raw.amount"]}
    assert (totals.table.name, task.task, task.gaps) == ("totals", "p", ())


def test_code_that_is_not_read_is_told(tmp_path: Path) -> None:
    found = lineage(
        tmp_path,
        {
            "a/deployment.yml": "tasks:\n- task_key: jar\n  existing_cluster_id: x\n  spark_jar_task: {main_class_name: a.B}\n"
        },
    )

    [task] = found.tasks
    assert [str(one) for one in task.gaps] == [f"{FLOWS}/a/deployment.yml:2: the code of a jar is not read"]


def test_a_task_that_shows_what_it_wrote_does_not_read_it(tmp_path: Path) -> None:
    shown = f"{MAKE}display(spark.table(f'{{catalog}}.{{schema}}.orders'))\n"

    found = lineage(
        tmp_path, {"a/deployment.yml": "tasks: [{task_key: make, serverless: true}]", "a/make.py": shown}
    )

    [task] = found.tasks
    assert (len(task.reads), task.read) == (1, frozenset())
