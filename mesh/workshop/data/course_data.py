"""The course's data: its files, by volume, and the tables that are created from them."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mesh.datasets import crimes_sample, taxi_sample, taxi_trips
from mesh.datasets.taxi_zones import read_zones
from mesh.workshop.data import crimes
from mesh.workshop.data.data_file import DataFile, file_in_memory
from mesh.workshop.data.public_files import PublicFiles
from mesh.workshop.data.tables import DataTable, SqlSource
from mesh.workshop.student import CATALOG
from mesh.workshop.workshop import DATA_SCHEMA, TRIPS_SCHEMA

# US Census Bureau, "2020 Census Redistricting Data", table P1
POPULATION: Mapping[str, int] = {
    "Bronx": 1_472_654,
    "Brooklyn": 2_736_074,
    "Manhattan": 1_694_251,
    "Queens": 2_405_464,
    "Staten Island": 495_747,
}
TAXI, CRIMES = "nyctaxi", "crimes"  # the volumes
_ZONES, _POPULATION = "reference/taxi_zones.csv", "reference/borough_population.csv"


@dataclass(frozen=True)
class CourseData:
    """The course's data.

    Args:
        volumes: the files of each volume, by the volume's path.
        tables: in order of creation.
    """

    volumes: Mapping[str, tuple[DataFile, ...]]
    tables: tuple[DataTable, ...]


def build_course_data(seed: int | None = None, public_files: PublicFiles | None = None) -> CourseData:
    """Returns the data to load.

    Args:
        seed: the seed of the samples; None for the default seeds.
        public_files: real files, which replace the samples of their kind.
    """
    zones, population = _reference_files()
    trips = (public_files and public_files.trips) or taxi_files(taxi_sample.SEED if seed is None else seed)
    reports = (public_files and public_files.crimes) or crime_files(
        crimes_sample.SEED if seed is None else seed
    )
    taxi_volume, crime_volume = volume_path(TAXI), volume_path(CRIMES)
    schema = f"{CATALOG}.{DATA_SCHEMA}"
    zone_table = DataTable(
        f"{schema}.taxi_zones", "The taxi zones of New York's TLC", taxi_volume, (zones,), _zones_query
    )
    tables = (
        zone_table,
        DataTable(
            f"{schema}.borough_population",
            "Inhabitants of New York's boroughs, census of 1 April 2020",
            taxi_volume,
            (population,),
            _population_query,
        ),
        DataTable(
            f"{CATALOG}.{TRIPS_SCHEMA}.yellow_taxi_trips_curated_sample",
            "Trips of New York's taxis",
            taxi_volume,
            trips,
            lambda sources: _trips_query(sources, zone_table.name),
            (zone_table,),
        ),
        DataTable(f"{schema}.crimes", "Crimes in Chicago", crime_volume, reports, crimes.crimes_query),
    )
    return CourseData({taxi_volume: (zones, population, *trips), crime_volume: reports}, tables)


def volume_path(name: str) -> str:
    """The path of one of the workshop's volumes."""
    return f"/Volumes/{CATALOG}/{DATA_SCHEMA}/{name}"


def taxi_files(seed: int) -> tuple[DataFile, ...]:
    """The sample of taxi trips from `mesh local data load`, with one file per month, like the TLC's files."""
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "sample.csv"
        taxi_sample.write_sample(whole, seed=seed)
        header, *rows = whole.read_text(encoding="utf-8").splitlines(keepends=True)
    pickup = taxi_sample.COLUMNS.index("tpep_pickup_datetime")
    months: dict[str, list[str]] = {}
    for row in rows:
        months.setdefault(row.split(",")[pickup][:7], []).append(row)
    return tuple(
        file_in_memory(
            f"trips/yellow_tripdata_{month}.csv",
            taxi_sample.COLUMNS,
            "".join((header, *months[month])).encode(),
        )
        for month in sorted(months)
    )


def crime_files(seed: int) -> tuple[DataFile, ...]:
    """The sample of crimes, with one file per year."""
    return tuple(
        file_in_memory(f"crimes_{year}.csv", crimes_sample.COLUMNS, crimes_sample.year_file(year, seed))
        for year in crimes_sample.YEARS
    )


def _reference_files() -> tuple[DataFile, DataFile]:
    zones = [(zone.location_id, zone.borough, zone.zone) for zone in read_zones()]
    return (
        _csv_file(_ZONES, ("location_id", "borough", "zone"), zones),
        _csv_file(_POPULATION, ("borough", "population"), POPULATION.items()),
    )


def _csv_file(name: str, columns: tuple[str, ...], rows: Iterable[Sequence[object]]) -> DataFile:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([columns, *rows])
    return file_in_memory(name, columns, text.getvalue().encode())


def _zones_query(sources: Sequence[SqlSource]) -> str:
    [source] = sources
    columns = "CAST(location_id AS int) AS location_id, borough, zone"
    return f"SELECT {columns} FROM {source.relation}"  # noqa: S608


def _population_query(sources: Sequence[SqlSource]) -> str:
    [source] = sources
    return f"SELECT borough, CAST(population AS bigint) AS population FROM {source.relation}"  # noqa: S608


def _trips_query(sources: Sequence[SqlSource], zones: str) -> str:
    """Selects the columns of the table that `mesh local data load` creates, in the same order."""
    rows = " UNION ALL ".join(_file_query(source) for source in sources)
    from_zones = {
        f"{end}_{field}": f"coalesce({end}_at.{field}, trip.{end}_{field}) AS {end}_{field}"
        for end in ("pickup", "dropoff")
        for field in ("borough", "zone")
    }
    columns = [from_zones.get(column.name, f"trip.{column.name}") for column in taxi_trips.COLUMNS]
    joins = " ".join(
        f"LEFT JOIN {zones} AS {end}_at ON trip.{end}_location_id = {end}_at.location_id"
        for end in ("pickup", "dropoff")
    )
    return (
        f"SELECT {', '.join(columns)}, year(trip.pickup_datetime) AS trip_year, "  # noqa: S608
        f"date_format(trip.pickup_datetime, 'MM') AS trip_month FROM ({rows}) AS trip {joins}"
    )


def _file_query(source: SqlSource) -> str:
    columns = ", ".join(taxi_trips.select_list(source.file.columns))
    return f"SELECT {columns} FROM {source.relation}"  # noqa: S608
