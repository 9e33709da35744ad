"""The arguments of auto CDC flows."""

from typing import Any

import pytest
from pyspark.errors import PySparkException

from local.pipeline.auto_cdc import AutoCdc, settings

NEEDED: dict[str, Any] = {"keys": ["id"], "sequence_by": "ts"}


def test_omitted_arguments_have_the_defaults_of_databricks():
    assert settings("f", {**NEEDED, "column_list": None}) == AutoCdc(["id"], "ts")
    assert settings("f", {**NEEDED, "stored_as_scd_type": "2"}).scd_type == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"keys": []}, "keys is a list of at least one column"),
        ({"keys": "id"}, "keys is a list of at least one column"),
        ({"sequence_by": None}, "sequence_by names the column that orders the events"),
        ({"stored_as_scd_type": 3}, "stored_as_scd_type is 1 or 2, not 3"),
        ({"column_list": ["a"], "except_column_list": ["b"]}, "exclude each other"),
        ({"track_history_column_list": ["a"]}, "track_history_column_list needs stored_as_scd_type=2"),
        (
            {"stored_as_scd_type": 2, "apply_as_truncates": "x"},
            "apply_as_truncates needs stored_as_scd_type=1",
        ),
    ],
)
def test_arguments_that_databricks_refuses_are_refused_with_the_flow(arguments, message):
    with pytest.raises(PySparkException, match=rf"\[INVALID_AUTO_CDC_FLOW\] flow `f`: .*{message}"):
        settings("f", {**NEEDED, **arguments})
