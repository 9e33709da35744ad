"""Views that Spark created, in DuckDB: names, order, and what DuckDB cannot read."""

import pytest

from local.workspace.compute.spark_views import duckdb_text, with_what_they_read
from tests.local.workspace.sql_helpers import execute


def view(name: str, text: str, *reads: str) -> dict[str, object]:
    """A view as Spark registers it, created in the schema `cat.ønske`."""
    return {
        "catalog_name": "cat",
        "schema_name": "ønske",
        "name": name,
        "full_name": f"cat.ønske.{name}",
        "table_type": "VIEW",
        "view_definition": text,
        "columns": [],
        "properties": {"view.catalogAndNamespace.part.0": "cat", "view.catalogAndNamespace.part.1": "ønske"},
        "view_dependencies": {"dependencies": [{"table": {"table_full_name": each}} for each in reads]},
    }


@pytest.mark.parametrize(
    ("text", "translated"),
    [
        ("SELECT * FROM t", 'SELECT * FROM "cat"."ønske"."t" AS "t"'),
        ("SELECT * FROM `b-c`.t AS x", 'SELECT * FROM "cat"."b-c"."t" AS "x"'),
        ("WITH t AS (SELECT 1) SELECT * FROM t", 'WITH "t" AS (SELECT 1) SELECT * FROM "t" AS "t"'),
        ("SELECT a <=> 1 FROM t", 'SELECT "a" IS NOT DISTINCT FROM 1 FROM "cat"."ønske"."t" AS "t"'),
    ],
)
def test_names_are_those_of_the_views_creation(text: str, translated: str) -> None:
    assert duckdb_text(view("v", text)) == translated


def test_a_view_comes_after_the_views_that_it_reads_also_in_a_circle() -> None:
    first, second = view("a", "…", "cat.ønske.b"), view("b", "…", "cat.ønske.a", "cat.ønske.trips")
    registered = {"cat.ønske.a": first, "cat.ønske.b": second, "cat.ønske.trips": {"table_type": "EXTERNAL"}}

    assert [each["name"] for each in with_what_they_read([first], registered)] == ["b", "a"]


def test_statements_read_views_and_cannot_change_them(workspace, trips):
    for one in (
        view("all_trips", "SELECT * FROM trips", "cat.ønske.trips"),
        view("counted", "SELECT count(*) AS n FROM all_trips", "cat.ønske.all_trips"),
        view("odd", "SELECT nothing_like_it(1) AS a"),
    ):
        workspace.post("/api/2.1/unity-catalog/tables", one)

    counted = execute(workspace, "select n > 0 from cat.ønske.counted")
    assert counted["result"]["data_array"] == [["true"]]
    odd = execute(workspace, "select * from cat.ønske.odd")["status"]["error"]["message"]
    assert odd.startswith("view cat.ønske.odd exists, but DuckDB cannot read it: ")
    assert "nothing_like_it" in odd
    for statement in (
        "drop view cat.ønske.odd;",
        "create or replace view cat.ønske.odd as select 1",
        "-- old\n/* it is */ drop view if exists `cat`.`ønske`.`odd`",
    ):
        refused = execute(workspace, statement)["status"]["error"]["message"]
        assert refused.startswith("SQL cannot change views of Spark")

    workspace.post("/api/2.1/unity-catalog/schemas", {"name": "other", "catalog_name": "cat"})
    other = execute(workspace, "create view cat.other.odd as select 1 as a")
    assert other["status"]["state"] == "SUCCEEDED", "a view of another schema has the name"

    workspace.delete("/api/2.1/unity-catalog/tables/cat.ønske.counted")
    gone = execute(workspace, "select * from cat.ønske.counted")["status"]["error"]["message"]
    assert "does not exist" in gone
