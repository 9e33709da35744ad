"""The figures and the chart of `make bench`."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.bench.chart import chart
from tests.bench.measured import Case, Run, alternately, figure
from tests.bench.meshes import generated_bundle
from tests.bench.same_bytes import digests
from tests.bench.synthesis import PLAIN, Size


def test_a_figure_is_the_median_of_its_runs() -> None:
    made = figure("work", [Run(3, 2, 40), Run(1, 5, 60), Run(2, 4, 50)])

    assert (made.seconds, made.fastest, made.slowest, made.processor, made.megabytes) == (2, 1, 3, 4, 60)


def test_commands_run_in_turn_and_their_memory_and_time_are_known() -> None:
    prepared: list[str] = []
    cases = [
        Case(
            name,
            [sys.executable, "-c", "x = bytearray(60_000_000)"],
            {},
            prepare=lambda name=name: prepared.append(name),
        )  # type: ignore[misc]
        for name in ("a", "b")
    ]

    figures = alternately(cases, 2)

    assert prepared == ["a", "b", "a", "b"]
    assert all(one.megabytes > 60 and one.seconds > 0 and one.processor > 0 for one in figures)


def test_another_exit_code_ends_the_measurement() -> None:
    with pytest.raises(RuntimeError, match="work ended with 3: why"):
        alternately([Case("work", [sys.executable, "-c", "print('why'); raise SystemExit(3)"], {})], 1)


def test_the_chart_has_a_line_for_each_work_and_no_script() -> None:
    sizes = [
        Size(flows, [figure(PLAIN, [Run(flows / 100, 1, 1)]), figure("a < b", [Run(flows / 1000, 1, 1)])])
        for flows in (10, 100, 1000)
    ]

    text = chart(sizes)

    names = [element.tag.rpartition("}")[2] for element in ElementTree.fromstring(text).iter()]
    assert names.count("polyline") == 2
    assert "script" not in names
    assert re.search(r">a &lt; b<", text)
    assert sizes[0].ratio(sizes[0].figures[1]) == pytest.approx(0.1)


def test_the_bundle_has_the_jobs_and_schemas_of_the_mesh(tmp_path: Path) -> None:
    root = generated_bundle(tmp_path, 3)

    resources = json.loads((root / "databricks.yml").read_text())["resources"]
    paths = [
        task["notebook_task"]["notebook_path"] for job in resources["jobs"].values() for task in job["tasks"]
    ]
    assert len({*resources["jobs"], *resources["schemas"]}) == 6  # keys are unique in a bundle
    assert len(paths) == 12
    assert all((root / path).is_file() for path in paths)


def test_the_code_is_the_same_however_it_is_written() -> None:
    """`make bench` compares the same at 1,000 flows."""
    written = dict(digests(20))

    assert len(written) == 7
    assert len({*written.values()}) == 1
