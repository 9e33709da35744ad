"""`mesh workshop cost`: estimates the cost of a workshop before it is deployed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Protocol

from mesh.errors import UsageError
from mesh.workshop.limits import LimitsFile, WarehouseFile
from mesh.workshop.prices import Prices

if TYPE_CHECKING:
    from rich.table import Table

_CENT = Decimal("0.01")
_MAX_HOURS = 10_000

NOT_INCLUDED = (
    "storage, network and the control plane of the cloud",
    "serverless jobs, notebooks and pipelines, model serving",
    "discounts, taxes, and machines that the cloud bills by the full hour",
    "more than one job or pipeline of a student at a time, which policies do not forbid",
)


class PricedWorkshop(Protocol):
    """The fields of a workshop that decide on its cost."""

    @property
    def students(self) -> Sequence[object]:
        """The students on the roster."""

    @property
    def warehouse(self) -> WarehouseFile:
        """The size of the class's SQL warehouse."""

    @property
    def limits(self) -> LimitsFile:
        """The limits of the compute that students may start."""


@dataclass(frozen=True)
class CostLine:
    """The cost of one kind of compute.

    Args:
        item: the kind of compute.
        expected: the cost with the usage in prices.yml.
        limit: the maximum cost that policies allow.
    """

    item: str
    expected: Decimal
    limit: Decimal


@dataclass(frozen=True)
class Estimate:
    """The estimated cost of a workshop.

    Args:
        currency: of all amounts.
        hours: the duration of the workshop.
        students: the number of students.
        lines: one per kind of compute; their sum is the total.
    """

    currency: str
    hours: Decimal
    students: int
    lines: tuple[CostLine, ...]

    @property
    def total(self) -> CostLine:
        """The sum of all lines."""
        expected = sum((line.expected for line in self.lines), Decimal(0))
        return CostLine("in total", expected, sum((line.limit for line in self.lines), Decimal(0)))

    @property
    def per_student(self) -> CostLine:
        """The total divided by the number of students."""
        total, number = self.total, Decimal(max(self.students, 1))
        return CostLine("per student", _cents(total.expected / number), _cents(total.limit / number))

    def as_json(self) -> dict[str, Any]:
        """The estimate as a JSON object; amounts are text, so that no digit is lost."""
        return {
            "currency": self.currency,
            "hours": str(self.hours),
            "students": self.students,
            "lines": [_json(line) for line in (*self.lines, self.per_student, self.total)],
            "not_in_it": list(NOT_INCLUDED),
        }

    def as_table(self) -> Table:
        """The estimate as a table for a terminal."""
        from rich.table import Table

        number = f"{self.students} student{'s' if self.students != 1 else ''}"
        table = Table(title=f"{number}, {self.hours} hours, in {self.currency}", title_justify="left")
        table.add_column("")
        for name in ("expected", "upper limit"):
            table.add_column(name, justify="right")
        for line in self.lines:
            table.add_row(line.item, f"{line.expected:,}", f"{line.limit:,}")
        table.add_section()
        for line in (self.per_student, self.total):
            table.add_row(line.item, f"{line.expected:,}", f"{line.limit:,}")
        return table


def estimate(workshop: PricedWorkshop, prices: Prices, hours: Decimal) -> Estimate:
    """Estimates the cost of a workshop.

    The expected cost: one cluster of the SQL warehouse, and for each student the largest cluster of each
    kind, for the share of the hours in prices.yml. The upper limit: all clusters of the warehouse and the
    same clusters of the students, for all hours and the idle time until warehouse and clusters stop.

    Args:
        workshop: the workshop.
        prices: from prices.yml.
        hours: the duration of the workshop.
    """
    return Estimate(
        prices.currency,
        hours,
        len(workshop.students),
        (_warehouse(workshop.warehouse, prices, hours), *_clusters(workshop, prices, hours)),
    )


def parse_hours(text: str) -> Decimal:
    """Parses a number of hours, such as `8` or `7.5`.

    Raises:
        UsageError: the text is not a valid number of hours.
    """
    try:
        number = Decimal(text) if len(text) <= len("10000.0000") else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not 0 < number <= _MAX_HOURS:
        raise UsageError(f"`{text[:40]}` is not a number of hours (write 8 or 7.5, at most {_MAX_HOURS:,})")
    return number


def _warehouse(warehouse: WarehouseFile, prices: Prices, hours: Decimal) -> CostLine:
    hourly = prices.warehouse_dbus * prices.dbu["sql"]
    until_stopped = hours + Decimal(warehouse.auto_stop_minutes) / 60
    limit = until_stopped * warehouse.max_clusters * hourly
    expected = hours * prices.use.warehouse * hourly
    return CostLine(f"SQL warehouse, {warehouse.size}", _cents(expected), _cents(limit))


def _clusters(workshop: PricedWorkshop, prices: Prices, hours: Decimal) -> list[CostLine]:
    limits, students = workshop.limits, len(workshop.students)
    machines = (1 + limits.max_workers) * prices.machine_hour
    idle_hours = Decimal(limits.auto_termination_minutes) / 60
    lines = []
    for item, kind, share, idle in (
        ("clusters of jobs", "jobs", prices.use.jobs, Decimal(0)),
        ("clusters of pipelines", "pipelines", prices.use.pipelines, Decimal(0)),
        ("clusters that students start", "all_purpose", prices.use.all_purpose, idle_hours),
    ):
        hourly = students * (limits.dbus_per_hour * prices.dbu[kind] + machines)
        lines.append(CostLine(item, _cents(hours * share * hourly), _cents((hours + idle) * hourly)))
    return lines


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)


def _json(line: CostLine) -> dict[str, str]:
    return {"what": line.item, "expected": str(line.expected), "limit": str(line.limit)}
