"""A SQL warehouse for dbt: the interface of `databricks-sql-connector`, executed by Spark Connect.

dbt's adapter for Databricks opens connections with `databricks.sql.connect`. `serve` replaces that function,
so that dbt writes the same statements as on Databricks, and Spark executes them.
"""

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from local.dbt.information_schema import InformationSchema
from local.spark.identifier import quoted

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# The adapter asks a cluster for its version, and writes what this version knows. Newer ones describe tables
# as JSON, which Spark 4.1 does only for V1 tables.
VERSION_SETTING = "spark.databricks.clusterUsageTags.sparkVersion"
VERSION = "15.4.x-scala2.12"
HTTP_PATH = "sql/protocolv1/o/0/local"
"""The path of a cluster: the adapter assumes the newest version of a warehouse, without asking."""

Open = Callable[[], "SparkSession"]


def serve(open_session: Open, schema: InformationSchema) -> None:
    """Let dbt's adapter connect to Spark, without a request to another host."""
    import databricks.sql
    from dbt.adapters.databricks.spog import probe

    def connect(catalog: str | None = None, **_: Any) -> Connection:
        return Connection(open_session(), schema, catalog)

    databricks.sql.connect = connect
    # Otherwise the adapter asks the host for its kind, and waits for an answer.
    probe.probe_host = lambda _: probe.HostMetadata(host_type=None)


class Connection:
    """A session of Spark.

    Args:
        spark: the session.
        schema: answers for `system.information_schema`.
        catalog: the catalog of names without one.
    """

    def __init__(self, spark: "SparkSession", schema: InformationSchema, catalog: str | None) -> None:
        self.spark, self.schema = spark, schema
        spark.conf.set(VERSION_SETTING, VERSION)
        if catalog:
            spark.sql(f"SET CATALOG {quoted(catalog)}")

    def cursor(self) -> "Cursor":
        """Return a new cursor."""
        return Cursor(self)

    def get_session_id_hex(self) -> str:
        """Return the id of the session, which dbt writes to its log."""
        return self.spark.session_id.replace("-", "")  # type: ignore[attr-defined,no-any-return]

    def close(self) -> None:
        """Keep the session: others of this process may use its channel."""

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Cursor:
    """The rows of one statement."""

    query_id = None

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.description: list[tuple[Any, ...]] | None = None
        self._rows: list[tuple[Any, ...]] = []

    def execute(self, statement: str, parameters: Sequence[Any] | None = None) -> "Cursor":
        """Execute a statement.

        Raises:
            databricks.sql.exc.DatabaseError: Spark refuses it; dbt shows the message.
        """
        from databricks.sql.exc import DatabaseError
        from pyspark.errors import PySparkException

        spark = self.connection.spark
        try:
            text = self.connection.schema.answered(spark, statement)
            if parameters:
                text = text.replace("%s", "?").replace("%%", "%")  # rows of seeds
            frame = spark.sql(text, args=list(parameters) if parameters else None)
            fields = frame.schema.fields
            self._rows = [tuple(row) for row in frame.collect()] if fields else []
        except (PySparkException, LookupError) as error:
            raise DatabaseError(str(error)) from None
        kinds = [(each.name, each.dataType.simpleString()) for each in fields]
        self.description = [(name, kind, None, None, None, None, None) for name, kind in kinds]
        return self

    def schemas(self, catalog: str, schema: str | None = None) -> "Cursor":
        """List the schemas of a catalog."""
        like = f" LIKE '{re.escape(schema)}'" if schema else ""
        return self.execute(f"SHOW SCHEMAS IN {quoted(catalog)}{like}")

    def tables(self, catalog: str, schema: str) -> "Cursor":
        """List the tables of a schema."""
        return self.execute(f"SHOW TABLES IN {quoted(catalog)}.{quoted(schema)}")

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the remaining rows."""
        return self.fetchmany(len(self._rows))

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row."""
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int) -> list[tuple[Any, ...]]:
        """Return the next rows."""
        rows, self._rows = self._rows[:size], self._rows[size:]
        return rows

    def cancel(self) -> None:
        """Stop what runs in the session."""
        self.connection.spark.interruptAll()

    def close(self) -> None:
        """Forget the rows."""
        self._rows = []

    def __enter__(self) -> "Cursor":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
