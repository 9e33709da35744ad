"""`mesh ls --schedule`: the runs of all flows of an environment in one week."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from typing import TYPE_CHECKING, Any

from mesh.deployment.flow import FlowDeployment
from mesh.mesh import MeshDeployment
from mesh.model.schedule import schedules
from mesh.quartz.description import in_words
from mesh.quartz.expression import parse
from mesh.quartz.fires import fires
from mesh.quartz.zone import zone

if TYPE_CHECKING:
    from rich.tree import Tree

WEEK = timedelta(days=7)
# More runs than these are told in words; a job that runs each minute has 10,080
_MOST_RUNS = 28
_MOST_IN_JSON = 2000


@dataclass(frozen=True)
class ScheduledRuns:
    """The runs of one schedule.

    Args:
        path: the path of the flow.
        name: the name of the job or pipeline.
        expression: the Quartz expression.
        zone: the name of its zone.
        paused: true if the schedule rests in this environment.
        runs: the runs of the week, in the zone; the first 2,000 of them.
    """

    path: str
    name: str
    expression: str
    zone: str
    paused: bool
    runs: tuple[datetime, ...]


def timetable(deployed: MeshDeployment, now: datetime) -> list[ScheduledRuns]:
    """The runs of each schedule in the week after a moment.

    Args:
        deployed: the mesh in an environment.
        now: the moment.
    """
    flows = (flow for one in deployed.deployments for flow in one.flows)
    return [entry for flow in flows for entry in _of_flow(flow, now)]


def _of_flow(flow: FlowDeployment, now: datetime) -> Iterator[ScheduledRuns]:
    settings = [(job.name, job.settings) for job in flow.all_jobs]
    settings += [(pipeline.name, pipeline.settings) for pipeline in flow.pipelines]
    for name, fields in settings:
        for one in schedules(fields):
            known = zone(one.zone) or UTC
            week = takewhile(lambda run: run <= now + WEEK, fires(parse(one.expression), known, now))
            runs = tuple(run.astimezone(known) for run in islice(week, _MOST_IN_JSON))
            yield ScheduledRuns(flow.path, name, one.expression, one.zone, one.paused, runs)


def as_json(entries: Iterable[ScheduledRuns]) -> list[dict[str, Any]]:
    """One entry per schedule, for scripts."""
    return [
        {
            "path": one.path,
            "name": one.name,
            "quartz_cron_expression": one.expression,
            "timezone_id": one.zone,
            "in_words": in_words(one.expression),
            "paused": one.paused,
            "runs": [run.isoformat() for run in one.runs],
        }
        for one in entries
    ]


def as_trees(entries: Iterable[ScheduledRuns], name: str, now: datetime) -> Iterator[Tree]:
    """The runs by day, then what runs too often to list and what does not run, for terminals.

    Args:
        entries: the runs.
        name: the environment.
        now: the moment after which the runs are.
    """
    from rich.text import Text
    from rich.tree import Tree

    tree = Tree(Text.assemble((f"{name} · runs until {now + WEEK:%a %Y-%m-%d %H:%M} UTC", "bold")))
    known = list(entries)
    runs = sorted(
        ((run, one) for one in known if not one.paused and len(one.runs) <= _MOST_RUNS for run in one.runs),
        key=lambda pair: (pair[0], pair[1].path, pair[1].name),
    )
    groups: dict[str, list[Text]] = {}
    for run, one in runs:
        line = Text.assemble(
            f"{run:%H:%M:%S}".removesuffix(":00"), f" {one.zone}  ", (one.path, "cyan"), f"  {one.name}"
        )
        groups.setdefault(f"{run:%a %Y-%m-%d}", []).append(line)
    for one in known:
        if group := _group(one):
            text = f"{in_words(one.expression)} ({one.zone})"
            groups.setdefault(group, []).append(Text.assemble((one.path, "cyan"), f"  {one.name}  {text}"))
    for group, lines in groups.items():
        branch = tree.add(Text(group, "bold"))
        for line in lines:
            line.overflow = "fold"
            branch.add(line)
    if not groups:
        tree.add(Text("nothing has a schedule"))
    yield tree


def _group(one: ScheduledRuns) -> str:
    """The heading of a schedule whose runs are not listed; "" for others."""
    if one.paused:
        return "paused"
    if not one.runs:
        return "not in this week"
    return f"more than {_MOST_RUNS} runs" if len(one.runs) > _MOST_RUNS else ""
