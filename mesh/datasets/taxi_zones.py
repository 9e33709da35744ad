"""The TLC's taxi zones: zone and borough of each LocationID."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("taxi_zones.csv")


@dataclass(frozen=True)
class Zone:
    """A zone in the TLC's lookup table.

    Args:
        location_id: 1 to 265.
        borough: empty for zone 265, outside of NYC; `Unknown` for zone 264.
        zone: the zone's name; empty for zone 264.
    """

    location_id: int
    borough: str
    zone: str


@cache
def read_zones() -> tuple[Zone, ...]:
    """Returns all zones, in order of their numbers."""
    with FILE.open(encoding="utf-8", newline="") as stream:
        return tuple(
            Zone(int(row["location_id"]), row["borough"], row["zone"]) for row in csv.DictReader(stream)
        )
