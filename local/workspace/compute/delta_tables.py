"""Delta tables in DuckDB: views on their files, and the reason why DuckDB cannot read a table.

A view is recreated before each use, because the table's columns may have changed.
"""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import duckdb

from local.workspace.store import Json

_ESCAPE = re.compile("%[0-9a-fA-F]{2}")


def delta_address(location: str) -> str:
    """Return the address of a Delta table's folder for `delta_scan`: a URL without quotes."""
    return Path(location).as_uri()


def create_views(connection: duckdb.DuckDBPyConnection, tables: Sequence[Json]) -> dict[str, str]:
    """Create the views of tables; return why not, by the name of each table that DuckDB cannot read."""
    unreadable = {}
    for table in tables:
        address = delta_address(table["storage_location"])
        try:
            connection.execute(
                f"CREATE OR REPLACE VIEW {qualified(table)} AS SELECT * FROM delta_scan('{address}')"  # noqa: S608
            )
        except duckdb.Error as error:
            unreadable[table["name"]] = why_unreadable(table, str(error))
    return unreadable


def why_unreadable(table: Json, error: str) -> str:
    """Return why DuckDB cannot read a table: its error, and the features of the table that explain it."""
    name = ".".join((table["catalog_name"], table["schema_name"], table["name"]))
    folder = Path(table["storage_location"])
    if not any((folder / "_delta_log").glob("*.json")):
        return f"table {name} has no data yet: {folder} contains no Delta table"
    remedy = "read it with Spark, in a notebook"
    escape = _ESCAPE.search(str(folder))
    if escape:
        reason = f"it decodes `{escape[0]}` in the path {folder}"
        remedy += ", or move the checkout to a folder without this text in its path"
        return f"table {name} exists, but DuckDB cannot read it: {reason}; {remedy}"
    used = ", ".join(delta_features(folder))
    reason = error.strip().splitlines()[0] + (f" (the table uses {used})" if used else "")
    return f"table {name} exists, but DuckDB cannot read it: {reason}; {remedy}"


def delta_features(folder: Path) -> list[str]:
    """Return the features of Delta that readers of a table must know, from its log."""
    features: set[str] = set()
    for file in sorted((folder / "_delta_log").glob("*.json")):
        for line in file.read_text(encoding="utf-8").splitlines():
            action = json.loads(line)
            features.update(action.get("protocol", {}).get("readerFeatures") or ())
            mode = action.get("metaData", {}).get("configuration", {}).get("delta.columnMapping.mode", "none")
            features.update([f"column mapping by {mode}"] if mode != "none" else [])
    return sorted(features)


def qualified(table: Json) -> str:
    """Return the full name of a table, quoted for DuckDB."""
    return quoted(table["catalog_name"], table["schema_name"], table["name"])


def quoted(*names: str) -> str:
    """Return names quoted for DuckDB and joined by dots."""
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)
