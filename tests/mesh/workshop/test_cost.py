"""The estimated cost of a workshop, to the cent."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest

from mesh.errors import UsageError
from mesh.workshop.cost import CostLine, estimate, parse_hours
from mesh.workshop.limits import LimitsFile, WarehouseFile
from mesh.workshop.prices import FILE, read_prices

FILLED = """\
currency: EUR
dbu: {sql: 0.70, jobs: 0.15, pipelines: 0.36, all_purpose: 0.55}
machine_hour: 0.30
use: {warehouse: 0.5, jobs: 0.25, pipelines: 0.1, all_purpose: 0.25}
warehouse_dbus: {2X-Small: 4, Small: 12}
"""
WAREHOUSE = WarehouseFile(size="2X-Small", max_clusters=2, auto_stop_minutes=10)
LIMITS = LimitsFile(max_workers=2, auto_termination_minutes=30, dbus_per_hour=20)


@dataclass(frozen=True)
class Workshop:
    students: tuple[str, ...] = ("",) * 30
    warehouse: WarehouseFile = field(default_factory=lambda: WAREHOUSE)
    limits: LimitsFile = field(default_factory=lambda: LIMITS)


def written(root: Path, text: str) -> Path:
    """A repository with this prices.yml."""
    (root / FILE).parent.mkdir(parents=True)
    (root / FILE).write_text(text)
    return root


def money(item: str, expected: str, limit: str) -> CostLine:
    return CostLine(item, Decimal(expected), Decimal(limit))


def test_a_class_of_thirty_for_a_day(tmp_path: Path) -> None:
    """Thirty students with three machines at 0.30 and 20 DBUs per hour, and a warehouse of 4 DBUs per cluster."""
    result = estimate(Workshop(), read_prices(written(tmp_path, FILLED), "2X-Small"), Decimal(8))

    assert result.lines == (
        money("SQL warehouse, 2X-Small", "11.20", "45.73"),
        money("clusters of jobs", "234.00", "936.00"),
        money("clusters of pipelines", "194.40", "1944.00"),
        money("clusters that students start", "714.00", "3034.50"),
    )
    assert result.total == money("in total", "1153.60", "5960.23")
    assert result.per_student == money("per student", "38.45", "198.67")
    assert (result.currency, result.hours, result.students) == ("EUR", Decimal(8), 30)


def test_half_hours_and_the_idle_time_of_the_warehouse_count(tmp_path: Path) -> None:
    warehouse = WarehouseFile(size="Small", max_clusters=1, auto_stop_minutes=30)
    prices = read_prices(written(tmp_path, FILLED), "Small")
    result = estimate(Workshop(students=(), warehouse=warehouse), prices, Decimal("7.5"))

    assert result.lines[0] == money("SQL warehouse, Small", "31.50", "67.20")
    assert [one.limit for one in result.lines[1:]] == [Decimal("0.00")] * 3
    assert result.per_student.limit == Decimal("67.20")


def test_amounts_add_up_and_are_exact(tmp_path: Path) -> None:
    """A tenth is exact, unlike in binary floating point."""
    text = FILLED.replace("jobs: 0.15", "jobs: 0.1").replace("hour: 0.30", "hour: 0.1")
    limits = LimitsFile(max_workers=0, auto_termination_minutes=10, dbus_per_hour=1)
    result = estimate(
        Workshop(students=("",) * 3, limits=limits),
        read_prices(written(tmp_path, text), "2X-Small"),
        Decimal(1),
    )

    assert result.lines[1] == money("clusters of jobs", "0.15", "0.60")
    assert result.total.limit == sum(one.limit for one in result.lines)


def test_amounts_in_json_are_text(tmp_path: Path) -> None:
    result = estimate(Workshop(), read_prices(written(tmp_path, FILLED), "2X-Small"), Decimal(8)).as_json()

    assert result["lines"][-1] == {"what": "in total", "expected": "1153.60", "limit": "5960.23"}
    assert (result["currency"], result["hours"], result["students"]) == ("EUR", "8", 30)
    assert "discounts, taxes, and machines that the cloud bills by the full hour" in result["not_in_it"]


@pytest.mark.parametrize(("text", "number"), [("8", 8), ("7.5", Decimal("7.5")), ("10000", 10000)])
def test_a_number_of_hours_is_parsed(text: str, number: Decimal) -> None:
    assert parse_hours(text) == number


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "10001", "eight", "NaN", "Infinity", "1e999999999", "8" * 1000, "٨٨٨٨٨٨"]
)
def test_an_invalid_number_of_hours_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not a number of hours"):
        parse_hours(text)


def test_the_table_has_title_and_formatted_amounts(tmp_path: Path) -> None:
    from rich.console import Console

    console = Console(width=100, record=True, file=StringIO())
    result = estimate(Workshop(), read_prices(written(tmp_path, FILLED), "2X-Small"), Decimal(8))
    console.print(result.as_table())
    text = console.export_text()

    assert "30 students, 8 hours, in EUR" in text
    assert "1,153.60" in text
