"""What the workshop's data is: its parts, by volume, and the tables that are made from them."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mesh.datasets import crimes_sample, taxi_trips
from mesh.datasets import taxi_sample as sample
from mesh.datasets.taxi_zones import read_zones
from mesh.workshop.data import crimes
from mesh.workshop.data.data_file import Part, made_up
from mesh.workshop.data.public_files import Published
from mesh.workshop.data.tables import Source, Table
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
class Content:
    """The workshop's data.

    Args:
        volumes: the parts in each volume, by its path.
        tables: in an order in which they can be made.
    """

    volumes: Mapping[str, tuple[Part, ...]]
    tables: tuple[Table, ...]


def content(seed: int | None = None, published: Published | None = None) -> Content:
    """Return what is to be loaded.

    Args:
        seed: of what is made up; None for the one that everybody has by default.
        published: real files, which take the place of what is made up in their kind.
    """
    zones, population = _reference()
    ride = (published and published.trips) or taxi_sample(sample.SEED if seed is None else seed)
    reports = (published and published.crimes) or crime_sample(crimes_sample.SEED if seed is None else seed)
    taxi, crime = volume(TAXI), volume(CRIMES)
    zone_table = Table(
        f"{CATALOG}.{DATA_SCHEMA}.taxi_zones", "The taxi zones of New York's TLC", taxi, (zones,), _zones
    )
    tables = (
        zone_table,
        Table(
            f"{CATALOG}.{DATA_SCHEMA}.borough_population",
            "Inhabitants of New York's boroughs, census of 1 April 2020",
            taxi,
            (population,),
            _inhabitants,
        ),
        Table(
            f"{CATALOG}.{TRIPS_SCHEMA}.yellow_taxi_trips_curated_sample",
            "Trips of New York's taxis",
            taxi,
            ride,
            lambda sources: _trips(sources, zone_table.name),
            (zone_table,),
        ),
        Table(f"{CATALOG}.{DATA_SCHEMA}.crimes", "Crimes in Chicago", crime, reports, crimes.query),
    )
    return Content({taxi: (zones, population, *ride), crime: reports}, tables)


def volume(name: str) -> str:
    """Where one of the workshop's volumes is."""
    return f"/Volumes/{CATALOG}/{DATA_SCHEMA}/{name}"


def taxi_sample(seed: int) -> tuple[Part, ...]:
    """The made-up trips of `mesh local data load`, a file for each month as the TLC has it."""
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "sample.csv"
        sample.write(whole, seed=seed)
        header, *rows = whole.read_text(encoding="utf-8").splitlines(keepends=True)
    began = sample.COLUMNS.index("tpep_pickup_datetime")
    months: dict[str, list[str]] = {}
    for row in rows:
        months.setdefault(row.split(",")[began][:7], []).append(row)
    return tuple(
        made_up(
            f"trips/yellow_tripdata_{month}.csv",
            sample.COLUMNS,
            "".join((header, *months[month])).encode(),
        )
        for month in sorted(months)
    )


def crime_sample(seed: int) -> tuple[Part, ...]:
    """The made-up crimes, a file for each year."""
    return tuple(
        made_up(f"crimes_{year}.csv", crimes_sample.COLUMNS, crimes_sample.year_file(year, seed))
        for year in crimes_sample.YEARS
    )


def _reference() -> tuple[Part, Part]:
    zones = [(one.location_id, one.borough, one.zone) for one in read_zones()]
    return (
        _small(_ZONES, ("location_id", "borough", "zone"), zones),
        _small(_POPULATION, ("borough", "population"), POPULATION.items()),
    )


def _small(name: str, columns: tuple[str, ...], rows: Iterable[Sequence[object]]) -> Part:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([columns, *rows])
    return made_up(name, columns, text.getvalue().encode())


def _zones(sources: Sequence[Source]) -> str:
    [one] = sources
    return f"SELECT CAST(location_id AS int) AS location_id, borough, zone FROM {one.relation}"  # noqa: S608


def _inhabitants(sources: Sequence[Source]) -> str:
    [one] = sources
    return f"SELECT borough, CAST(population AS bigint) AS population FROM {one.relation}"  # noqa: S608


def _trips(sources: Sequence[Source], zones: str) -> str:
    """The columns that `mesh local data load` makes, in its order."""
    rows = " UNION ALL ".join(_rides(one) for one in sources)
    places = {
        f"{end}_{what}": f"coalesce({end}_at.{what}, trip.{end}_{what}) AS {end}_{what}"
        for end in ("pickup", "dropoff")
        for what in ("borough", "zone")
    }
    columns = [places.get(one.name, f"trip.{one.name}") for one in taxi_trips.COLUMNS]
    joins = " ".join(
        f"LEFT JOIN {zones} AS {end}_at ON trip.{end}_location_id = {end}_at.location_id"
        for end in ("pickup", "dropoff")
    )
    return (
        f"SELECT {', '.join(columns)}, year(trip.pickup_datetime) AS trip_year, "  # noqa: S608
        f"date_format(trip.pickup_datetime, 'MM') AS trip_month FROM ({rows}) AS trip {joins}"
    )


def _rides(source: Source) -> str:
    return f"SELECT {', '.join(taxi_trips.select_list(source.part.columns))} FROM {source.relation}"  # noqa: S608
