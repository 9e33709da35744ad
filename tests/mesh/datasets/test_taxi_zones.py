"""The TLC's taxi zones."""

import csv
from collections import Counter
from pathlib import Path

from mesh.datasets.taxi_zones import read_zones

TAXIS = Path(__file__).parents[4] / "shared/data/taxis.csv"


def test_zones_are_numbered_without_gaps() -> None:
    assert [zone.location_id for zone in read_zones()] == list(range(1, 266))


def test_boroughs_have_the_tlcs_number_of_zones() -> None:
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


def test_zones_of_real_trips_have_the_trips_boroughs() -> None:
    boroughs = {zone.zone: zone.borough for zone in read_zones()}
    text = TAXIS.read_text(encoding="utf-8") if TAXIS.exists() else ""
    rows = list(csv.DictReader(text.splitlines()))
    pairs = {(row[f"{end}_zone"], row[f"{end}_borough"]) for row in rows for end in ("pickup", "dropoff")}
    assert {(zone, borough) for zone, borough in pairs if zone and boroughs.get(zone) != borough} == set()
