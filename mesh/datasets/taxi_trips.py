"""Files of taxi trips as the columns of the curated table.

Three kinds of file are read: the TLC's monthly files of yellow and green taxis (Parquet or CSV, since
July 2016, when places became zone numbers), and a CSV file with boroughs by name (`pickup`, `total`,
`pickup_borough`, …). A column that a file lacks is null in the table. Times are New York's, as written.
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
class Column:
    """A column of the curated table.

    Args:
        name: its name.
        type: its Spark type.
        sources: what files call it, in lower case.
    """

    name: str
    type: str
    sources: tuple[str, ...]


MONEY = "decimal(10,2)"
# What a file holds, by the TLC's data dictionary. Derived columns come after these.
COLUMNS = (
    Column("vendor_id", "int", ("vendorid",)),
    Column("pickup_datetime", "timestamp", ("tpep_pickup_datetime", "lpep_pickup_datetime", "pickup")),
    Column("dropoff_datetime", "timestamp", ("tpep_dropoff_datetime", "lpep_dropoff_datetime", "dropoff")),
    Column("passenger_count", "int", ("passenger_count", "passengers")),
    Column("trip_distance", "double", ("trip_distance", "distance")),
    Column("rate_code_id", "int", ("ratecodeid",)),
    Column("store_and_fwd_flag", "string", ("store_and_fwd_flag",)),
    Column("pickup_location_id", "int", ("pulocationid",)),
    Column("dropoff_location_id", "int", ("dolocationid",)),
    Column("payment_type", "int", ("payment_type", "payment")),
    Column("fare_amount", MONEY, ("fare_amount", "fare")),
    Column("extra", MONEY, ("extra",)),
    Column("mta_tax", MONEY, ("mta_tax",)),
    Column("tip_amount", MONEY, ("tip_amount", "tip")),
    Column("tolls_amount", MONEY, ("tolls_amount", "tolls")),
    Column("improvement_surcharge", MONEY, ("improvement_surcharge",)),
    Column("congestion_surcharge", MONEY, ("congestion_surcharge",)),
    Column("total_amount", MONEY, ("total_amount", "total")),
    Column("taxi_type", "string", ("color",)),
    Column("pickup_borough", "string", ("pickup_borough",)),
    Column("pickup_zone", "string", ("pickup_zone",)),
    Column("dropoff_borough", "string", ("dropoff_borough",)),
    Column("dropoff_zone", "string", ("dropoff_zone",)),
)
NEEDED = ("pickup_datetime", "total_amount")
PAYMENTS = {"credit card": 1, "cash": 2, "no charge": 3, "dispute": 4}


def read(spark: "SparkSession", file: Path) -> "DataFrame":
    """Return the trips of a file as the curated table has them.

    Args:
        spark: a session whose server sees the file.
        file: `.parquet`, else CSV with a header.

    Raises:
        OutsideError: the file is not one of the kinds that are read.
    """
    path = f"file://{file}"
    raw = spark.read.parquet(path) if file.suffix == ".parquet" else spark.read.csv(path, header=True)
    _check(file, raw.columns)
    trips = raw.selectExpr(*select_list(raw.columns))
    by_number = "pulocationid" in {name.lower() for name in raw.columns}
    return _with_months(_with_zones(spark, trips) if by_number else trips)


def _check(file: Path, columns: Sequence[str]) -> None:
    if lacking := missing(columns):
        raise OutsideError(
            f"{file} does not hold taxi trips in a known form: there is no column {', no '.join(lacking)} "
            f"(there are: {', '.join(columns)})"
        )


def select_list(columns: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of the curated table as SQL expressions on a file's, each with its name.

    Args:
        columns: what the file calls its columns.
    """
    found = {name.lower(): name for name in columns}
    return tuple(f"{_expression(column, found)} AS {column.name}" for column in COLUMNS)


def missing(columns: Iterable[str]) -> list[str]:
    """Return the columns that a file of trips needs and these do not have, in words."""
    found = {name.lower() for name in columns}
    lacking = [
        " or ".join(column.sources)
        for column in COLUMNS
        if column.name in NEEDED and found.isdisjoint(column.sources)
    ]
    if found.isdisjoint({"pulocationid", "pickup_borough"}):
        lacking.append("PULocationID or pickup_borough")
    return lacking


def _expression(column: Column, found: Mapping[str, str]) -> str:
    source = next((found[name] for name in column.sources if name in found), None)
    if column.name == "taxi_type" and source is None:
        return "'green'" if "lpep_pickup_datetime" in found else "'yellow'"
    if source is None:
        return f"CAST(NULL AS {column.type})"
    value = quoted(source)
    if source.lower() == "payment":
        codes = " ".join(f"WHEN '{name}' THEN {code}" for name, code in PAYMENTS.items())
        return f"CAST(CASE {value} {codes} END AS {column.type})"
    if column.type == "int":  # TLC's Parquet files hold counts as doubles, its CSV files as text
        value = f"CAST({value} AS double)"
    return f"CAST({value} AS {column.type})"


def quoted(name: str) -> str:
    """Return a name as SQL writes one that may hold anything."""
    return "`" + name.replace("`", "``") + "`"


def _with_zones(spark: "SparkSession", trips: "DataFrame") -> "DataFrame":
    known = spark.createDataFrame(
        [(zone.location_id, zone.borough or None, zone.zone or None) for zone in taxi_zones.read_zones()],
        "location_id int, borough string, zone string",
    )
    for end in ("pickup", "dropoff"):
        trips = (
            trips.drop(f"{end}_borough", f"{end}_zone")
            .join(
                known.withColumnsRenamed({"location_id": f"{end}_location_id"}), f"{end}_location_id", "left"
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
