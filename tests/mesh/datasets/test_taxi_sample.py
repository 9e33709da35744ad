"""The generated sample of trips."""

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
    taxi_sample.write_sample(file, trips=5_000)
    with file.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_seed_decides_on_the_file(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("one", "two", "three")]
    for file, seed in zip(files, (1, 1, 2), strict=True):
        taxi_sample.write_sample(file, trips=50, seed=seed)
    one, two, three = (file.read_bytes() for file in files)
    assert one == two
    assert one != three


def test_trips_begin_in_every_borough_and_in_both_unknown_zones(trips: list[dict[str, str]]) -> None:
    boroughs = {str(zone.location_id): zone.borough for zone in read_zones()}
    counts = Counter(boroughs[trip["PULocationID"]] for trip in trips)
    assert set(counts) == set(taxi_sample.BOROUGHS)


def test_a_total_is_the_sum_of_its_amounts(trips: list[dict[str, str]]) -> None:
    amounts = (
        "fare_amount",
        "extra",
        "mta_tax",
        "tip_amount",
        "tolls_amount",
        "improvement_surcharge",
        "congestion_surcharge",
    )
    wrong = [
        trip
        for trip in trips
        if sum(Decimal(trip[amount]) for amount in amounts) != Decimal(trip["total_amount"])
    ]
    assert wrong == []


def test_a_refund_follows_its_trip(trips: list[dict[str, str]]) -> None:
    refunds = [i for i, trip in enumerate(trips) if Decimal(trip["total_amount"]) < 0]
    assert refunds
    for i in refunds:
        trip, refund = trips[i - 1], trips[i]
        assert refund["tpep_pickup_datetime"] == trip["tpep_pickup_datetime"]
        assert Decimal(refund["total_amount"]) == Decimal(trip["tip_amount"]) - Decimal(trip["total_amount"])


def test_some_trips_have_no_passenger_count(trips: list[dict[str, str]]) -> None:
    assert "" in {trip["passenger_count"] for trip in trips}
