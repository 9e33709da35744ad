"""What a workshop may cost, to the cent."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest

from mesh.errors import MeshError, UsageError
from mesh.workshop.cost import Line, estimate, hours
from mesh.workshop.limits import LimitsFile, WarehouseFile
from mesh.workshop.prices import FILE, read_prices

ROOT = Path(__file__).resolve().parents[3]
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


def wrong(root: Path, size: str = "2X-Small") -> list[str]:
    """What is wrong with its prices."""
    with pytest.raises(MeshError) as raised:
        read_prices(root, size)
    return [f"{one.line}:{one.column} {one.code}: {one.message}" for one in raised.value.findings]


def money(what: str, expected: str, limit: str) -> Line:
    return Line(what, Decimal(expected), Decimal(limit))


def test_a_class_of_thirty_for_a_day(tmp_path: Path) -> None:
    """Thirty times three machines at 0.30 and 20 DBUs an hour, and 4 DBUs for each cluster of the warehouse."""
    made = estimate(Workshop(), read_prices(written(tmp_path, FILLED), "2X-Small"), Decimal(8))

    assert made.lines == (
        money("SQL warehouse, 2X-Small", "11.20", "45.73"),
        money("clusters of jobs", "234.00", "936.00"),
        money("clusters of pipelines", "194.40", "1944.00"),
        money("clusters of students' own", "714.00", "3034.50"),
    )
    assert made.total == money("in total", "1153.60", "5960.23")
    assert made.per_student == money("per student", "38.45", "198.67")
    assert (made.currency, made.hours, made.students) == ("EUR", Decimal(8), 30)


def test_half_an_hour_counts_and_so_does_the_time_until_the_warehouse_stops(tmp_path: Path) -> None:
    warehouse = WarehouseFile(size="Small", max_clusters=1, auto_stop_minutes=30)
    prices = read_prices(written(tmp_path, FILLED), "Small")
    made = estimate(Workshop(students=(), warehouse=warehouse), prices, Decimal("7.5"))

    assert made.lines[0] == money("SQL warehouse, Small", "31.50", "67.20")
    assert [one.limit for one in made.lines[1:]] == [Decimal("0.00")] * 3
    assert made.per_student.limit == Decimal("67.20")


def test_amounts_add_up_and_are_exact(tmp_path: Path) -> None:
    """A tenth is a tenth, which a machine's own numbers do not hold."""
    text = FILLED.replace("jobs: 0.15", "jobs: 0.1").replace("hour: 0.30", "hour: 0.1")
    limits = LimitsFile(max_workers=0, auto_termination_minutes=10, dbus_per_hour=1)
    made = estimate(
        Workshop(students=("",) * 3, limits=limits),
        read_prices(written(tmp_path, text), "2X-Small"),
        Decimal(1),
    )

    assert made.lines[1] == money("clusters of jobs", "0.15", "0.60")
    assert made.total.limit == sum(one.limit for one in made.lines)


def test_scripts_get_amounts_as_text(tmp_path: Path) -> None:
    made = estimate(Workshop(), read_prices(written(tmp_path, FILLED), "2X-Small"), Decimal(8)).as_json()

    assert made["lines"][-1] == {"what": "in total", "expected": "1153.60", "limit": "5960.23"}
    assert (made["currency"], made["hours"], made["students"]) == ("EUR", "8", 30)
    assert "discounts, taxes, and machines that the cloud bills by the full hour" in made["not_in_it"]


def test_the_file_that_comes_with_the_course_names_every_price_that_is_not_filled_in() -> None:
    lines = (ROOT / FILE).read_text().splitlines()
    at = {
        line.strip().partition(":")[0]: number
        for number, line in enumerate(lines, 1)
        if line.endswith(":") or ":  " in line
    }

    found = wrong(ROOT)

    kinds = ("sql", "jobs", "pipelines", "all_purpose")
    assert found == [
        f"{at['currency']}:1 missing-price: `currency` is not filled in (write what prices are in, for example EUR)",
        *(
            f"{at[kind]}:3 missing-price: `dbu.{kind}` is not filled in (write the price of one DBU)"
            for kind in kinds
        ),
        f"{at['machine_hour']}:1 missing-price: `machine_hour` is not filled in (write what the cloud takes for a machine)",
    ]


def test_the_file_that_comes_with_the_course_knows_the_dbus_of_every_size(tmp_path: Path) -> None:
    """As Databricks documents them: "Serverless DBU consumption by SKU"."""
    shipped = (ROOT / FILE).read_text()
    sizes = shipped[shipped.index("warehouse_dbus:") :]
    root = written(tmp_path, FILLED.partition("warehouse_dbus")[0] + sizes)

    known = {
        size: int(read_prices(root, size).warehouse_dbus)
        for size in (
            "2X-Small",
            "X-Small",
            "Small",
            "Medium",
            "Large",
            "X-Large",
            "2X-Large",
            "3X-Large",
            "4X-Large",
        )
    }

    assert [*known.values()] == [4, 6, 12, 24, 40, 80, 144, 272, 528]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("dbu: {sql: free, jobs: 1, pipelines: 1, all_purpose: 1}", "2:12 wrong-value: `free` is no number (write one as 0.55)"),
        ("dbu: {sql: true, jobs: 1, pipelines: 1, all_purpose: 1}", "2:12 wrong-value: `True` is no number (write one as 0.55)"),
        ("dbu: {sql: -1, jobs: 1, pipelines: 1, all_purpose: 1}", "2:12 wrong-value: `-1` is not between 0 and 1000000"),
        ("dbu: {sql: 1.0e+300, jobs: 1, pipelines: 1, all_purpose: 1}", "2:12 wrong-value: `1e+300` is not between 0 and 1000000"),
        ("dbu: {sqll: 1, jobs: 1, pipelines: 1, all_purpose: 1}", "2:7 unknown-field: unknown field `sqll` in dbu (did you mean `sql`?)"),
        ("use: {jobs: 1.5}", "4:13 wrong-value: `1.5` is more than all of the time (1 is all of it, 0.5 half)"),
        ("warehouse_dbus: {Huge: 4}", "5:24 wrong-value: `Huge` is no size of a warehouse (sizes: 2X-Large"),
    ],
)  # fmt: skip
def test_what_is_no_price_is_told_with_its_place(tmp_path: Path, line: str, found: str) -> None:
    field = line.partition(":")[0]
    text = "".join(f"{line}\n" if one.startswith(f"{field}:") else f"{one}\n" for one in FILLED.splitlines())

    assert any(one.startswith(found) for one in wrong(written(tmp_path, text)))


def test_a_size_that_the_table_does_not_have_is_missing(tmp_path: Path) -> None:
    assert wrong(written(tmp_path, FILLED), "Large") == [
        "5:17 missing-price: `warehouse_dbus.Large` is not filled in (write DBUs of one cluster of this size in an hour)"
    ]


def test_without_a_file_all_prices_are_missing(tmp_path: Path) -> None:
    assert len(wrong(tmp_path)) == 7


@pytest.mark.parametrize(("text", "number"), [("8", 8), ("7.5", Decimal("7.5")), ("10000", 10000)])
def test_hours_are_a_number(text: str, number: Decimal) -> None:
    assert hours(text) == number


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "10001", "eight", "NaN", "Infinity", "1e999999999", "8" * 1000, "٨٨٨٨٨٨"]
)
def test_what_is_no_number_of_hours_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no number of hours"):
        hours(text)


def test_the_table_is_for_people(tmp_path: Path) -> None:
    from rich.console import Console

    console = Console(width=100, record=True, file=StringIO())
    made = estimate(Workshop(), read_prices(written(tmp_path, FILLED), "2X-Small"), Decimal(8))
    console.print(made.as_table())
    text = console.export_text()

    assert "30 students, 8 hours, in EUR" in text
    assert "1,153.60" in text
