"""The table of Chicago's crimes, from files as the city publishes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from mesh.datasets.taxi_trips import quoted
from mesh.workshop.data.tables import Source

# City of Chicago, "Crimes - 2001 to Present", "Columns in this Dataset": its names in the API, and types that
# keep the zeros in front of codes, districts and beats.
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
_WRITTEN = "MM/dd/yyyy hh:mm:ss a"  # in the city's exports; its API says ISO 8601


def missing(columns: Iterable[str]) -> list[str]:
    """Return the columns that are not among these, as the city's files call them or its API does."""
    found = {_plain(name) for name in columns}
    return [name for name in COLUMNS if name not in found]


def query(sources: Sequence[Source]) -> str:
    """Return the SELECT that gives the crimes in all files."""
    return " UNION ALL ".join(_select(one) for one in sources)


def _select(source: Source) -> str:
    called = {_plain(name): quoted(name) for name in source.part.columns}
    columns = ", ".join(f"{_expression(called[name], type)} AS {name}" for name, type in COLUMNS.items())
    return f"SELECT {columns} FROM {source.relation}"  # noqa: S608


def _expression(column: str, type: str) -> str:
    if type == "timestamp":
        # what is written in neither way fails, rather than being lost
        return (
            f"coalesce(try_to_timestamp(CAST({column} AS string), '{_WRITTEN}'), CAST({column} AS timestamp))"
        )
    if type == "int":  # some exports write counts as 28.0
        return f"CAST(CAST({column} AS double) AS int)"
    return f"CAST({column} AS {type})"


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_")
