"""What the query function of a dataset may not do: run queries, ask for columns, change the session.

Sources: Databricks documentation, "Lakeflow Declarative Pipelines Python language reference" (such functions
do not collect, count, save or start), "Environment version compatibility" (they do not change the session).
The errors are those of Spark's own pipelines.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from pyspark.errors import PySparkException
from pyspark.pipelines import block_session_mutations
from pyspark.sql.connect.client.core import SparkConnectClient

from local.notebook import statements

# Requests that need no data frame, such as parsing a schema.
_WITHOUT_FRAME = ("ddl_parse", "json_to_ddl", "spark_version")
_QUERY = re.compile(
    r"\W*(SELECT|WITH|FROM|VALUES|TABLE|SHOW|DESC|DESCRIBE|EXPLAIN|MAP|REDUCE)\b", re.IGNORECASE
)


class QueryFunctions:
    """Runs query functions; refuses what they may not do, and only while they run.

    Attributes:
        running: whether a query function runs at the moment.
    """

    def __init__(self) -> None:
        self.running = False

    def call(self, function: Callable[[], Any]) -> Any:
        """Run a query function and return its data frame.

        Raises:
            PySparkException: the function does what it may not do.
        """
        with self._set(running=True):
            return function()

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Allow everything within the context: the runner materializes what a function reads."""
        with self._set(running=False):
            yield

    def check_sql(self, statement: str) -> None:
        """Check the text of `spark.sql`.

        Raises:
            PySparkException: a query function runs, and the text is no query.
        """
        without_comments = " ".join(statements.split(statement))
        if self.running and without_comments and not _QUERY.match(without_comments):
            first = " ".join(without_comments.split())[:60]
            raise PySparkException(
                f"[UNSUPPORTED_PIPELINE_SPARK_SQL_COMMAND] '{first}' is not supported in spark.sql(\"...\")"
                " in a function that defines a dataset."
            )

    def install(self) -> None:
        """Let Spark's client ask this object before it runs, analyzes or changes anything."""
        for each in block_session_mutations.BLOCKED_METHODS:
            owner, name = each["class"], each["method"]
            condition = f"{block_session_mutations.ERROR_CLASS}.{each['error_sub_class']}"
            self._wrap(owner, name, condition, {"method": f"'{owner.__name__}.{name}'"})
        analysis = "ATTEMPT_ANALYSIS_IN_PIPELINE_QUERY_FUNCTION"
        self._wrap(SparkConnectClient, "_analyze", analysis, {}, _is_without_frame)
        for name in ("_execute", "_execute_and_fetch", "_execute_and_fetch_as_iterator"):
            self._wrap(SparkConnectClient, name, analysis, {}, _is_sql)

    def _wrap(
        self,
        owner: Any,
        name: str,
        condition: str,
        parameters: dict[str, str],
        allows: Callable[..., bool] = lambda *args, **more: False,
    ) -> None:
        """Replace a method by one that refuses calls from a query function, unless they are allowed."""
        own = getattr(owner, name)

        def method(this: Any, *args: Any, **more: Any) -> Any:
            if self.running and not allows(*args, **more):
                raise PySparkException(errorClass=condition, messageParameters=parameters)
            return own(this, *args, **more)

        setattr(owner, name, method)

    @contextmanager
    def _set(self, *, running: bool) -> Iterator[None]:
        before, self.running = self.running, running
        try:
            yield
        finally:
            self.running = before


def _is_without_frame(method: str, **_: Any) -> bool:
    return method in _WITHOUT_FRAME


def _is_sql(req: Any, *_: Any, **__: Any) -> bool:
    """Return whether a request is that of `spark.sql`, which returns a data frame without running a query."""
    return bool(req.plan.HasField("command") and req.plan.command.HasField("sql_command"))
