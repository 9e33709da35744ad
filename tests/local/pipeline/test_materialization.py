"""The order in which datasets are materialized, and the names that queries may use for them."""

from pathlib import Path

import pytest

from local.pipeline.definitions import Definitions
from local.pipeline.materialization import Materialization


class FakeSpark:
    """Returns a query instead of running it."""

    def sql(self, query: str) -> str:
        """Return the query."""
        return query


def defined(sql: str) -> Definitions:
    """The definitions of a SQL file."""
    definitions = Definitions(FakeSpark())  # type: ignore[arg-type]
    definitions.register_sql(sql, Path("/Shared/q.sql"))
    return definitions


def test_the_error_of_a_cycle_lists_the_datasets_in_order() -> None:
    reported: list[str] = []
    definitions = defined("CREATE VIEW a AS SELECT * FROM b; CREATE VIEW b AS SELECT * FROM a")
    materialization = Materialization(
        definitions.spark,
        definitions,
        "c",
        "s",
        Path("/none"),
        False,
        [],
        lambda text, level: reported.append(text),
    )
    definitions.spark.sql = materialization.before_sql  # type: ignore[method-assign, assignment]
    with pytest.raises(ValueError, match="datasets read each other in a circle: a -> b -> a"):
        materialization.all()
    assert reported == ["Flow b has FAILED: ValueError: datasets read each other in a circle: a -> b -> a"]


def test_queries_may_use_every_spelling_of_a_dataset_name() -> None:
    definitions = defined("CREATE MATERIALIZED VIEW t AS SELECT 1")
    materialization = Materialization(
        definitions.spark, definitions, "c", "s", Path("/none"), False, ["other"], print
    )
    assert [materialization.read(name) for name in ("t", "LIVE.t", "c.s.t", "`t`")] == ["c.s.t"] * 4
    assert materialization.read("x.y.z") == "x.y.z"
    assert materialization.full_name("other.t") == "c.other.t"
