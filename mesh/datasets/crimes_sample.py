"""A made-up sample of Chicago's crimes, in the columns of the city's own file and with the dirt that it has.

Source: City of Chicago, "Crimes - 2001 to Present": its columns, its way to write dates and blocks, the zeros
in front of its codes. Nothing in it happened; shares are near those of the real reports.
"""

import csv
import io
import random
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import accumulate
from math import cos, radians
from pathlib import Path

from mesh.datasets.state_plane import coordinates

SEED = 2019
YEARS = (2019, 2020, 2021, 2022, 2023)
REPORTS = 4_000  # a year

COLUMNS = (
    "ID",
    "Case Number",
    "Date",
    "Block",
    "IUCR",
    "Primary Type",
    "Description",
    "Location Description",
    "Arrest",
    "Domestic",
    "Beat",
    "District",
    "Ward",
    "Community Area",
    "FBI Code",
    "X Coordinate",
    "Y Coordinate",
    "Year",
    "Updated On",
    "Latitude",
    "Longitude",
    "Location",
)

_DATE = "%m/%d/%Y %I:%M:%S %p"
_ENTITIES = {
    "home": ("RESIDENCE", "APARTMENT", "RESIDENCE - PORCH / HALLWAY", "RESIDENCE - GARAGE"),
    "shop": ("SMALL RETAIL STORE", "DEPARTMENT STORE", "GROCERY FOOD STORE", "RESTAURANT", "GAS STATION"),
    "street": ("STREET", "STREET", "SIDEWALK", "ALLEY", "PARKING LOT / GARAGE (NON RESIDENTIAL)"),
}
_ENTITIES["any"] = (
    *_ENTITIES["home"],
    *_ENTITIES["shop"],
    *_ENTITIES["street"],
    "CTA TRAIN",
    "SCHOOL - PUBLIC BUILDING",
    "PARK PROPERTY",
)
_NORTH_SOUTH = (
    "STATE ST",
    "HALSTED ST",
    "ASHLAND AVE",
    "WESTERN AVE",
    "KEDZIE AVE",
    "PULASKI RD",
    "CLARK ST",
)
_EAST_WEST = ("MADISON ST", "CHICAGO AVE", "NORTH AVE", "ROOSEVELT RD", "47TH ST", "79TH ST", "DEVON AVE")
# Reports by hour of the day: fewest before dawn, most at noon and midnight, when the hour is not known.
_HOURS = (56, 36, 32, 27, 21, 19, 22, 30, 38, 44, 45, 46, 58, 48, 50, 54, 54, 55, 56, 54, 52, 49, 49, 42)
_MONTHS = (77, 68, 79, 79, 88, 90, 94, 93, 88, 87, 80, 77)
_CENTRE = 41.8819, -87.6278  # State and Madison, where house numbers begin
_MILES = 69.0  # in a degree of latitude
_NUMBERS = 800  # house numbers in a mile
_SPREAD = 0.009  # degrees around the middle of a district
_NO_ENTITY, _NO_AREA, _NO_PLACE, _TWO_VICTIMS = 0.004, 0.008, 0.012, 0.1


@dataclass(frozen=True)
class Kind:
    """A kind of offence, by the state's code.

    Args:
        codes: IUCR code, primary type, description.
        fbi: the FBI's code.
        share: how often it is reported, beside the others'.
        arrested: how often it leads to an arrest, 0 to 1.
        domestic: how often it is among people who live together, 0 to 1.
        entities: where it happens.
    """

    codes: tuple[str, str, str]
    fbi: str
    share: float
    arrested: float
    domestic: float
    entities: tuple[str, ...]


@dataclass(frozen=True)
class District:
    """A police district.

    Args:
        number: 1 to 25.
        middle: latitude and longitude.
        share: of all reports, beside the others'.
        areas: the community areas in it.
        wards: the wards in it.
    """

    number: int
    middle: tuple[float, float]
    share: float
    areas: tuple[str, ...]
    wards: tuple[str, ...]


def year_file(year: int, seed: int = SEED, reports: int = REPORTS) -> bytes:
    """Return the reports of a year as a CSV file; the same seed gives the same bytes.

    Args:
        year: 2019 or one near it.
        seed: of the random numbers.
        reports: how many, not counting the second victims of some murders.
    """
    chance = random.Random(seed * 10_000 + year)  # noqa: S311 - it makes up reports, not secrets
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for number in range(reports):
        rows.writerows(_report(chance, year, number))
    return text.getvalue().encode("ascii")


@cache
def kinds() -> tuple[Kind, ...]:
    """Return the kinds of offence."""
    return tuple(
        Kind(
            (row["iucr"], row["primary_type"], row["description"]),
            row["fbi_code"],
            float(row["share"]),
            float(row["arrested"]),
            float(row["domestic"]),
            _ENTITIES[row["place"]],
        )
        for row in _rows("crime_kinds.csv")
    )


@cache
def districts() -> tuple[District, ...]:
    """Return the police districts."""
    return tuple(
        District(
            int(row["district"]),
            (float(row["latitude"]), float(row["longitude"])),
            float(row["share"]),
            tuple(row["community_areas"].split()),
            tuple(row["wards"].split()),
        )
        for row in _rows("police_districts.csv")
    )


@cache
def _shares(those: tuple[Kind, ...] | tuple[District, ...]) -> tuple[float, ...]:
    return tuple(accumulate(one.share for one in those))


def _rows(name: str) -> list[dict[str, str]]:
    with Path(__file__).with_name(name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _report(chance: random.Random, year: int, number: int) -> Iterator[tuple[object, ...]]:
    """One report, and perhaps the second victim of it."""
    [kind] = chance.choices(kinds(), cum_weights=_shares(kinds()))
    [district] = chance.choices(districts(), cum_weights=_shares(districts()))
    when = _moment(chance, year)
    case = f"J{chr(ord('C') + year - 2019)}{100_000 + number * 97 % 899_999:06d}"
    middle, spread = district.middle, (_SPREAD, _SPREAD / cos(radians(district.middle[0])))
    latitude, longitude = (
        round(at + (chance.random() + chance.random() + chance.random() - 1.5) * wide * 2, 9)
        for at, wide in zip(middle, spread, strict=True)
    )
    beat = f"{district.number:02d}{chance.randint(1, 3)}{chance.randint(1, 3)}"
    entity = "" if chance.random() < _NO_ENTITY else chance.choice(kind.entities)
    arrest, domestic = chance.random() < kind.arrested, chance.random() < kind.domestic
    ward, area = chance.choice(district.wards), chance.choice(district.areas)
    if chance.random() < _NO_AREA:
        ward, area = "", ""
    place = _place(latitude, longitude) if chance.random() >= _NO_PLACE else ("",) * 5
    row = (
        case,
        when.strftime(_DATE),
        _block(chance, latitude, longitude),
        *kind.codes,
        entity,
        _word(arrest),
        _word(domestic),
        beat,
        f"{district.number:03d}",
        ward,
        area,
        kind.fbi,
        *place[:2],
        year,
        (when + timedelta(days=7 + chance.random() * 14, hours=chance.random())).strftime(_DATE),
        *place[2:],
    )
    # Records are numbered as they are entered, which is not the order of the file.
    identity = (year - 2008) * 1_000_000 + number * 7919 % 999_983
    yield identity, *row
    if kind.codes[1] == "HOMICIDE" and chance.random() < _TWO_VICTIMS:
        yield identity + 100_000_000, *row


def _moment(chance: random.Random, year: int) -> datetime:
    [month] = chance.choices(range(1, 13), _MONTHS)
    [hour] = chance.choices(range(24), _HOURS)
    minute = chance.choice((0, 0, 15, 30, 30, 45, *range(0, 60, 5)))
    day = chance.randint(1, monthrange(year, month)[1])
    return datetime(year, month, day, hour, minute)


def _block(chance: random.Random, latitude: float, longitude: float) -> str:
    """An address without its last two digits, by the city's grid."""
    north = (latitude - _CENTRE[0]) * _MILES * _NUMBERS
    east = (longitude - _CENTRE[1]) * _MILES * cos(radians(latitude)) * _NUMBERS
    if chance.random() < 0.5:
        along, side, street = north, "N" if north > 0 else "S", chance.choice(_NORTH_SOUTH)
    else:
        along, side, street = east, "E" if east > 0 else "W", chance.choice(_EAST_WEST)
    return f"{int(abs(along)) // 100:03d}XX {side} {street}"


def _place(latitude: float, longitude: float) -> tuple[object, ...]:
    return (*coordinates(latitude, longitude), latitude, longitude, f"({latitude}, {longitude})")


def _word(true: bool) -> str:
    return "true" if true else "false"
