"""The time or event that starts a job, as text.

Source: Databricks Jobs API, `schedule`, `trigger`, `triggers`, `continuous`; Databricks Pipelines API,
`trigger.cron`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from mesh.quartz.description import RUNS, in_words, next_runs, run_text

_OWN_BLOCK = ("schedule", "continuous")  # the other entries have the form of a `trigger`


def when(arguments: Mapping[str, Any]) -> str:
    """The start of a job or pipeline: `Thu at 16:00 (Europe/Brussels)`; "" where nothing starts it."""
    return "; ".join([*_started(arguments), *_several(arguments)])


def upcoming(arguments: Mapping[str, Any], after: datetime) -> str:
    """The next runs of the schedules that are not paused, in their zones; "" where there are none.

    Args:
        arguments: the arguments of a job or pipeline.
        after: the moment after which runs count.
    """
    found = {run for text, zone in _active(arguments) for run in next_runs(text, zone, after)}
    return ", ".join(run_text(run) for run in sorted(found)[:RUNS])


def _active(arguments: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The expressions and zones that start a job or pipeline."""
    blocks: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = [(_block(arguments, "schedule"), {})]
    trigger = _block(arguments, "trigger")
    blocks.append((_block(trigger, "cron"), trigger))
    several = arguments.get("triggers")
    blocks += [(_block(one, "schedule"), one) for one in (several if isinstance(several, list) else ())]
    for block, around in blocks:
        expression = block.get("quartz_cron_expression") or block.get("quartz_cron_schedule")
        if expression and not _is_paused(block) and not _is_paused(around):
            yield str(expression), str(block.get("timezone_id") or "UTC")


def _started(arguments: Mapping[str, Any]) -> list[str]:
    return [*_scheduled(arguments), *_triggered(arguments), *_continuous(arguments)]


def _several(arguments: Mapping[str, Any]) -> list[str]:
    """The entries of `triggers`: each has one block that says when, and its own pause status."""
    entries = arguments.get("triggers")
    found: list[str] = []
    for one in entries if isinstance(entries, list) else ():
        paused = {"pause_status": one.get("pause_status")}
        blocks = {name: {**_block(one, name), **paused} for name in _OWN_BLOCK if one.get(name)}
        found += _started(blocks or {"trigger": one})
    return found


def _block(arguments: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    blocks = arguments.get(name)
    first = blocks[0] if isinstance(blocks, list) and blocks else blocks
    return first if isinstance(first, Mapping) else {}


def _scheduled(arguments: Mapping[str, Any]) -> list[str]:
    schedule = _block(arguments, "schedule")
    if not schedule:
        return []
    return [_at_times(schedule.get("quartz_cron_expression"), schedule, schedule)]


def _at_times(expression: object, block: Mapping[str, Any], paused: Mapping[str, Any]) -> str:
    text = in_words(str(expression or ""))
    notes = [str(zone)] if (zone := block.get("timezone_id")) else []
    notes += ["paused"] if _is_paused(paused) else []
    return f"{text} ({', '.join(notes)})" if notes else text


def _triggered(arguments: Mapping[str, Any]) -> list[str]:
    trigger = _block(arguments, "trigger")
    if not trigger:
        return []
    if cron := _block(trigger, "cron"):  # of a pipeline
        return [_at_times(cron.get("quartz_cron_schedule"), cron, trigger)]
    if periodic := _block(trigger, "periodic"):
        number, unit = periodic.get("interval"), str(periodic.get("unit") or "").lower()
        return [f"every {number} {unit}{_paused(trigger)}"]
    if files := _block(trigger, "file_arrival"):
        return [f"when files arrive in {files.get('url')}{_paused(trigger)}"]
    if tables := _block(trigger, "table_update"):
        names = tables.get("table_names")
        subject = ", ".join(map(str, names)) if isinstance(names, list) else "a table"
        return [f"when {subject} changes{_paused(trigger)}"]
    return [f"on a trigger{_paused(trigger)}"]


def _continuous(arguments: Mapping[str, Any]) -> list[str]:
    if arguments.get("continuous") is True:  # of a pipeline
        return ["continuously"]
    continuous = _block(arguments, "continuous")
    return [f"continuously{_paused(continuous)}"] if continuous else []


def _is_paused(block: Mapping[str, Any]) -> bool:
    return block.get("pause_status") == "PAUSED"


def _paused(block: Mapping[str, Any]) -> str:
    return " (paused)" if _is_paused(block) else ""
