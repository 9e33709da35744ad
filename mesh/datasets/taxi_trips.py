"""Reads files of taxi trips into the columns of the curated table.

Two kinds of source are supported: the monthly files of yellow and green taxis from New York's Taxi and
Limousine Commission, in Parquet or CSV, of July 2016 or later, which have zone numbers; and a CSV file with
borough names (`pickup`, `total`, `pickup_borough`, …). If a file lacks a column, the column is null in the
table. Times are New York's local times.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mesh.datasets import taxi_zones
from mesh.errors import OutsideError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


@dataclass(frozen=True)
class TripColumn:
    """A column of the curated table.

    Args:
        name: its name.
        type: its Spark type.
        sources: its names in files, in lower case.
    """

    name: str
    type: str
    sources: tuple[str, ...]


MONEY = "decimal(10,2)"
# The columns of the TLC's data dictionary; derived columns come after these.
COLUMNS = (
    TripColumn("vendor_id", "int", ("vendorid",)),
    TripColumn("pickup_datetime", "timestamp", ("tpep_pickup_datetime", "lpep_pickup_datetime", "pickup")),
    TripColumn(
        "dropoff_datetime", "timestamp", ("tpep_dropoff_datetime", "lpep_dropoff_datetime", "dropoff")
    ),
    TripColumn("passenger_count", "int", ("passenger_count", "passengers")),
    TripColumn("trip_distance", "double", ("trip_distance", "distance")),
    TripColumn("rate_code_id", "int", ("ratecodeid",)),
    TripColumn("store_and_fwd_flag", "string", ("store_and_fwd_flag",)),
    TripColumn("pickup_location_id", "int", ("pulocationid",)),
    TripColumn("dropoff_location_id", "int", ("dolocationid",)),
    TripColumn("payment_type", "int", ("payment_type", "payment")),
    TripColumn("fare_amount", MONEY, ("fare_amount", "fare")),
    TripColumn("extra", MONEY, ("extra",)),
    TripColumn("mta_tax", MONEY, ("mta_tax",)),
    TripColumn("tip_amount", MONEY, ("tip_amount", "tip")),
    TripColumn("tolls_amount", MONEY, ("tolls_amount", "tolls")),
    TripColumn("improvement_surcharge", MONEY, ("improvement_surcharge",)),
    TripColumn("congestion_surcharge", MONEY, ("congestion_surcharge",)),
    TripColumn("total_amount", MONEY, ("total_amount", "total")),
    TripColumn("taxi_type", "string", ("color",)),
    TripColumn("pickup_borough", "string", ("pickup_borough",)),
    TripColumn("pickup_zone", "string", ("pickup_zone",)),
    TripColumn("dropoff_borough", "string", ("dropoff_borough",)),
    TripColumn("dropoff_zone", "string", ("dropoff_zone",)),
)
REQUIRED = ("pickup_datetime", "total_amount")
PAYMENTS = {"credit card": 1, "cash": 2, "no charge": 3, "dispute": 4}


def read_trips(spark: "SparkSession", file: Path) -> "DataFrame":
    """Reads the trips of a file with the columns of the curated table.

    Args:
        spark: a session; its server must be able to read the file.
        file: a `.parquet` file, else CSV with a header.

    Raises:
        OutsideError: the file has another format.
    """
    path = f"file://{file}"
    raw = spark.read.parquet(path) if file.suffix == ".parquet" else spark.read.csv(path, header=True)
    _check(file, raw.columns)
    trips = raw.selectExpr(*select_list(raw.columns))
    by_number = "pulocationid" in {name.lower() for name in raw.columns}
    return _with_months(_with_zones(spark, trips) if by_number else trips)


def _check(file: Path, columns: Sequence[str]) -> None:
    if missing := missing_columns(columns):
        raise OutsideError(
            f"{file} is not a supported file of taxi trips: it has no column {', no '.join(missing)} "
            f"(its columns: {', '.join(columns)})"
        )


def select_list(columns: Sequence[str]) -> tuple[str, ...]:
    """Returns an SQL expression with an alias for each column of the curated table.

    Args:
        columns: the column names of the file.
    """
    names = {name.lower(): name for name in columns}
    return tuple(f"{_expression(column, names)} AS {column.name}" for column in COLUMNS)


def missing_columns(columns: Iterable[str]) -> list[str]:
    """Names the required columns that are not among these columns; `a or b` for alternatives."""
    names = {name.lower() for name in columns}
    missing = [
        " or ".join(column.sources)
        for column in COLUMNS
        if column.name in REQUIRED and names.isdisjoint(column.sources)
    ]
    if names.isdisjoint({"pulocationid", "pickup_borough"}):
        missing.append("PULocationID or pickup_borough")
    return missing


def _expression(column: TripColumn, names: Mapping[str, str]) -> str:
    """The SQL expression of a column.

    Args:
        column: a column of the curated table.
        names: the column names of the file, by their lower case.
    """
    source = next((names[name] for name in column.sources if name in names), None)
    if column.name == "taxi_type" and source is None:
        return "'green'" if "lpep_pickup_datetime" in names else "'yellow'"
    if source is None:
        return f"CAST(NULL AS {column.type})"
    value = quote_identifier(source)
    if source.lower() == "payment":
        codes = " ".join(f"WHEN '{name}' THEN {code}" for name, code in PAYMENTS.items())
        return f"CAST(CASE {value} {codes} END AS {column.type})"
    if column.type == "int":  # counts are doubles in the TLC's Parquet files, text in its CSV files
        value = f"CAST({value} AS double)"
    return f"CAST({value} AS {column.type})"


def quote_identifier(name: str) -> str:
    """Quotes a name as an SQL identifier."""
    return "`" + name.replace("`", "``") + "`"


def _with_zones(spark: "SparkSession", trips: "DataFrame") -> "DataFrame":
    zones = spark.createDataFrame(
        [(zone.location_id, zone.borough or None, zone.zone or None) for zone in taxi_zones.read_zones()],
        "location_id int, borough string, zone string",
    )
    for end in ("pickup", "dropoff"):
        trips = (
            trips.drop(f"{end}_borough", f"{end}_zone")
            .join(
                zones.withColumnsRenamed({"location_id": f"{end}_location_id"}), f"{end}_location_id", "left"
            )
            .withColumnsRenamed({"borough": f"{end}_borough", "zone": f"{end}_zone"})
        )
    return trips.select(*(column.name for column in COLUMNS))


def _with_months(trips: "DataFrame") -> "DataFrame":
    from pyspark.sql import functions as F

    return trips.withColumns(
        {
            "trip_year": F.year("pickup_datetime"),
            "trip_month": F.date_format("pickup_datetime", "MM"),
        }
    )
