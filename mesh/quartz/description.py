"""A schedule for people: its times in words, and its next runs in its own zone."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice

from mesh.quartz.expression import Expression, parse
from mesh.quartz.field import QuartzError
from mesh.quartz.fires import fires
from mesh.quartz.words import words
from mesh.quartz.zone import zone

RUNS = 3


def in_words(text: str) -> str:
    """An expression in words; the expression itself if Quartz refuses it."""
    expression = _parsed(text)
    return words(expression) if expression else text


def next_runs(text: str, zone_name: str, after: datetime, count: int = RUNS) -> list[datetime]:
    """The next runs of a schedule, in its zone; none if Quartz refuses the expression.

    Args:
        text: the Quartz expression.
        zone_name: the name of the zone; Java takes GMT for an unknown one.
        after: the moment after which runs count.
        count: the largest number of runs.
    """
    expression, known = _parsed(text), zone(zone_name) or UTC
    found = fires(expression, known, after) if expression else iter(())
    return [moment.astimezone(known) for moment in islice(found, count)]


def run_text(moment: datetime) -> str:
    """A run as text: `2027-03-28 03:30+02:00`, with seconds where there are any."""
    return moment.isoformat(" ", "seconds" if moment.second else "minutes")


def _parsed(text: str) -> Expression | None:
    try:
        return parse(text)
    except QuartzError:
        return None
