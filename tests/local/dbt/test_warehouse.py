"""The interface of the SQL connector that dbt uses, without dbt: a session that records statements."""

import sys
import types
from collections.abc import Sequence
from typing import Any

import pytest
from pyspark.errors import PySparkException
from pyspark.sql.types import IntegerType, StringType, StructField, StructType

from local.dbt.information_schema import InformationSchema
from local.dbt.warehouse import Connection


class DatabaseError(Exception):
    """The connector's error."""


class Session:
    """A session of Spark that answers every statement with two rows."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.conf = types.SimpleNamespace(set=lambda *_: None)

    def sql(self, statement: str, args: Sequence[Any] | None = None) -> Any:
        self.statements.append(statement if args is None else f"{statement} {args}")
        if "wrong" in statement:
            raise PySparkException("[WRONG] no")
        schema = StructType([StructField("a", IntegerType()), StructField("b", StringType())])
        return types.SimpleNamespace(schema=schema, collect=lambda: [(1, "x"), (2, "y")])


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Session:
    for name in ("databricks.sql", "databricks.sql.exc"):
        module = types.ModuleType(name)
        module.DatabaseError = DatabaseError  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, name, module)
    return Session()


def test_rows_are_fetched_once_with_the_names_and_types_of_their_columns(session: Session) -> None:
    connection = Connection(session, InformationSchema(dict), "my`catalog")  # type: ignore[arg-type]

    with connection.cursor() as cursor:
        cursor.execute("SELECT %s", [1])
        assert cursor.description is not None
        assert [each[:2] for each in cursor.description] == [("a", "int"), ("b", "string")]
        assert (cursor.fetchone(), cursor.fetchall(), cursor.fetchone()) == ((1, "x"), [(2, "y")], None)
    assert session.statements == ["SET CATALOG `my``catalog`", "SELECT ? [1]"]


def test_an_error_of_spark_is_an_error_of_the_connector(session: Session) -> None:
    cursor = Connection(session, InformationSchema(dict), None).cursor()  # type: ignore[arg-type]

    with pytest.raises(DatabaseError, match="WRONG"):
        cursor.execute("SELECT wrong")
    with pytest.raises(DatabaseError, match=r"no information_schema\.routines"):
        cursor.execute("SELECT * FROM `system`.`information_schema`.`routines` WHERE table_catalog = 'c'")
