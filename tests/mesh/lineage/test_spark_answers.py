"""Columns of generated queries are those that Spark's own plans need; `make lineage` asks Spark anew."""

from __future__ import annotations

import json
from pathlib import Path

from mesh.lineage.relation import Relation
from mesh.lineage.session import Session, Surroundings
from mesh.lineage.sql_statement import SqlReader
from mesh.lineage.table import Place
from tools.lineage.fixture import ASKED, COUNT, SEED
from tools.lineage.statements import TABLES, statements

ANSWERS = [
    json.loads(line)
    for line in Path(__file__).with_name("spark_answers.jsonl").read_text(encoding="utf-8").splitlines()
]


def relation(query: str) -> Relation:
    """The relation of a query over the tables of the generator."""
    session = Session(Surroundings(catalog="c", schema="s"), lambda table: tuple(TABLES[table.name]))
    return SqlReader(session, lambda line: Place("a.sql", line)).read(query)


def needed(found: Relation, column: str) -> list[str]:
    """The columns that a column of the result needs, with those that decide its rows."""
    return sorted(
        f"{one.table.name}.{one.name}" for one in found.columns[column.lower()].columns | found.used
    )


def test_each_column_needs_what_spark_reads_for_it() -> None:
    different = []
    for one in ANSWERS:
        found = relation(one["sql"])
        mine = {name: needed(found, name) for name in one["columns"] if name.lower() in found.columns}
        if mine != one["columns"]:
            different.append((one["sql"], mine, one["columns"]))

    assert different == []


def test_no_query_has_a_gap() -> None:
    with_gaps = [
        one["sql"]
        for one in ANSWERS
        if (found := relation(one["sql"])).everything.gaps or found.doubts or not found.complete
    ]

    assert with_gaps == []


def test_the_answers_are_those_of_the_generated_queries() -> None:
    asked = dict.fromkeys(statements(ASKED, SEED))

    assert [one["sql"] for one in ANSWERS if one["sql"] not in asked] == []
    assert len(ANSWERS) == COUNT >= 200
