"""The made-up sample of trips."""

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from mesh.datasets import taxi_sample
from mesh.datasets.taxi_zones import read_zones


@pytest.fixture(scope="module")
def trips(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    file = tmp_path_factory.mktemp("sample") / "sample.csv"
    taxi_sample.write(file, trips=5_000)
    with file.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_the_same_seed_gives_the_same_file_and_another_one_another(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("one", "two", "three")]
    for file, seed in zip(files, (1, 1, 2), strict=True):
        taxi_sample.write(file, trips=50, seed=seed)
    one, two, three = (file.read_bytes() for file in files)
    assert one == two
    assert one != three


def test_every_borough_and_both_kinds_of_unknown_are_there(trips: list[dict[str, str]]) -> None:
    boroughs = {str(zone.location_id): zone.borough for zone in read_zones()}
    found = Counter(boroughs[trip["PULocationID"]] for trip in trips)
    assert set(found) == set(taxi_sample.BOROUGHS)


def test_a_total_is_the_sum_of_its_parts(trips: list[dict[str, str]]) -> None:
    parts = (
        "fare_amount",
        "extra",
        "mta_tax",
        "tip_amount",
        "tolls_amount",
        "improvement_surcharge",
        "congestion_surcharge",
    )
    wrong = [
        trip for trip in trips if sum(Decimal(trip[part]) for part in parts) != Decimal(trip["total_amount"])
    ]
    assert wrong == []


def test_a_refund_follows_the_trip_that_it_gives_back(trips: list[dict[str, str]]) -> None:
    refunds = [i for i, trip in enumerate(trips) if Decimal(trip["total_amount"]) < 0]
    assert refunds
    for i in refunds:
        trip, refund = trips[i - 1], trips[i]
        assert refund["tpep_pickup_datetime"] == trip["tpep_pickup_datetime"]
        assert Decimal(refund["total_amount"]) == Decimal(trip["tip_amount"]) - Decimal(trip["total_amount"])


def test_some_trips_do_not_say_how_many_rode(trips: list[dict[str, str]]) -> None:
    assert "" in {trip["passenger_count"] for trip in trips}
