"""What a query function may not do, without Spark; with Spark: tests/local/spark/test_pipeline_tables.py."""

import pytest
from pyspark.errors import PySparkException

from local.pipeline.query_functions import QueryFunctions


@pytest.mark.parametrize("statement", ["select 1", " (WITH a AS (SELECT 1) SELECT * FROM a)", "-- x\nFROM t"])
def test_a_query_is_no_command(statement: str) -> None:
    functions = QueryFunctions()
    functions.call(lambda: functions.check_sql(statement))


@pytest.mark.parametrize("statement", ["USE CATALOG c", "set x = 1", "INSERT INTO t SELECT 1"])
def test_a_command_is_refused_only_while_a_query_function_runs(statement: str) -> None:
    functions = QueryFunctions()
    functions.check_sql(statement)

    with pytest.raises(PySparkException, match="UNSUPPORTED_PIPELINE_SPARK_SQL_COMMAND"):
        functions.call(lambda: functions.check_sql(statement))
    functions.check_sql(statement)


def test_the_runner_may_do_everything_while_a_query_function_waits_for_it() -> None:
    functions = QueryFunctions()

    def reads_another_dataset() -> None:
        with functions.suspended():
            functions.check_sql("CREATE TABLE t (id INT)")
        assert functions.running

    functions.call(reads_another_dataset)
    assert not functions.running
