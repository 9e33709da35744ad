"""The schedules of a job or pipeline: Quartz expressions with their time zones.

Source: Databricks Jobs API, `CronSchedule`; Databricks Pipelines API, `CronTrigger`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from mesh.documents.document import Location
from mesh.finding import Finding, nearest
from mesh.model.entry import Entry
from mesh.quartz.expression import misread_parts, parse
from mesh.quartz.field import QuartzError
from mesh.quartz.remedies import misreading, refusal
from mesh.quartz.surprises import surprises
from mesh.quartz.zone import names, zone

# A pipeline without a zone runs in UTC
_ZONE = "UTC"
_ZONE_FIELD = "timezone_id"
_MOST_MISREAD = 3  # told of one expression
EXPRESSION_FIELDS = ("quartz_cron_expression", "quartz_cron_schedule")


@dataclass(frozen=True)
class Schedule:
    """A schedule.

    Args:
        expression: the Quartz expression.
        zone: the name of the time zone.
        paused: true if it does not start anything.
        at: the location of the expression in the document.
    """

    expression: str
    zone: str
    paused: bool
    at: Location

    @property
    def zone_at(self) -> Location:
        """The location of the time zone."""
        return (*self.at[:-1], _ZONE_FIELD)


def schedules(settings: Mapping[str, Any]) -> Iterator[Schedule]:
    """Yields the schedules of a job or pipeline that have an expression.

    Args:
        settings: the fields in the spelling of the API: `schedule`, `triggers`, and `trigger` of a pipeline.
    """
    blocks: list[tuple[Location, Any, Any]] = [(("schedule",), settings.get("schedule"), None)]
    trigger = settings.get("trigger")
    if isinstance(trigger, Mapping):
        blocks.append((("trigger", "cron"), trigger.get("cron"), trigger))
    triggers = settings.get("triggers")
    for index, one in enumerate(triggers if isinstance(triggers, list) else ()):
        if isinstance(one, Mapping):
            blocks.append((("triggers", index, "schedule"), one.get("schedule"), one))
    for at, block, around in blocks:
        for field in EXPRESSION_FIELDS if isinstance(block, Mapping) else ():
            if isinstance(text := block.get(field), str):
                paused = "PAUSED" in (block.get("pause_status"), (around or {}).get("pause_status"))
                yield Schedule(text, str(block.get(_ZONE_FIELD) or _ZONE), paused, (*at, field))


def check_schedules(entry: Entry) -> Iterator[Finding]:
    """Checks that Quartz accepts the schedules, reads them as they are written, and knows their zones."""
    document = entry.document
    for schedule in schedules(entry.declared.passed):
        try:
            expression = parse(schedule.expression)
        except QuartzError as error:
            yield document.finding("wrong-schedule", schedule.at, refusal(schedule.expression, error))
        else:
            for one in islice(misread_parts(expression), _MOST_MISREAD):
                yield document.finding("misread-schedule", schedule.at, misreading(one))
        if zone(schedule.zone) is None:
            near = nearest(schedule.zone, names(), "time zones") if "/" in schedule.zone else ""
            near = near if near.startswith("did") else "write a name such as Europe/Oslo, or UTC"
            message = f"`{schedule.zone[:60]}` is no time zone of Java, which would take GMT ({near})"
            yield document.finding("unknown-time-zone", schedule.zone_at, message)


def schedule_warnings(entry: Entry, now: datetime) -> Iterator[Finding]:
    """Warns of schedules that Quartz accepts, and that run never or otherwise than one expects.

    Args:
        entry: the job or pipeline, without findings.
        now: the moment from which its runs count.
    """
    for schedule in schedules(entry.declared.passed):
        known = zone(schedule.zone)
        if known is not None:
            for one in surprises(parse(schedule.expression), known, now):
                message = f"`{schedule.expression}` {one.message}"
                found = entry.document.finding(one.code, schedule.at, message)
                yield found.as_warning
