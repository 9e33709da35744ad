"""A generated sample of taxi trips, with the columns and the typical errors of the TLC's files."""

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from mesh.datasets.taxi_zones import Zone, read_zones

SEED = 2019
TRIPS = 20_000
FIRST, LAST = datetime(2019, 1, 1), datetime(2019, 4, 1)

# Shares of the boroughs where trips begin. The empty borough is the TLC's zone 265 (outside of NYC), and
# `Unknown` is its zone 264.
BOROUGHS = {
    "Manhattan": 0.83,
    "Queens": 0.08,
    "Brooklyn": 0.055,
    "Bronx": 0.012,
    "Staten Island": 0.004,
    "EWR": 0.001,
    "Unknown": 0.01,
    "": 0.008,
}
REFUND_SHARE = 0.006
CREDIT_CARD, CASH, NO_CHARGE, DISPUTE = 1, 2, 3, 4

COLUMNS = (
    "VendorID",
    "tpep_pickup_datetime",
    "tpep_dropoff_datetime",
    "passenger_count",
    "trip_distance",
    "RatecodeID",
    "store_and_fwd_flag",
    "PULocationID",
    "DOLocationID",
    "payment_type",
    "fare_amount",
    "extra",
    "mta_tax",
    "tip_amount",
    "tolls_amount",
    "improvement_surcharge",
    "total_amount",
    "congestion_surcharge",
)


@dataclass(frozen=True)
class Fare:
    """The fare of a trip, in cents."""

    fare: int
    extra: int
    tax: int
    tip: int
    tolls: int
    improvement: int
    congestion: int

    @property
    def total(self) -> int:
        """The sum of all amounts."""
        return self.fare + self.extra + self.tax + self.tip + self.tolls + self.improvement + self.congestion

    def refund(self) -> "Fare":
        """The refund of the fare: negative amounts, without the tip."""
        return Fare(-self.fare, -self.extra, -self.tax, 0, -self.tolls, -self.improvement, -self.congestion)


def write_sample(file: Path, trips: int = TRIPS, seed: int = SEED) -> None:
    """Writes the sample; the same seed gives the same file.

    Args:
        file: the CSV file to write.
        trips: the number of trips, without refunds.
        seed: the seed of the random numbers.
    """
    chance = random.Random(seed)  # noqa: S311 - no secrets
    zones = _by_borough()
    with file.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(COLUMNS)
        for _ in range(trips):
            rows.writerows(_trip(chance, zones))


def _by_borough() -> dict[str, list[Zone]]:
    return {borough: [zone for zone in read_zones() if zone.borough == borough] for borough in BOROUGHS}


def _trip(chance: random.Random, zones: dict[str, list[Zone]]) -> Iterator[tuple[object, ...]]:
    """One trip, and its refund if it has one."""
    pickup = FIRST + timedelta(seconds=int(chance.random() * (LAST - FIRST).total_seconds()))
    borough, to_borough = chance.choices(tuple(BOROUGHS), tuple(BOROUGHS.values()), k=2)
    miles = min(0.4 + chance.expovariate(1 / (2.2 if borough == to_borough == "Manhattan" else 5.5)), 40.0)
    dropoff = pickup + timedelta(seconds=int(90 + miles * chance.uniform(180, 420)))
    paid_by = chance.choices((CREDIT_CARD, CASH, NO_CHARGE, DISPUTE), (0.70, 0.285, 0.01, 0.005))[0]
    fare = _fare(
        chance,
        pickup,
        miles,
        (dropoff - pickup).total_seconds(),
        paid_by,
        "Manhattan" in (borough, to_borough),
    )
    trip = (
        chance.choice((1, 2)),
        pickup,
        dropoff,
        "" if chance.random() < 0.01 else chance.choices((0, 1, 2, 3, 4, 5, 6), (2, 70, 15, 5, 2, 4, 2))[0],
        f"{miles:.2f}",
        1,
        "Y" if chance.random() < 0.005 else "N",
        chance.choice(zones[borough]).location_id,
        chance.choice(zones[to_borough]).location_id,
    )
    yield *trip, paid_by, *_dollars(fare)
    if chance.random() < REFUND_SHARE:
        yield *trip, DISPUTE, *_dollars(fare.refund())


def _fare(
    chance: random.Random, pickup: datetime, miles: float, seconds: float, paid_by: int, manhattan: bool
) -> Fare:
    """The fare by the taximeter of 2019: $2.50, and 50 cents per fifth of a mile or minute of waiting."""
    metered = 250 + 50 * int(miles * 5 + 0.2 * seconds / 60)
    rush = pickup.weekday() < 5 and 16 <= pickup.hour < 20
    night = pickup.hour >= 20 or pickup.hour < 6
    tolls = 576 if chance.random() < 0.04 else 0
    extra = 100 if rush else 50 if night else 0
    congestion = 250 if manhattan and pickup >= datetime(2019, 2, 2) else 0
    untipped = Fare(metered, extra, 50, 0, tolls, 30, congestion)
    tip = round(untipped.total * chance.choice((0, 0.15, 0.2, 0.2, 0.25))) if paid_by == CREDIT_CARD else 0
    return Fare(metered, extra, 50, tip, tolls, 30, congestion)


def _dollars(fare: Fare) -> tuple[str, ...]:
    cents = (
        fare.fare,
        fare.extra,
        fare.tax,
        fare.tip,
        fare.tolls,
        fare.improvement,
        fare.total,
        fare.congestion,
    )
    return tuple(f"{amount / 100:.2f}" for amount in cents)
