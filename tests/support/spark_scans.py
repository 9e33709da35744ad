"""What Spark's own plans scanned, from the event log of the local workspace (`MESH_SPARK_EVENTS`)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

Scans = dict[tuple[str, str], dict[str, set[str]]]
"""The columns of each table, by the names of job and task."""

_SCAN = re.compile(r"FileScan parquet ([^\s\[]+)\[([^\]]*)\]")
_STARTED = "org.apache.spark.sql.execution.ui.SparkListenerSQLExecutionStart"


def scans(log: Path) -> Scans:
    """The columns of tables that the queries of each task scanned."""
    found: Scans = {}
    with log.open(encoding="utf-8") as lines:
        for line in lines:
            if _STARTED not in line[:200]:
                continue
            event = json.loads(line)
            for task in _tasks(event):
                touched = found.setdefault(task, {})
                for node in _nodes(event["sparkPlanInfo"]):
                    if scan := _SCAN.match(node["simpleString"]):
                        names = (name.partition("#")[0] for name in scan[2].split(",") if name)
                        touched.setdefault(_table(scan[1]), set()).update(names)
    return found


def _tasks(event: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for tag in event.get("jobTags", ()):
        _, found, task = tag.partition("_Tag_")
        if found:
            job, _, key = unquote(task).rpartition("/")
            yield job, key


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for child in plan["children"]:
        yield from _nodes(child)


def _table(name: str) -> str:
    return name.replace("`", "").removeprefix("spark_catalog.").lower()
