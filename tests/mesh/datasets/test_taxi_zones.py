"""The TLC's taxi zones."""

import csv
from collections import Counter
from pathlib import Path

from mesh.datasets.taxi_zones import read_zones

TAXIS = Path(__file__).parents[4] / "shared/data/taxis.csv"


def test_zones_are_numbered_without_gaps() -> None:
    assert [zone.location_id for zone in read_zones()] == list(range(1, 266))


def test_boroughs_have_as_many_zones_as_the_tlc_gives_them() -> None:
    assert Counter(zone.borough for zone in read_zones()) == {
        "Queens": 69,
        "Manhattan": 69,
        "Brooklyn": 61,
        "Bronx": 43,
        "Staten Island": 20,
        "EWR": 1,
        "Unknown": 1,
        "": 1,
    }


def test_zones_of_real_trips_lie_in_the_boroughs_that_the_trips_say() -> None:
    boroughs = {zone.zone: zone.borough for zone in read_zones()}
    text = TAXIS.read_text(encoding="utf-8") if TAXIS.exists() else ""
    rows = list(csv.DictReader(text.splitlines()))
    said = {(row[f"{end}_zone"], row[f"{end}_borough"]) for row in rows for end in ("pickup", "dropoff")}
    assert {(zone, borough) for zone, borough in said if zone and boroughs.get(zone) != borough} == set()
