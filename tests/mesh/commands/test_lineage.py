"""`mesh lineage` on this repository: what the code reads and writes is what its notebooks say in words."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path

import pytest

from mesh.lineage.lineage import Lineage, mesh_lineage
from mesh.load import load
from tests.support.command_line import run_mesh

ROOT = Path(__file__).resolve().parents[3]
# The first table of a notebook: | reads | `a` of the flow `b` | and | writes | `c`: `x`, `y` |
_ROW = re.compile(r"^(?:#|--) MAGIC \| (reads|writes|) ?\| (.*) \|$", re.MULTILINE)
_NAME = re.compile(r"`([\w.]+)`")


@pytest.fixture(scope="module")
def lineage() -> Lineage:
    return mesh_lineage(load(ROOT).in_environment("local", looking=True))


def told(text: str) -> tuple[set[str], dict[str, list[str]]]:
    """The tables that a notebook says it reads, and the columns of those that it says it writes."""
    reads: set[str] = set()
    writes: dict[str, list[str]] = {}
    kind = ""
    for label, cell in _ROW.findall(text):
        kind = label or kind
        table, colon, columns = cell.partition(":")
        if kind == "reads":
            named = _NAME.findall(cell.split(" of the flow")[0])
            reads |= {name.rpartition(".")[2] for name in named if not name.endswith(".csv")}
        elif kind == "writes" and colon:
            columns = re.split(r"[,;] (?!`)", columns)[0]
            writes[_NAME.findall(table)[0]] = _NAME.findall(columns)
    return reads, writes


def notebooks() -> list[str]:
    """The notebooks of the flows that say what they read and write."""
    files = sorted(one for one in (ROOT / "orgs").glob("**/flows/**/*.*") if one.suffix in (".py", ".sql"))
    return [file.relative_to(ROOT).as_posix() for file in files if "| writes |" in file.read_text()]


@pytest.mark.parametrize("file", notebooks())
def test_the_lineage_of_a_notebook_is_what_it_says(file: str, lineage: Lineage) -> None:
    reads, writes = told((ROOT / file).read_text(encoding="utf-8"))

    found_writes = {
        one.table.name: [*one.relation.columns]
        for task in lineage.tasks
        for one in task.writes
        if one.place.file == file
    }
    found_reads = {
        one.table.name
        for task in lineage.tasks
        for one in task.reads
        if one.place.file == file and one.table in task.read
    }
    assert found_writes == writes
    assert found_reads == reads


def test_the_notebooks_are_found() -> None:
    """A moved folder must not empty the test above."""
    assert len(notebooks()) >= 12


def test_what_the_code_of_this_repository_does_not_tell(lineage: Lineage) -> None:
    assert {(gap.place.file.rpartition("/")[2], gap.why) for task in lineage.tasks for gap in task.gaps} == {
        ("validate.py", "the name of a column is only known when the code runs")
    }


def test_events_of_openlineage_are_written_as_a_whole(tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    file.write_text("old")

    done = run_mesh(["lineage", "--openlineage", str(file)], ROOT, dict(os.environ))
    refused = run_mesh(["lineage", "--openlineage", str(file / "x")], ROOT, dict(os.environ))

    found = [json.loads(line) for line in file.read_text().splitlines()]
    assert (done.returncode, refused.returncode) == (0, 3)
    assert done.stderr == f"wrote {len(found)} events to {file}\n"
    assert {one["job"]["name"].partition("/")[0] for one in found} == {"acme", "nordlys"}
    assert [one.name for one in tmp_path.iterdir()] == ["events.jsonl"]
    assert stat.S_ISREG(file.stat().st_mode)
