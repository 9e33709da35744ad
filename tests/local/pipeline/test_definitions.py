"""The datasets that the SQL of a pipeline defines."""

from pathlib import Path
from typing import Any

import pytest

from local.pipeline.definitions import Definitions
from local.pipeline.expectations import Expectation


class FakeSpark:
    """Returns the query without running it."""

    def sql(self, query: str) -> str:
        """Return the query."""
        return query


def defined(sql: str) -> Definitions:
    """The definitions of a SQL file."""
    definitions = Definitions(FakeSpark())  # type: ignore[arg-type]
    definitions.register_sql(sql, Path("/Shared/q.sql"))
    return definitions


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("CREATE OR REFRESH MATERIALIZED VIEW t AS SELECT 1", "MaterializedView"),
        (
            "create materialized view t comment 'x' as with a as (select 1) select * from a",
            "MaterializedView",
        ),
        ("CREATE LIVE TABLE t AS SELECT 1", "MaterializedView"),
        ("CREATE OR REFRESH STREAMING TABLE t AS SELECT * FROM STREAM(a)", "StreamingTable"),
        ("CREATE TEMPORARY VIEW t AS SELECT 1", "TemporaryView"),
        ("CREATE LIVE VIEW t AS SELECT 1", "TemporaryView"),
    ],
)
def test_sql_defines_datasets_of_each_kind(statement: str, kind: str) -> None:
    definitions = defined(statement)
    assert {name: type(output).__name__ for name, output in definitions.outputs.items()} == {"t": kind}
    query: Any = definitions.flows_into("t")[0].func()
    assert query in statement and query.upper().startswith(("SELECT", "WITH"))


def test_constraints_of_sql_are_expectations() -> None:
    definitions = defined(
        "CREATE MATERIALIZED VIEW t (CONSTRAINT a EXPECT (x > 0), CONSTRAINT b EXPECT (len(y) < (1 + 1))"
        " ON VIOLATION DROP ROW, CONSTRAINT c EXPECT (z) ON VIOLATION FAIL UPDATE) AS SELECT 1"
    )
    assert definitions.expectations("t") == [
        Expectation("a", "x > 0", "allow"),
        Expectation("b", "len(y) < (1 + 1)", "drop"),
        Expectation("c", "z", "fail"),
    ]


def test_the_error_shows_a_statement_that_defines_no_dataset() -> None:
    with pytest.raises(ValueError, match=r"/Shared/q.sql: `INSERT INTO t SELECT 1` defines neither a table"):
        defined("INSERT INTO t\n SELECT 1")


def test_a_dataset_that_is_defined_twice_is_named() -> None:
    view = "CREATE MATERIALIZED VIEW t AS SELECT 1;"
    with pytest.raises(ValueError, match=r"dataset `t` is defined twice: first at /Shared/q.sql:1"):
        defined(view + view)


def test_a_streaming_table_without_a_query_is_filled_by_flows() -> None:
    definitions = defined(
        "CREATE OR REFRESH STREAMING TABLE t (id INT, CONSTRAINT a EXPECT (id > 0)) COMMENT 'x';"
        "CREATE FLOW one AS INSERT INTO t BY NAME SELECT 1; CREATE FLOW two AS INSERT INTO ONCE c.s.t SELECT 2"
    )
    definitions.check_targets()
    assert [flow.name for flow in definitions.flows_into("t")] == ["one", "two"]
    assert (definitions.once, definitions.only_streams) == ({"two"}, {"t"})
    assert definitions.expectations("t") == [Expectation("a", "id > 0", "allow")]


def test_a_flow_into_nothing_is_told() -> None:
    definitions = defined("CREATE FLOW one AS INSERT INTO t SELECT 1")
    with pytest.raises(ValueError, match="flow `one` fills `t`, which no source of the pipeline defines"):
        definitions.check_targets()
