"""`mesh workshop cost`: what a workshop may cost, before it is deployed."""

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
_LONGEST = 10_000  # hours

NOT_IN_IT = (
    "storage, network and the control plane of the cloud",
    "serverless jobs, notebooks and pipelines, model serving",
    "discounts, taxes, and machines that the cloud bills by the full hour",
    "more than one job or pipeline of a student at a time, which no policy forbids",
)


class Workshop(Protocol):
    """What is known of a workshop."""

    @property
    def students(self) -> Sequence[object]:
        """Those on the roster."""

    @property
    def warehouse(self) -> WarehouseFile:
        """How large the class's SQL warehouse is."""

    @property
    def limits(self) -> LimitsFile:
        """What students may start."""


@dataclass(frozen=True)
class Line:
    """What one kind of compute costs.

    Args:
        what: the kind.
        expected: what it costs when it is used as prices.yml expects.
        limit: what it costs at most, as far as policies limit it.
    """

    what: str
    expected: Decimal
    limit: Decimal


@dataclass(frozen=True)
class Estimate:
    """What a workshop may cost.

    Args:
        currency: of all amounts.
        hours: how long it takes.
        students: how many take part.
        lines: by kind of compute; their sum is the total.
    """

    currency: str
    hours: Decimal
    students: int
    lines: tuple[Line, ...]

    @property
    def total(self) -> Line:
        """All of it."""
        expected = sum((one.expected for one in self.lines), Decimal(0))
        return Line("in total", expected, sum((one.limit for one in self.lines), Decimal(0)))

    @property
    def per_student(self) -> Line:
        """The share of each student."""
        total, number = self.total, Decimal(max(self.students, 1))
        return Line("per student", _cents(total.expected / number), _cents(total.limit / number))

    def as_json(self) -> dict[str, Any]:
        """For scripts; amounts are text, so that nobody rounds them."""
        return {
            "currency": self.currency,
            "hours": str(self.hours),
            "students": self.students,
            "lines": [_json(one) for one in (*self.lines, self.per_student, self.total)],
            "not_in_it": list(NOT_IN_IT),
        }

    def as_table(self) -> Table:
        """For people."""
        from rich.table import Table

        number = f"{self.students} student{'s' if self.students != 1 else ''}"
        table = Table(title=f"{number}, {self.hours} hours, in {self.currency}", title_justify="left")
        table.add_column("")
        for name in ("expected", "upper limit"):
            table.add_column(name, justify="right")
        for one in self.lines:
            table.add_row(one.what, f"{one.expected:,}", f"{one.limit:,}")
        table.add_section()
        for one in (self.per_student, self.total):
            table.add_row(one.what, f"{one.expected:,}", f"{one.limit:,}")
        return table


def estimate(workshop: Workshop, prices: Prices, hours: Decimal) -> Estimate:
    """What a workshop may cost.

    Expected is what runs for its share of the time: one cluster of the warehouse, and the largest cluster of
    each kind for each student. The upper limit is all of that for all of the time, the warehouse with all its
    clusters, and both until they stop by themselves.

    Args:
        workshop: the workshop.
        prices: the admin's.
        hours: how long it takes.
    """
    return Estimate(
        prices.currency,
        hours,
        len(workshop.students),
        (_warehouse(workshop.warehouse, prices, hours), *_clusters(workshop, prices, hours)),
    )


def hours(text: str) -> Decimal:
    """A number of hours, as people write it.

    Raises:
        UsageError: it is none.
    """
    try:
        number = Decimal(text) if len(text) <= len("10000.0000") else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not 0 < number <= _LONGEST:
        raise UsageError(f"`{text[:40]}` is no number of hours (write 8 or 7.5, {_LONGEST:,} at most)")
    return number


def _warehouse(warehouse: WarehouseFile, prices: Prices, hours: Decimal) -> Line:
    an_hour = prices.warehouse_dbus * prices.dbu["sql"]
    until_stopped = hours + Decimal(warehouse.auto_stop_minutes) / 60
    limit = until_stopped * warehouse.max_clusters * an_hour
    expected = hours * prices.use.warehouse * an_hour
    return Line(f"SQL warehouse, {warehouse.size}", _cents(expected), _cents(limit))


def _clusters(workshop: Workshop, prices: Prices, hours: Decimal) -> list[Line]:
    limits, students = workshop.limits, len(workshop.students)
    machines = (1 + limits.max_workers) * prices.machine_hour
    idle = Decimal(limits.auto_termination_minutes) / 60
    lines = []
    for what, kind, share, after in (
        ("clusters of jobs", "jobs", prices.use.jobs, Decimal(0)),
        ("clusters of pipelines", "pipelines", prices.use.pipelines, Decimal(0)),
        ("clusters of students' own", "all_purpose", prices.use.all_purpose, idle),
    ):
        an_hour = students * (limits.dbus_per_hour * prices.dbu[kind] + machines)
        lines.append(Line(what, _cents(hours * share * an_hour), _cents((hours + after) * an_hour)))
    return lines


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)


def _json(line: Line) -> dict[str, str]:
    return {"what": line.what, "expected": str(line.expected), "limit": str(line.limit)}
