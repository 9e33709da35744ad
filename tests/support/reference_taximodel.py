"""The expected tables of ml/taximodel, computed without Spark and numpy.

Uses csv, crc32 and the rules of the notebooks.
"""

import csv
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from pathlib import Path
from statistics import fmean
from zlib import crc32

FEATURES = ("intercept", "trip_distance", "passenger_count", "rush_hour")


@dataclass(frozen=True)
class Trip:
    """The features and the fare of one trip.

    Args:
        features: in the order of FEATURES.
        fare: in dollars.
        held_out: True if the trip is not used for training.
    """

    features: tuple[float, ...]
    fare: float
    held_out: bool


@dataclass(frozen=True)
class Expected:
    """The expected contents of the flow's tables.

    Args:
        coefficients: by feature.
        validation: by column.
    """

    coefficients: dict[str, float]
    validation: dict[str, float]


def expected(file: Path) -> Expected:
    """The figures of the flow.

    Args:
        file: a CSV file of trips: the TLC's columns, or those of `taxis.csv`.
    """
    trips = list(_trips(file))
    seen = [trip for trip in trips if not trip.held_out]
    unseen = [trip for trip in trips if trip.held_out]
    weights = _least_squares(seen)
    mean = fmean(trip.fare for trip in seen)
    errors = [trip.fare - sum(w * x for w, x in zip(weights, trip.features, strict=True)) for trip in unseen]
    validation = {
        "trips": len(unseen),
        "rmse": sqrt(fmean(error**2 for error in errors)),
        "mae": fmean(map(abs, errors)),
        "baseline_rmse": sqrt(fmean((trip.fare - mean) ** 2 for trip in unseen)),
    }
    return Expected(dict(zip(FEATURES, weights, strict=True)), validation)


def _trips(file: Path) -> list[Trip]:
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    columns = ("pickup", "distance", "passengers", "fare")
    if "fare" not in rows[0]:
        columns = ("tpep_pickup_datetime", "trip_distance", "passenger_count", "fare_amount")
    told = [[row[column] for column in columns] for row in rows]
    return [_trip(*one) for one in told if float(one[3]) > 0 and float(one[1]) > 0]


def _trip(began: str, distance: str, passengers: str, fare: str) -> Trip:
    moment = datetime.fromisoformat(began)
    rush_hour = moment.weekday() < 5 and 16 <= moment.hour <= 19
    features = (1.0, float(distance), float(passengers or 1), float(rush_hour))
    return Trip(features, float(fare), crc32(f"{moment:%Y-%m-%d %H:%M:%S}".encode()) % 5 == 0)


def _least_squares(trips: list[Trip]) -> list[float]:
    """The weights with the least squares of errors: the normal equations, by elimination."""
    size = len(FEATURES)
    rows = [
        [sum(trip.features[i] * trip.features[j] for trip in trips) for j in range(size)]
        + [sum(trip.features[i] * trip.fare for trip in trips)]
        for i in range(size)
    ]
    for i in range(size):
        pivot = max(range(i, size), key=lambda row: abs(rows[row][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for j in range(size):
            if j != i:
                rows[j] = [a - rows[j][i] * b for a, b in zip(rows[j], rows[i], strict=True)]
    return [row[-1] for row in rows]
