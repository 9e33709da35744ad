"""The clauses of a statement that defines a table of a pipeline."""

import pytest

from local.pipeline.sql_clauses import Clauses, read


def test_every_clause_is_read_in_any_order() -> None:
    text = """
      (id INT NOT NULL COMMENT 'the, trip''s (id)', amounts MAP<STRING, DECIMAL(10,2)>,
       CONSTRAINT paid EXPECT (fare > 0) ON VIOLATION DROP ROW)
      TBLPROPERTIES ('quality' = "silver", delta.appendOnly=true) USING DELTA
      PARTITIONED BY (`the day`, month) CLUSTER BY (id) COMMENT 'Trips \\'19' """
    assert read(text) == Clauses(
        schema="id INT NOT NULL COMMENT 'the, trip''s (id)', amounts MAP<STRING, DECIMAL(10,2)>",
        comment="Trips '19",
        properties={"quality": "silver", "delta.appendOnly": "true"},
        partitioned_by=["the day", "month"],
        clustered_by=["id"],
    )


@pytest.mark.parametrize(
    "text", ["", " USING DELTA CLUSTER BY AUTO", "(id, town COMMENT 'x')", "(CONSTRAINT a EXPECT (x > 0))"]
)
def test_without_types_the_query_decides_the_columns(text: str) -> None:
    assert read(text) == Clauses()


def test_what_delta_does_not_store_is_left_out() -> None:
    columns = (
        "(id INT NOT NULL CONSTRAINT k PRIMARY KEY, who STRING MASK f USING COLUMNS (a) COMMENT 'a MASK b')"
    )
    schema = read(columns).schema
    assert schema is not None
    assert " ".join(schema.split()) == "id INT NOT NULL, who STRING COMMENT 'a MASK b'"
