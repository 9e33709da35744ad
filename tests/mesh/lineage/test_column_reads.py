"""Who reads a column, by the code of all flows."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.lineage.column_reads import ColumnReads, column_reads
from mesh.load import load
from tests.mesh.conftest import FLOW, ONE_FLOW

PRODUCER = "acme/transport/taxinyc/prep/revenue"
READERS = "orgs/acme/domains/finance/projects/costs/flows/prep"
DECLARED = "reads: {taxi: taxinyc/prep/revenue}\ntasks: [{task_key: a, serverless: true}]\n"
HEADER = "# Databricks notebook source\n"
OWN = "f\"{dbutils.widgets.get('catalog')}.{dbutils.widgets.get('schema')}.out\""
TAXI = "f\"{dbutils.widgets.get('taxi_catalog')}.{dbutils.widgets.get('taxi_schema')}.daily\""


def read(root: Path, codes: dict[str, str]) -> ColumnReads:
    daily = OWN.replace(".out", ".daily")
    made = f"{HEADER}spark.sql('select 1 as day, 2 as amount').write.saveAsTable({daily})\n"
    files = {**ONE_FLOW, f"{FLOW}/a.py": made}
    for name, code in codes.items():
        files[f"{READERS}/{name}/deployment.yml"] = DECLARED
        files[f"{READERS}/{name}/a.py"] = HEADER + code
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return column_reads(load(root).in_environment("local", looking=True))


@pytest.mark.parametrize(
    ("code", "column", "lines"),
    [
        (f"t = spark.table({TAXI})\nt.select('amount').write.saveAsTable({OWN})\n", "amount", [3]),
        (f"t = spark.table({TAXI})\nt.select('amount').write.saveAsTable({OWN})\n", "day", None),
        (f"t = spark.table({TAXI})\nt.write.saveAsTable({OWN})\n", "amount", [2]),
        (f"t = spark.table({TAXI})\nt.where('fare > 1').write.saveAsTable({OWN})\n", "fare", [3]),
        (f"t = spark.table({TAXI})\nt.select('day').write.saveAsTable({OWN})\n", None, [2]),
    ],
    ids=["named", "another column", "all columns", "renamed already", "the table"],
)
def test_the_lines_that_read_a_column(
    tmp_path: Path, code: str, column: str | None, lines: list[int] | None
) -> None:
    found = read(tmp_path, {"monthly": code}).readers(PRODUCER, "daily", column)

    told = {flow: [place.line for place in places] for flow, places in found.items()}
    assert told == ({"acme/finance/costs/prep/monthly": lines} if lines else {})


def test_code_that_hides_its_tables_is_not_known(tmp_path: Path) -> None:
    known = f"spark.table({TAXI}).select('day').write.saveAsTable({OWN})\n"
    reads = read(tmp_path, {"known": known, "hidden": "spark.table(open('x').read()).show()\n"})

    assert [reads.is_known(f"acme/finance/costs/prep/{name}") for name in ("known", "hidden", "none")] == [
        True,
        False,
        False,
    ]
