"""Tables of a test stand in for those that a flow reads."""

from __future__ import annotations

from typing import Any

import pytest

from local.flow_tests.reading import ReadingSession


class Session:
    """Answers with what it was asked."""

    version = "4"

    def table(self, name: str) -> str:
        return f"table {name}"

    def sql(self, text: str, args: Any = None) -> str:
        return text

    @property
    def read(self) -> Session:
        return self


SPARK = ReadingSession(Session(), {"main.sales.orders": "t.s.orders"})


@pytest.mark.parametrize("name", ["main.sales.orders", "`main`.`sales`.`orders`", "MAIN.Sales.orders"])
def test_a_table_is_replaced_however_it_is_written(name: str) -> None:
    assert SPARK.table(name) == "table t.s.orders"
    assert SPARK.read.table(name) == "table t.s.orders"
    assert SPARK.sql(f"select * from {name} where a.b = 1") == "select * from t.s.orders where a.b = 1"


@pytest.mark.parametrize(
    "name", ["main.sales.orders2", "xmain.sales.orders", "main.sales.orders.amount", "a.main.sales.orders"]
)
def test_another_name_stays(name: str) -> None:
    assert SPARK.table(name) == f"table {name}"
    assert SPARK.sql(f"from {name}") == f"from {name}"


def test_everything_else_is_the_sessions() -> None:
    assert SPARK.version == "4"
    assert SPARK.sql("select :x", args={"x": 1}) == "select :x"
