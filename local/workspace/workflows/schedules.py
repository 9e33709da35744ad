"""Schedules of jobs and pipelines, checked by the rules of Quartz, which runs them in Databricks."""

from collections.abc import Iterator
from typing import Any

from local.workspace.errors import invalid
from local.workspace.store import Json
from mesh.quartz.expression import parse, split
from mesh.quartz.field import QuartzError
from mesh.quartz.zone import zone


def check_schedules(settings: Json) -> None:
    """Check the schedules in the settings of a job or pipeline.

    Raises:
        DatabricksError: 400, Quartz refuses an expression, or Java does not know a time zone.
    """
    for place, block, field in _blocks(settings):
        expression, zone_name = block.get(field), block.get("timezone_id")
        if expression is not None:
            try:
                parse(str(expression))
            except QuartzError as error:
                raise invalid(f"{place}.{field} '{expression}' {_refusal(str(expression), error)}") from None
        if zone_name is not None and zone(str(zone_name)) is None:
            raise invalid(f"{place}.timezone_id '{zone_name}' is not a time zone")


def _refusal(expression: str, error: QuartzError) -> str:
    complete = len(split(expression)) in (6, 7)
    why = "is not" if complete else "does not have the 6 or 7 fields of"
    part = f" (in '{error.value}', position {max(error.offset, 0)})" if error.value else ""
    return f"{why} a Quartz expression: {error.message}{part}"


def _blocks(settings: Json) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The path, block and field of each expression."""
    trigger, triggers = settings.get("trigger"), settings.get("triggers")
    blocks: list[tuple[str, Any, str]] = [("schedule", settings.get("schedule"), "quartz_cron_expression")]
    if isinstance(trigger, dict):
        blocks.append(("trigger.cron", trigger.get("cron"), "quartz_cron_schedule"))
    for index, one in enumerate(triggers if isinstance(triggers, list) else ()):
        if isinstance(one, dict):
            blocks.append((f"triggers[{index}].schedule", one.get("schedule"), "quartz_cron_expression"))
    yield from ((place, block, field) for place, block, field in blocks if isinstance(block, dict))
