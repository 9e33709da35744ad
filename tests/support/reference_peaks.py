"""The expected tables of the flow prep/peaks, computed without Spark.

Uses loops, decimal and the rules of the notebooks.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

# What prep/prices makes up: a price for each zone, times 1.4 in the morning and evening.
EUR_PER_MWH = {"NO1": 52, "NO2": 60, "NO3": 31, "NO4": 18, "NO5": 55}
RUSH = {7, 8, 9, 17, 18, 19}
FACTOR = Decimal("1.4")
CENT = Decimal("0.01")

Rows = list[dict[str, Any]]


def expected(dear: Decimal) -> dict[str, Rows]:
    """Return the rows of two of the flow's tables.

    Args:
        dear: EUR/MWh, from which an hour is dear.
    """
    peaks, report = Rows(), Rows()
    for zone, base in EUR_PER_MWH.items():
        prices = [Decimal(base) * (FACTOR if hour in RUSH else 1) for hour in range(24)]
        found = _in_a_row([hour for hour in range(24) if prices[hour] >= dear])
        for first, last in found:
            mean = _mean(prices[first : last + 1])
            peaks.append({"zone": zone, "first_hour": first, "last_hour": last, "eur_per_mwh": mean})
        hours = sum(last - first + 1 for first, last in found)
        daily = {"zone": zone, "mean": _mean(prices), "highest": max(prices)}
        report.append({**daily, "peaks": len(found), "dear_hours": hours})
    return {"peaks": peaks, "peak_report": report}


def _in_a_row(hours: list[int]) -> list[tuple[int, int]]:
    """Return the first and the last of hours that follow each other."""
    first = [hour for hour in hours if hour - 1 not in hours]
    last = [hour for hour in hours if hour + 1 not in hours]
    return list(zip(first, last, strict=True))


def _mean(prices: list[Decimal]) -> Decimal:
    return (sum(prices, Decimal()) / len(prices)).quantize(CENT, ROUND_HALF_UP)
