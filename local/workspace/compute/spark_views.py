"""Views that Spark created, in DuckDB: their text is translated, with full names of tables.

Like the views on Delta tables they are recreated before each use, after what they read.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence

import duckdb
import sqlglot
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify_tables import qualify_tables

from local.workspace.compute.delta_tables import qualified, quoted
from local.workspace.store import Json

_CATALOG_AND_SCHEMA = "view.catalogAndNamespace.part.{}"


def with_what_they_read(views: Sequence[Json], registered: Mapping[str, Json]) -> list[Json]:
    """Return views with the views that they read, each after those that it reads.

    Args:
        views: the views that a statement names.
        registered: all tables and views of the workspace by full name.
    """
    ordered = dict[str, Json]()

    def add(view: Json, above: frozenset[str]) -> None:
        name = view["full_name"].lower()
        if name in ordered or name in above:
            return
        for read in tables_read(view):
            other = registered.get(read)
            if other and is_view(other):
                add(other, above | {name})
        ordered[name] = view

    for each in views:
        add(each, frozenset())
    return list(ordered.values())


def is_view(table: Json) -> bool:
    """Return whether a table of the workspace is a view that Spark created."""
    return bool(table.get("table_type") == "VIEW" and table.get("view_definition"))


def tables_read(view: Json) -> Iterator[str]:
    """Yield the full names, in lower case, of the tables and views that a view reads itself."""
    for each in (view.get("view_dependencies") or {}).get("dependencies") or ():
        name = (each.get("table") or {}).get("table_full_name")
        if name:
            yield str(name).lower()


def create_views(connection: duckdb.DuckDBPyConnection, views: Sequence[Json]) -> dict[str, str]:
    """Create views in DuckDB; return why not, by the name of each that DuckDB cannot read."""
    unreadable = {}
    for view in views:
        columns = ", ".join(quoted(each["name"]) for each in view.get("columns") or ())
        head = f"CREATE OR REPLACE VIEW {qualified(view)}{f' ({columns})' if columns else ''}"
        try:
            connection.execute(f"{head} AS {duckdb_text(view)}")
        except (duckdb.Error, SqlglotError) as error:
            reason = str(error).strip().splitlines()[0]
            unreadable[view["name"]] = (
                f"view {view['full_name']} exists, but DuckDB cannot read it: {reason}; "
                "read it with Spark, in a notebook"
            )
    return unreadable


def duckdb_text(view: Json) -> str:
    """Return the text of a view in DuckDB's dialect.

    Names without catalog or schema get those in which the view was created, as Spark resolves them.

    Raises:
        SqlglotError: the text cannot be translated.
    """
    logging.getLogger("sqlglot").setLevel(logging.ERROR)
    properties = view.get("properties") or {}
    catalog = properties.get(_CATALOG_AND_SCHEMA.format(0), view["catalog_name"])
    schema = properties.get(_CATALOG_AND_SCHEMA.format(1), view["schema_name"])
    query = sqlglot.parse_one(view["view_definition"], read="databricks")
    named = qualify_tables(query, db=schema, catalog=catalog, dialect="databricks")
    return named.sql(dialect="duckdb", identify=True)
