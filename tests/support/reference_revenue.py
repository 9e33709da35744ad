"""The expected tables of the revenue flow, computed without Spark.

Uses csv, decimal and the rules of the notebooks.
"""

import csv
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]
FLOW = REPOSITORY / "orgs/acme/domains/transport/projects/taxinyc/flows/prep/revenue"
ZONES = REPOSITORY / "mesh/datasets/taxi_zones.csv"
CENT = Decimal("0.01")

Rows = list[dict[str, Any]]


def expected(trips: Path) -> dict[str, Rows]:
    """Return the rows of the flow's four tables, in the order in which the notebooks sort them.

    Args:
        trips: a CSV file of trips: the TLC's columns, or those of `taxis.csv` (boroughs by name).
    """
    by_month: dict[tuple[str, int, str], Decimal] = defaultdict(Decimal)
    for borough, began, amount in _trips(trips):
        by_month[borough, int(began[:4]), began[5:7]] += amount
    by_borough: dict[str, Decimal] = defaultdict(Decimal)
    for (borough, _, _), amount in by_month.items():
        by_borough[borough] += amount
    population = _population()
    inhabited = sorted(population, key=lambda one: (-by_borough.get(one, Decimal()) / population[one], one))
    return {
        "revenue_by_borough": [
            {"pickup_borough": borough, "amount": amount} for borough, amount in sorted(by_borough.items())
        ],
        "revenue_by_tripmonth": [
            {"pickup_borough": borough, "trip_year": year, "trip_month": month, "amount": amount}
            for (borough, year, month), amount in sorted(by_month.items())
        ],
        "borough_population": [
            {"borough": borough, "population": people} for borough, people in sorted(population.items())
        ],
        "revenue_per_inhabitant": [
            {
                "borough": borough,
                "population": population[borough],
                "amount": by_borough.get(borough, Decimal("0.00")),
                "revenue_per_inhabitant": (by_borough.get(borough, Decimal()) / population[borough]).quantize(
                    CENT, ROUND_HALF_UP
                ),
            }
            for borough in inhabited
        ],
    }


def _trips(trips: Path) -> list[tuple[str, str, Decimal]]:
    """Borough (`Unknown` if there is none), time of pickup as text, and amount of each trip."""
    with ZONES.open(encoding="utf-8", newline="") as stream:
        zones = {row["location_id"]: row["borough"] for row in csv.DictReader(stream)}
    with trips.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    if "total" in rows[0]:
        return [(row["pickup_borough"] or "Unknown", row["pickup"], _cents(row["total"])) for row in rows]
    return [
        (zones[row["PULocationID"]] or "Unknown", row["tpep_pickup_datetime"], _cents(row["total_amount"]))
        for row in rows
    ]


def _population() -> dict[str, int]:
    with (FLOW / "borough_population.csv").open(encoding="utf-8", newline="") as stream:
        return {row["borough"]: int(row["population"]) for row in csv.DictReader(stream)}


def _cents(dollars: str) -> Decimal:
    return Decimal(dollars).quantize(CENT, ROUND_HALF_UP)
