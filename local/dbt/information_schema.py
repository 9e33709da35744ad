"""`information_schema`, as far as dbt's adapter asks it: tables, views and columns of a catalog.

Row filters and masks do not exist here. Tags and keys are not listed, so dbt sets those of its models again.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_NAME = re.compile(
    r"(?:`[^`]+`|[\w-]+)\s*\.\s*`?information_schema`?\s*\.\s*`?(?P<table>\w+)`?", re.IGNORECASE
)
_CATALOG = re.compile(r"\b(?:table_catalog|catalog_name)\s*=\s*'(?P<name>[^']*)'", re.IGNORECASE)
_TABLE = "table_catalog string, table_schema string, table_name string"
_TAG = "catalog_name string, schema_name string, table_name string, tag_name string, tag_value string"
_KEY = "constraint_catalog string, constraint_schema string, constraint_name string"
_COLUMNS = {
    "tables": f"{_TABLE}, table_type string, data_source_format string, table_owner string, comment string, "
    "last_altered timestamp",
    "views": f"{_TABLE}, view_definition string",
    "columns": f"{_TABLE}, column_name string, ordinal_position int, full_data_type string, "
    "is_nullable string, comment string",
    "row_filters": f"{_TABLE}, filter_name string, target_columns string",
    "column_masks": f"{_TABLE}, column_name string, mask_name string, using_columns string",
    "table_tags": _TAG,
    "column_tags": f"{_TAG}, column_name string",
    "table_constraints": f"{_TABLE}, {_KEY}, constraint_type string",
    "key_column_usage": f"{_TABLE}, {_KEY}, column_name string, ordinal_position int",
    "referential_constraints": f"{_KEY}, unique_constraint_catalog string, unique_constraint_schema string, "
    "unique_constraint_name string",
}

Get = Callable[..., Any]


class InformationSchema:
    """Answers statements on `information_schema` with the workspace's Unity Catalog.

    Args:
        get: `get(kind, **query)` returns the answer of the Unity Catalog API.
    """

    def __init__(self, get: Get) -> None:
        self._get = get

    def answered(self, spark: "SparkSession", statement: str) -> str:
        """Return a statement with temporary views in place of tables of `information_schema`.

        Raises:
            LookupError: the statement reads another table of it, or does not name its catalog.
        """
        for table in {found["table"].lower() for found in _NAME.finditer(statement)}:
            catalog = _CATALOG.search(statement)
            if table not in _COLUMNS or catalog is None:
                raise LookupError(f"the local workspace has no information_schema.{table} for this statement")
            rows = list(self._rows(table, catalog["name"]))
            spark.createDataFrame(rows, _COLUMNS[table]).createOrReplaceTempView(_view(table))
        return _NAME.sub(lambda found: _view(found["table"].lower()), statement)

    def _rows(self, table: str, catalog: str) -> Iterator[tuple[Any, ...]]:
        if table not in ("tables", "views", "columns"):
            return
        for each in self._tables(catalog, columns=table == "columns"):
            name = (catalog, each["schema_name"], each["name"])
            is_view = each.get("table_type") == "VIEW"
            if table == "columns":
                for column in each.get("columns") or ():
                    nullable = "NO" if column.get("nullable") is False else "YES"
                    described = (column["name"], column.get("position"), column.get("type_text"), nullable)
                    yield *name, *described, column.get("comment")
            elif table == "tables":
                kind, form = "VIEW" if is_view else "MANAGED", each.get("data_source_format") or ""
                changed = datetime.fromtimestamp((each.get("updated_at") or 0) / 1000, UTC)
                yield *name, kind, form, each.get("owner"), each.get("comment"), changed
            elif is_view:
                yield *name, each.get("view_definition")

    def _tables(self, catalog: str, *, columns: bool) -> Iterator[Any]:
        short = {} if columns else {"omit_columns": "true"}
        for schema in self._get("schemas", catalog_name=catalog).get("schemas") or ():
            found = self._get("tables", catalog_name=catalog, schema_name=schema["name"], **short)
            yield from found.get("tables") or ()


def _view(table: str) -> str:
    return f"information_schema_{table}"
