"""A Spark session in which other tables stand in for those that a flow reads."""

import re
from collections.abc import Mapping
from typing import Any


class ReadingSession:
    """A session that reads the tables of a test in place of others.

    `spark.table`, `spark.read.table` and the names in `spark.sql` are replaced; the rest is the session's.

    Args:
        spark: the session.
        replaced: the full names of the tables of the test, by the full names that the flow reads.
    """

    def __init__(self, spark: Any, replaced: Mapping[str, str]) -> None:
        self._spark = spark
        self._replaced = {_plain(name): table for name, table in replaced.items()}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._spark, name)

    @property
    def read(self) -> "Reader":
        """The session's reader, whose `table` reads the tables of the test."""
        return Reader(self._spark.read, self)

    def table(self, name: str) -> Any:
        """Returns a table, or the one that stands in for it."""
        return self._spark.table(self.standing_in(name))

    def sql(self, text: str, *arguments: Any, **named: Any) -> Any:
        """Runs SQL with the names of the tables of the test."""
        for name, table in self._replaced.items():
            parts = (f"(?:{re.escape(part)}|`{re.escape(part)}`)" for part in name.split("."))
            dotted = r"\.".join(parts)
            pattern = rf"(?<![\w.`]){dotted}(?![\w`]|\.\w)"
            text = re.sub(pattern, lambda _, table=table: table, text, flags=re.IGNORECASE)
        return self._spark.sql(text, *arguments, **named)

    def standing_in(self, name: str) -> str:
        """Returns the name of the table that stands in for another; else the name itself."""
        return self._replaced.get(_plain(name), name)


class Reader:
    """`spark.read` of a `ReadingSession`.

    Args:
        reader: the session's reader.
        session: the session.
    """

    def __init__(self, reader: Any, session: ReadingSession) -> None:
        self._reader, self._session = reader, session

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def table(self, name: str) -> Any:
        """Returns a table, or the one that stands in for it."""
        return self._reader.table(self._session.standing_in(name))


def _plain(name: str) -> str:
    """A name of a table without backticks, in lower case: Unity Catalog ignores case."""
    return name.replace("`", "").lower()
