"""A generated sample of crimes in Chicago, with the columns and the typical errors of the city's file.

Source: City of Chicago, "Crimes - 2001 to Present": its columns, the format of dates and blocks, the leading
zeros of codes. All reports are invented; the shares are near those of the real reports.
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
REPORTS = 4_000  # per year

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
_LOCATIONS = {
    "home": ("RESIDENCE", "APARTMENT", "RESIDENCE - PORCH / HALLWAY", "RESIDENCE - GARAGE"),
    "shop": ("SMALL RETAIL STORE", "DEPARTMENT STORE", "GROCERY FOOD STORE", "RESTAURANT", "GAS STATION"),
    "street": ("STREET", "STREET", "SIDEWALK", "ALLEY", "PARKING LOT / GARAGE (NON RESIDENTIAL)"),
}
_LOCATIONS["any"] = (
    *_LOCATIONS["home"],
    *_LOCATIONS["shop"],
    *_LOCATIONS["street"],
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
# Reports by hour of the day. The peaks at noon and midnight are reports without a known hour.
_HOURS = (56, 36, 32, 27, 21, 19, 22, 30, 38, 44, 45, 46, 58, 48, 50, 54, 54, 55, 56, 54, 52, 49, 49, 42)
_MONTHS = (77, 68, 79, 79, 88, 90, 94, 93, 88, 87, 80, 77)
_CENTRE = 41.8819, -87.6278  # State and Madison, the origin of house numbers
_MILES = 69.0  # per degree of latitude
_NUMBERS = 800  # house numbers per mile
_SPREAD = 0.009  # degrees around the centre of a district
# Shares of the reports without location description, area or coordinates, and of murders with two victims
_NO_LOCATION, _NO_AREA, _NO_COORDINATES, _TWO_VICTIMS = 0.004, 0.008, 0.012, 0.1


@dataclass(frozen=True)
class Offence:
    """An offence in the state's list.

    Args:
        codes: IUCR code, primary type, description.
        fbi: the FBI's code.
        share: its weight among all reports.
        arrest_share: the share of reports with an arrest, 0 to 1.
        domestic_share: the share of domestic incidents, 0 to 1.
        locations: the location descriptions where it happens.
    """

    codes: tuple[str, str, str]
    fbi: str
    share: float
    arrest_share: float
    domestic_share: float
    locations: tuple[str, ...]


@dataclass(frozen=True)
class District:
    """A police district.

    Args:
        number: 1 to 25.
        centre: latitude and longitude.
        share: its weight among all reports.
        areas: the community areas in it.
        wards: the wards in it.
    """

    number: int
    centre: tuple[float, float]
    share: float
    areas: tuple[str, ...]
    wards: tuple[str, ...]


def year_file(year: int, seed: int = SEED, reports: int = REPORTS) -> bytes:
    """Returns the reports of a year as a CSV file; the same seed gives the same bytes.

    Args:
        year: 2019 or a year near it.
        seed: the seed of the random numbers.
        reports: the number of reports, without the second victims of some murders.
    """
    chance = random.Random(seed * 10_000 + year)  # noqa: S311 - no secrets
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for number in range(reports):
        rows.writerows(_report(chance, year, number))
    return text.getvalue().encode("ascii")


@cache
def offences() -> tuple[Offence, ...]:
    """Returns the offences."""
    return tuple(
        Offence(
            (row["iucr"], row["primary_type"], row["description"]),
            row["fbi_code"],
            float(row["share"]),
            float(row["arrested"]),
            float(row["domestic"]),
            _LOCATIONS[row["place"]],
        )
        for row in _rows("offences.csv")
    )


@cache
def districts() -> tuple[District, ...]:
    """Returns the police districts."""
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
def _weights(choices: tuple[Offence, ...] | tuple[District, ...]) -> tuple[float, ...]:
    return tuple(accumulate(choice.share for choice in choices))


def _rows(name: str) -> list[dict[str, str]]:
    with Path(__file__).with_name(name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _report(chance: random.Random, year: int, number: int) -> Iterator[tuple[object, ...]]:
    """One report, and the report of its second victim if it has one."""
    [offence] = chance.choices(offences(), cum_weights=_weights(offences()))
    [district] = chance.choices(districts(), cum_weights=_weights(districts()))
    time = _time(chance, year)
    case = f"J{chr(ord('C') + year - 2019)}{100_000 + number * 97 % 899_999:06d}"
    centre, spread = district.centre, (_SPREAD, _SPREAD / cos(radians(district.centre[0])))
    latitude, longitude = (
        round(at + (chance.random() + chance.random() + chance.random() - 1.5) * wide * 2, 9)
        for at, wide in zip(centre, spread, strict=True)
    )
    beat = f"{district.number:02d}{chance.randint(1, 3)}{chance.randint(1, 3)}"
    location = "" if chance.random() < _NO_LOCATION else chance.choice(offence.locations)
    arrest, domestic = chance.random() < offence.arrest_share, chance.random() < offence.domestic_share
    ward, area = chance.choice(district.wards), chance.choice(district.areas)
    if chance.random() < _NO_AREA:
        ward, area = "", ""
    position = _position(latitude, longitude) if chance.random() >= _NO_COORDINATES else ("",) * 5
    row = (
        case,
        time.strftime(_DATE),
        _block(chance, latitude, longitude),
        *offence.codes,
        location,
        _boolean(arrest),
        _boolean(domestic),
        beat,
        f"{district.number:03d}",
        ward,
        area,
        offence.fbi,
        *position[:2],
        year,
        (time + timedelta(days=7 + chance.random() * 14, hours=chance.random())).strftime(_DATE),
        *position[2:],
    )
    # Records are numbered in the order of entry, which is not the order of the file.
    record_id = (year - 2008) * 1_000_000 + number * 7919 % 999_983
    yield record_id, *row
    if offence.codes[1] == "HOMICIDE" and chance.random() < _TWO_VICTIMS:
        yield record_id + 100_000_000, *row


def _time(chance: random.Random, year: int) -> datetime:
    [month] = chance.choices(range(1, 13), _MONTHS)
    [hour] = chance.choices(range(24), _HOURS)
    minute = chance.choice((0, 0, 15, 30, 30, 45, *range(0, 60, 5)))
    day = chance.randint(1, monthrange(year, month)[1])
    return datetime(year, month, day, hour, minute)


def _block(chance: random.Random, latitude: float, longitude: float) -> str:
    """An address in the city's grid, without its last two digits."""
    north = (latitude - _CENTRE[0]) * _MILES * _NUMBERS
    east = (longitude - _CENTRE[1]) * _MILES * cos(radians(latitude)) * _NUMBERS
    if chance.random() < 0.5:
        along, side, street = north, "N" if north > 0 else "S", chance.choice(_NORTH_SOUTH)
    else:
        along, side, street = east, "E" if east > 0 else "W", chance.choice(_EAST_WEST)
    return f"{int(abs(along)) // 100:03d}XX {side} {street}"


def _position(latitude: float, longitude: float) -> tuple[object, ...]:
    return (*coordinates(latitude, longitude), latitude, longitude, f"({latitude}, {longitude})")


def _boolean(value: bool) -> str:
    return "true" if value else "false"
