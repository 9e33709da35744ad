"""`python -m tests.bench`: measures, prints tables, and writes JSON and a chart."""

from __future__ import annotations

import argparse
import json
import os
import sys
from importlib import import_module
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.bench import synthesis
from tests.bench.chart import chart
from tests.bench.measured import Case, Figure, alternately
from tests.bench.synthesis import Size

PARTS = ("synthesis", "commands", "deployments", "plans", "bytes")


def main() -> None:
    """Measures the chosen parts."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(PARTS)}; all of them without a choice")
    parser.add_argument("--runs", type=int, default=5, help="the runs of each command (default: 5)")
    parser.add_argument(
        "--large",
        action="store_true",
        help=f"also a mesh of {synthesis.LARGE:,} flows; plans of 100 projects instead of 20",
    )
    parser.add_argument(
        "--old",
        type=Path,
        metavar="FOLDER",
        help="an older build with its .venv, whose plans are measured in turn",
    )
    parser.add_argument("--json", type=Path, default=Path("build/bench.json"), help="the figures")
    parser.add_argument(
        "--svg", type=Path, default=Path("build/bench.svg"), help="the chart of the synthesis"
    )
    options = parser.parse_args()
    chosen = options.parts or PARTS
    if unknown := sorted(set(chosen) - set(PARTS)):
        parser.error(f"unknown part {', '.join(unknown)} (choose from {', '.join(PARTS)})")
    console = Console()
    start = alternately([Case("starting Python", [sys.executable, "-c", "pass"], {})], 10)[0]
    console.print(f"load {os.getloadavg()[0]:.1f}; Python starts in {start.seconds:.3f} s")
    found: dict[str, object] = {"load": os.getloadavg(), "starting Python": start.plain()}
    if "synthesis" in chosen:
        measured = []
        for size in synthesis.sizes(
            (*synthesis.SIZES, *([synthesis.LARGE] if options.large else [])), options.runs
        ):
            console.print(_by_size(size))
            measured.append(size)
        found["synthesis"] = {one.flows: [figure.plain() for figure in one.figures] for one in measured}
        options.svg.parent.mkdir(parents=True, exist_ok=True)
        options.svg.write_text(chart(measured))
    for name in PARTS[1:-1]:
        if name in chosen:
            # imported late: the memory of a command counts from that of the process that starts it
            part = import_module(f"tests.bench.{name}")
            of_plans = {"large": options.large, "old": options.old} if name == "plans" else {}
            figures = list(part.figures(options.runs, **of_plans))
            console.print(_table(name, figures, start))
            found[name] = [one.plain() for one in figures]
    if "bytes" in chosen:
        found["bytes"] = written = dict(import_module("tests.bench.same_bytes").digests())
        for way, digest in written.items():
            console.print(f"{way}: {digest}")
        if len({*written.values()}) != 1:
            parser.exit(1, "the code depends on how it is written\n")
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps(found, indent=2) + "\n")
    console.print(f"load {os.getloadavg()[0]:.1f}; figures in {options.json}")


def _by_size(size: Size) -> Table:
    table = Table(
        "work",
        "seconds",
        f"times {synthesis.PLAIN}",
        "processor, seconds",
        "MB",
        title=f"{size.flows:,} flows",
    )
    for one in size.figures:
        ratio = size.ratio(one)
        table.add_row(
            one.what,
            _seconds(one),
            f"{ratio:.3f}" if ratio else "",
            f"{one.processor:.2f}",
            f"{one.megabytes:.0f}",
        )
    return table


def _table(title: str, figures: list[Figure], start: Figure) -> Table:
    table = Table("work", "seconds", "times starting Python", "processor, seconds", "MB", title=title)
    for one in figures:
        table.add_row(
            one.what,
            _seconds(one),
            f"{one.seconds / start.seconds:.0f}",
            f"{one.processor:.2f}",
            f"{one.megabytes:.0f}",
        )
    return table


def _seconds(one: Figure) -> str:
    """The median, and the fastest and slowest run."""
    return f"{one.seconds:.2f} ({one.fastest:.2f} to {one.slowest:.2f})"


if __name__ == "__main__":
    main()
