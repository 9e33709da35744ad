"""The flows that the SQL of a pipeline defines."""

from typing import Any

import pytest
from pyspark.sql import functions

from local.pipeline import sql_flows
from local.pipeline.auto_cdc import AutoCdc
from local.pipeline.sql_flows import SqlFlow


@pytest.fixture(autouse=True)
def _expressions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Expressions are their text, as there is no session."""
    monkeypatch.setattr(functions, "expr", lambda text: f"expr {text}")


def cdc(**settings: Any) -> AutoCdc:
    """Settings that differ from the defaults."""
    return AutoCdc(keys=["id"], sequence_by="expr ts", **settings)


@pytest.mark.parametrize(
    ("statement", "flow"),
    [
        (
            "CREATE FLOW f AS INSERT INTO t BY NAME SELECT * FROM STREAM(a)",
            SqlFlow("f", "t", "SELECT * FROM STREAM(a)", once=False),
        ),
        (
            "create flow `f` comment 'it''s' as insert into once live.t select 1",
            SqlFlow("f", "t", "select 1", once=True),
        ),
        (
            "APPLY CHANGES INTO LIVE.t FROM STREAM(LIVE.a) KEYS (id) SEQUENCE BY ts",
            SqlFlow(None, "t", "FROM STREAM(LIVE.a)", once=False, changes=cdc()),
        ),
        (
            "CREATE FLOW f AS AUTO CDC INTO t FROM stream a KEYS (id) IGNORE NULL UPDATES"
            " APPLY AS DELETE WHEN op = 'KEYS' AND (x IN (SELECT 1 FROM b)) APPLY AS\n TRUNCATE WHEN op = 'T'"
            " SEQUENCE BY ts COLUMNS * EXCEPT (op, `o p`) STORED AS SCD TYPE 1",
            SqlFlow(
                "f",
                "t",
                "FROM STREAM(a)",
                once=False,
                changes=cdc(
                    ignore_nulls=True,
                    deletes="op = 'KEYS' AND (x IN (SELECT 1 FROM b))",
                    truncates="op = 'T'",
                    except_columns=["op", "o p"],
                ),
            ),
        ),
        (
            "AUTO CDC INTO t FROM STREAM a KEYS (id) SEQUENCE BY ts COLUMNS (id, v) STORED AS SCD TYPE 2"
            " TRACK HISTORY ON * EXCEPT (v)",
            SqlFlow(
                None,
                "t",
                "FROM STREAM(a)",
                once=False,
                changes=cdc(columns=["id", "v"], scd_type=2, except_track=["v"]),
            ),
        ),
    ],
)
def test_statements_are_flows(statement: str, flow: SqlFlow) -> None:
    assert sql_flows.read(statement) == flow


def test_other_statements_are_no_flows() -> None:
    assert sql_flows.read("CREATE MATERIALIZED VIEW v AS SELECT 1") is None


def test_a_flow_without_a_source_is_refused() -> None:
    with pytest.raises(ValueError, match="AUTO CDC INTO t needs FROM STREAM"):
        sql_flows.read("AUTO CDC INTO t KEYS (id) SEQUENCE BY ts")
