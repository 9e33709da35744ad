"""Reads in code, held against `reads`, grants and what other flows write."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.lineage.declared_reads import lineage_warnings
from mesh.lineage.lineage import mesh_lineage
from mesh.load import load
from tests.support.contracts import text

NOTEBOOK = "# Databricks notebook source\n"
OWN = "f\"{dbutils.widgets.get('catalog')}.{dbutils.widgets.get('schema')}\""
MAKE = (
    f"{NOTEBOOK}own = {OWN}\nspark.sql('SELECT 1 AS id, 2 AS amount').write.saveAsTable(f'{{own}}.orders')\n"
)
PRODUCER = "domains/sales/projects/shop"
CONSUMER = "domains/hr/projects/pay"
JOB = "tasks: [{task_key: a, serverless: true}]\n"
READS = "reads: {shop: sales/shop/prep/orders}\n"
DECLARED = "source = f\"{dbutils.widgets.get('shop_catalog')}.{dbutils.widgets.get('shop_schema')}.orders\"\n"
WRITE = f"spark.table(source).write.saveAsTable({OWN} + '.copy')\n"


@pytest.fixture(autouse=True)
def _identity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MESH_USER", "ada@acme.example")


def warnings(root: Path, code: str, deployment: str, **others: str) -> list[tuple[str, int, str]]:
    """The file, line and code of each warning about a mesh with a producer and a consumer.

    Args:
        root: an empty folder.
        code: the notebook of the consumer.
        deployment: its deployment.yml.
        others: `producer` and `consumer`, the project.yml of each; `make`, the notebook of the producer;
            `accepts`, the first line of its deployment.yml.
    """
    contract = text(name="orders", schema=[{"name": "orders", "properties": [{"name": "id"}]}])
    files = {
        "domains/sales/domain.yml": "owner: shop-team\n",
        f"{PRODUCER}/project.yml": others.get("producer", "grants: [{principal: hr-team, role: reader}]"),
        f"{PRODUCER}/flows/prep/orders/deployment.yml": others.get("accepts", "") + JOB,
        f"{PRODUCER}/flows/prep/orders/contracts/orders.yaml": contract,
        f"{PRODUCER}/flows/prep/orders/a.py": others.get("make", MAKE),
        f"{CONSUMER}/project.yml": others.get("consumer", "owner: hr-team"),
        f"{CONSUMER}/flows/prep/bonus/deployment.yml": deployment + JOB,
        f"{CONSUMER}/flows/prep/bonus/a.py": NOTEBOOK + code,
    }
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    deployed = load(root).in_environment("local", looking=True)
    found = lineage_warnings(deployed, mesh_lineage(deployed))
    assert {one.severity for one in found} <= {"warning"}
    return [(one.file.removeprefix(f"{CONSUMER}/flows/prep/bonus/"), one.line, one.code) for one in found]


def test_a_read_that_is_declared_and_granted_is_fine(tmp_path: Path) -> None:
    assert warnings(tmp_path, DECLARED + WRITE, READS) == []


def test_a_read_of_another_project_is_declared(tmp_path: Path) -> None:
    code = f"source = 'sales.local_ada__orders.orders'\n{WRITE}"
    schema = _schema(tmp_path / "names")

    assert warnings(tmp_path, code.replace("sales.local_ada__orders", schema), "") == [
        ("a.py", 3, "undeclared-read")
    ]


def test_a_read_within_the_project_needs_no_declaration(tmp_path: Path) -> None:
    other = f"{CONSUMER}/flows/prep/raw"
    (tmp_path / other).mkdir(parents=True)
    (tmp_path / other / "deployment.yml").write_text(JOB)
    (tmp_path / other / "a.py").write_text(MAKE)
    schema = _schema(tmp_path / "names").replace("sales", "hr").replace("orders", "raw")

    assert warnings(tmp_path, f"source = '{schema}.orders'\n{WRITE}", "") == []


def test_a_declared_flow_whose_data_nobody_reads(tmp_path: Path) -> None:
    assert warnings(tmp_path, "print(1)", READS) == [("deployment.yml", 1, "unused-read")]


@pytest.mark.parametrize("code", ["spark.table(input())", "spark.sql(open('a.sql').read())"])
def test_nothing_is_said_of_unused_flows_where_code_hides_what_it_reads(tmp_path: Path, code: str) -> None:
    assert warnings(tmp_path, code, READS) == []


@pytest.mark.parametrize(
    ("producer", "allowed"),
    [
        ("grants: [{principal: hr-team, role: reader}]", True),
        ("grants: [{principal: hr-team, role: reader, schema: orders}]", True),
        ("grants: [{principal: HR-Team, privileges: [SELECT, USE_SCHEMA, USE_CATALOG]}]", True),
        ("grants: [{principal: hr-team, privileges: [ALL_PRIVILEGES]}]", True),
        ("grants: [{principal: hr-team, privileges: [USE_SCHEMA]}]", False),
        ("grants: [{principal: others, role: reader}]", False),
        ("{}", False),
    ],
)
def test_a_read_needs_a_grant_for_the_owner_of_the_reader(
    tmp_path: Path, producer: str, allowed: bool
) -> None:
    found = warnings(tmp_path, DECLARED + WRITE, READS, producer=producer)

    assert found == ([] if allowed else [("a.py", 3, "ungranted-read")])


def test_a_grant_on_the_catalog_holds_for_its_schemas(tmp_path: Path) -> None:
    (tmp_path / "domains/sales").mkdir(parents=True)
    found = warnings(tmp_path, DECLARED + WRITE, READS, producer="{}")
    (tmp_path / "domains/sales/domain.yml").write_text("grants: [{principal: hr-team, role: reader}]")
    deployed = load(tmp_path).in_environment("local", looking=True)

    assert [one[2] for one in found] == ["ungranted-read"]
    assert lineage_warnings(deployed, mesh_lineage(deployed)) == []


def test_nothing_is_said_of_grants_where_nobody_owns_the_reader(tmp_path: Path) -> None:
    assert warnings(tmp_path, DECLARED + WRITE, READS, producer="{}", consumer="{}") == []


def test_a_table_that_no_code_of_its_flow_writes(tmp_path: Path) -> None:
    renamed = MAKE.replace(".orders", ".sold")

    assert warnings(tmp_path, DECLARED + WRITE, READS, make=renamed) == [("a.py", 3, "unwritten-table")]


def test_nothing_is_said_of_tables_where_the_writer_hides_its_own(tmp_path: Path) -> None:
    hidden = f"{NOTEBOOK}spark.range(1).write.saveAsTable(input())\n"

    assert warnings(tmp_path, DECLARED + WRITE, READS, make=hidden) == []


@pytest.mark.parametrize(
    "code",
    [
        "spark.table(source).select('sum').show()",
        "spark.table(source).where('sum > 1').show()",
        "spark.table(source).groupBy('sum').count().show()",
        "spark.sql(f'SELECT o.sum FROM {source} AS o').show()",
        "spark.sql(f'SELECT sum FROM {source}').show()",
    ],
)
def test_a_column_that_no_code_of_its_flow_writes(tmp_path: Path, code: str) -> None:
    assert warnings(tmp_path, DECLARED + code, READS) == [("a.py", 3, "unwritten-column")]


@pytest.mark.parametrize(
    "make",
    [
        MAKE + "spark.table('x.y.z').write.mode('append').saveAsTable(f'{own}.orders')\n",
        MAKE + "spark.sql(f'ALTER TABLE {own}.orders ADD COLUMN sum INT')\n",
    ],
)
def test_nothing_is_said_of_columns_that_other_code_may_add(tmp_path: Path, make: str) -> None:
    assert warnings(tmp_path, DECLARED + "spark.table(source).select('sum').show()", READS, make=make) == []


@pytest.mark.parametrize(
    ("accepts", "producer", "expected"),
    [
        ("", "", [("deployment.yml", 1, "read-not-accepted")]),
        ("consumers: [hr]\n", "", []),
        ("", "grants: [{principal: hr-team, role: reader}]", []),
        ("tables: {orders: {grants: [{principal: hr-team, role: reader}]}}\n", "", []),
    ],
)
def test_a_read_of_a_contract_is_accepted_or_granted(
    accepts: str, producer: str, expected: list[tuple[str, int, str]], tmp_path: Path
) -> None:
    reads = 'reads: {shop: {flow: sales/shop/prep/orders, contract: orders, version: "1"}}\n'
    found = warnings(tmp_path, DECLARED + WRITE, reads, accepts=accepts, producer=producer)
    assert found == expected


def test_a_grant_on_the_table_is_enough_for_a_read_without_a_contract(tmp_path: Path) -> None:
    accepts = "tables: {orders: {grants: [{principal: hr-team, role: reader}]}}\n"
    assert warnings(tmp_path, DECLARED + WRITE, READS, accepts=accepts, producer="") == []


def _schema(root: Path) -> str:
    """The full name of the schema of the producer."""
    root.mkdir()
    warnings(root, "print(1)", "")
    deployed = load(root).in_environment("local", looking=True)
    flow = deployed.flow("sales/shop/prep/orders")
    return f"{flow.catalog}.{flow.schema_names[0]}"
