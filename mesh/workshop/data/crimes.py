"""The table of Chicago's crimes, created from the city's public files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mesh.datasets.taxi_trips import quote_identifier
from mesh.workshop.data.tables import SqlSource

# City of Chicago, "Crimes - 2001 to Present", "Columns in this Dataset": the names in the city's API. Codes,
# districts and beats are strings, to keep their leading zeros.
COLUMNS: Mapping[str, str] = {
    "id": "bigint",
    "case_number": "string",
    "date": "timestamp",
    "block": "string",
    "iucr": "string",
    "primary_type": "string",
    "description": "string",
    "location_description": "string",
    "arrest": "boolean",
    "domestic": "boolean",
    "beat": "string",
    "district": "string",
    "ward": "int",
    "community_area": "int",
    "fbi_code": "string",
    "x_coordinate": "int",
    "y_coordinate": "int",
    "year": "int",
    "updated_on": "timestamp",
    "latitude": "double",
    "longitude": "double",
    "location": "string",
}
_DATE_FORMAT = "MM/dd/yyyy hh:mm:ss a"  # in the city's exports; its API uses ISO 8601


def missing_columns(columns: Iterable[str]) -> list[str]:
    """Returns the columns of the table that a file lacks.

    Args:
        columns: the file's column names, as in the city's exports or in its API.
    """
    api_names = {_api_name(name) for name in columns}
    return [name for name in COLUMNS if name not in api_names]


def crimes_query(sources: Sequence[SqlSource]) -> str:
    """Returns the SELECT for the crimes in all files."""
    return " UNION ALL ".join(_select(source) for source in sources)


def _select(source: SqlSource) -> str:
    identifiers = {_api_name(name): quote_identifier(name) for name in source.file.columns}
    columns = ", ".join(f"{_expression(identifiers[name], type)} AS {name}" for name, type in COLUMNS.items())
    return f"SELECT {columns} FROM {source.relation}"  # noqa: S608


def _expression(column: str, type: str) -> str:
    if type == "timestamp":
        # any other format fails the query, so that no value is lost
        exported = f"try_to_timestamp(CAST({column} AS string), '{_DATE_FORMAT}')"
        return f"coalesce({exported}, CAST({column} AS timestamp))"
    if type == "int":  # some exports contain numbers like 28.0
        return f"CAST(CAST({column} AS double) AS int)"
    return f"CAST({column} AS {type})"


def _api_name(name: str) -> str:
    return name.strip().lower().replace(" ", "_")
