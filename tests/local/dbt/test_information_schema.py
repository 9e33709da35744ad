"""What dbt reads of `information_schema`: the workspace's tables, as temporary views."""

import types
from typing import Any

import pytest

from local.dbt.information_schema import InformationSchema


class Session:
    """Keeps the rows of temporary views."""

    def __init__(self) -> None:
        self.views: dict[str, list[Any]] = {}

    def createDataFrame(self, rows: list[Any], _: str) -> Any:
        return types.SimpleNamespace(createOrReplaceTempView=lambda name: self.views.__setitem__(name, rows))


def unity_catalog(kind: str, **query: str) -> Any:
    """The answers of a workspace with one table and one view."""
    if kind == "schemas":
        return {"schemas": [{"name": "s"}]}
    column = {"name": "id", "position": 0, "type_text": "int", "nullable": False}
    return {
        "tables": [
            {"schema_name": "s", "name": "t", "table_type": "EXTERNAL", "columns": [column]},
            {"schema_name": "s", "name": "v", "table_type": "VIEW", "view_definition": "SELECT 1 AS a"},
        ]
    }


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("views", [("c", "s", "v", "SELECT 1 AS a")]),
        ("columns", [("c", "s", "t", "id", 0, "int", "NO", None)]),
        ("row_filters", []),
    ],
)
def test_a_statement_reads_temporary_views(table: str, rows: list[Any]) -> None:
    session = Session()
    for spelling in ("`system`.`information_schema`.", "c.information_schema."):
        statement = f"SELECT * FROM {spelling}{table} WHERE table_catalog = 'c'"

        answered = InformationSchema(unity_catalog).answered(session, statement)  # type: ignore[arg-type]
        assert answered == f"SELECT * FROM information_schema_{table} WHERE table_catalog = 'c'"
        assert session.views == {f"information_schema_{table}": rows}


def test_tables_have_their_kind() -> None:
    session = Session()
    statement = "SELECT * FROM system.information_schema.tables WHERE table_catalog = 'c'"

    InformationSchema(unity_catalog).answered(session, statement)  # type: ignore[arg-type]
    assert [row[2:4] for row in session.views["information_schema_tables"]] == [
        ("t", "MANAGED"),
        ("v", "VIEW"),
    ]


@pytest.mark.parametrize("rest", ["routines WHERE table_catalog = 'c'", "tables"])
def test_what_is_not_there_is_named(rest: str) -> None:
    with pytest.raises(LookupError, match=rest.split()[0]):
        InformationSchema(unity_catalog).answered(Session(), f"FROM system.information_schema.{rest}")  # type: ignore[arg-type]
