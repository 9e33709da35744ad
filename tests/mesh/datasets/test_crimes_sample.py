"""The generated sample of crimes: stable bytes, the formats of the city, plausible shares, typical errors."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import datetime

import pytest

from mesh.datasets import crimes_sample
from mesh.datasets.state_plane import coordinates
from mesh.workshop.data.data_file import file_in_memory

Row = dict[str, str]


@pytest.fixture(scope="module")
def reports() -> list[Row]:
    """The reports of one year."""
    return list(csv.DictReader(io.StringIO(crimes_sample.year_file(2020).decode())))


def checksum(content: bytes) -> str:
    return file_in_memory("", (), content).sha256[:16]


def test_a_seed_always_gives_the_same_bytes() -> None:
    assert checksum(crimes_sample.year_file(2019, seed=1, reports=100)) == "8b515ca8f77366ed"
    assert checksum(crimes_sample.year_file(2019, seed=2, reports=100)) == "30a66194227cd0c1"
    assert checksum(crimes_sample.year_file(2020, seed=1, reports=100)) == "653338a93e9d2a4d"


def test_crimes_have_the_columns_of_the_city() -> None:
    header = crimes_sample.year_file(2019, reports=0).decode()

    assert header == (
        "ID,Case Number,Date,Block,IUCR,Primary Type,Description,Location Description,Arrest,Domestic,Beat,"
        "District,Ward,Community Area,FBI Code,X Coordinate,Y Coordinate,Year,Updated On,Latitude,Longitude,"
        "Location\n"
    )


def test_crimes_have_the_formats_of_the_city(reports: list[Row]) -> None:
    forms = {
        "ID": r"\d{8,9}",
        "Case Number": r"JD\d{6}",
        "Date": r"(0[1-9]|1[0-2])/\d\d/2020 (0[1-9]|1[0-2]):\d\d:00 [AP]M",
        "Block": r"\d{3}XX [NSEW] [A-Z0-9]+ (ST|AVE|RD)",
        "IUCR": r"\d{3}[0-9A-Z]",
        "Arrest": "true|false",
        "Domestic": "true|false",
        "Beat": r"\d{4}",
        "District": r"0\d\d",
        "Ward": r"\d*",
        "Community Area": r"\d*",
        "FBI Code": r"\d\d[AB]?",
        "X Coordinate": r"(1\d{6})?",
        "Y Coordinate": r"(1[89]\d{5})?",
        "Year": "2020",
        "Location": r"(\(4\d\.\d+, -87\.\d+\))?",
    }
    wrong = [
        (one[name], name)
        for one in reports
        for name, form in forms.items()
        if not re.fullmatch(form, one[name])
    ]

    assert wrong == []


def test_the_fields_of_a_report_are_consistent(reports: list[Row]) -> None:
    for one in reports:
        happened, updated = (
            datetime.strptime(one[name], "%m/%d/%Y %I:%M:%S %p") for name in ("Date", "Updated On")
        )
        assert happened < updated
        assert one["Beat"][:2] == one["District"][1:]
        assert bool(one["Latitude"]) == bool(one["X Coordinate"]) == bool(one["Location"])
        if one["Latitude"]:
            place = coordinates(float(one["Latitude"]), float(one["Longitude"]))
            assert place == (int(one["X Coordinate"]), int(one["Y Coordinate"]))


def test_shares_are_near_the_real_ones(reports: list[Row]) -> None:
    kinds = Counter(one["Primary Type"] for one in reports)
    share = {name: number / len(reports) for name, number in kinds.items()}
    arrested = sum(one["Arrest"] == "true" for one in reports) / len(reports)
    hours = Counter(one["Date"][11:13] + one["Date"][-2:] for one in reports)

    assert [name for name, _ in kinds.most_common(2)] == ["THEFT", "BATTERY"]
    assert 0.2 < share["THEFT"] < 0.28
    assert 0.1 < arrested < 0.25
    assert hours["12PM"] > 2 * hours["05AM"]
    assert len({one["District"] for one in reports}) == 22


def test_crimes_have_the_typical_errors(reports: list[Row]) -> None:
    for name, most in {"Ward": 0.02, "Latitude": 0.03, "Location Description": 0.01}.items():
        assert 0 < sum(not one[name] for one in reports) / len(reports) < most
    twice = [case for case, number in Counter(one["Case Number"] for one in reports).items() if number > 1]
    assert twice
    assert {one["Primary Type"] for one in reports if one["Case Number"] in twice} == {"HOMICIDE"}
    assert len({one["ID"] for one in reports}) == len(reports)
