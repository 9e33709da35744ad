"""course/prices.yml: what the compute of a workshop costs, as its admin knows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, get_args

from pydantic import AfterValidator, BeforeValidator, Field

from mesh.documents.declared import Declared, Wrong, declare
from mesh.documents.document import Document, Location, read
from mesh.errors import MeshError
from mesh.finding import Finding, nearest
from mesh.workshop.limits import Size

FILE = "course/prices.yml"

_SIZES: tuple[str, ...] = get_args(Size)
_HIGHEST = 1_000_000
_LONGEST = 24  # characters of a number


def _decimal(value: object) -> object:
    """The number as it stands in the file: what YAML reads is the nearest that a machine has."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or len(str(value)) > _LONGEST:
        raise Wrong("wrong-value", f"`{str(value)[:40]}` is no number (write one as 0.55)")
    number = Decimal(str(value))
    if not 0 <= number <= _HIGHEST:
        raise Wrong("wrong-value", f"`{value}` is not between 0 and {_HIGHEST}")
    return number


def _share(value: object) -> object:
    number = _decimal(value)
    if isinstance(number, Decimal) and number > 1:
        raise Wrong("wrong-value", f"`{value}` is more than all of the time (1 is all of it, 0.5 half)")
    return number


def _size(name: str) -> str:
    if name not in _SIZES:
        raise Wrong(
            "wrong-value", f"`{name[:40]}` is no size of a warehouse ({nearest(name, _SIZES, 'sizes')})"
        )
    return name


Number = Annotated[Decimal | None, BeforeValidator(_decimal, json_schema_input_type=float | None)]
WarehouseSize = Annotated[str, AfterValidator(_size)]
Share = Annotated[Decimal, BeforeValidator(_share, json_schema_input_type=float)]


class DbuPrices(Declared):
    """The price of one DBU, by what uses it."""

    sql: Number = None
    """SQL warehouses."""

    jobs: Number = None
    """Clusters of jobs."""

    pipelines: Number = None
    """Clusters of pipelines."""

    all_purpose: Number = None
    """Clusters that students start themselves."""


class Use(Declared):
    """For how much of the time things run, from 0 to 1, for what is expected."""

    warehouse: Share = Decimal("0.5")
    """One cluster of the SQL warehouse."""

    jobs: Share = Decimal("0.25")
    """A job's cluster of each student."""

    pipelines: Share = Decimal("0.1")
    """A pipeline's cluster of each student."""

    all_purpose: Share = Decimal("0.25")
    """A cluster that each student starts."""


class PricesFile(Declared):
    """What prices.yml says, beside workshop.yml; prices that are needed are missing where it does not."""

    currency: Annotated[str, Field(min_length=1, max_length=10)] | None = None
    """What the prices are in, for example EUR."""

    dbu: DbuPrices | None = None
    """The price of one DBU, by what uses it."""

    machine_hour: Number = None
    """What the cloud takes for one machine of a cluster, an hour."""

    use: Use = Field(default_factory=Use)
    """For how much of the time things run, from 0 to 1, for what is expected."""

    warehouse_dbus: Annotated[
        Mapping[WarehouseSize, Number], Field(json_schema_extra={"propertyNames": {"enum": list(_SIZES)}})
    ] = Field(default_factory=dict)
    """DBUs of one cluster of a SQL warehouse in an hour, by its size."""


class Prices(Declared):
    """All prices that a workshop needs.

    Args:
        currency: what they are in.
        dbu: of one DBU, by what uses it.
        machine_hour: of one machine of a cluster, in an hour.
        use: for how much of the time things run.
        warehouse_dbus: DBUs of one cluster of the warehouse, in an hour.
    """

    currency: str
    dbu: Mapping[str, Decimal]
    machine_hour: Decimal
    use: Use
    warehouse_dbus: Decimal


def read_prices(root: Path, size: str) -> Prices:
    """What the admin has filled in.

    Args:
        root: the mesh's root.
        size: the size of the workshop's warehouse.

    Raises:
        MeshError: with everything that is wrong or missing in it.
    """
    document, findings = read(root / FILE, root)
    declared, wrong = declare(PricesFile, document)
    findings = [*findings, *wrong]
    findings += [one for one in _missing(declared, document, size) if not _told(one, findings)]
    if findings:
        raise MeshError(sorted(set(findings)))
    known = declared.model_dump()
    return Prices.model_validate(
        known | {"warehouse_dbus": declared.warehouse_dbus[size], "use": declared.use}
    )


def _missing(declared: PricesFile, document: Document, size: str) -> Iterator[Finding]:
    if declared.currency is None:
        yield _finding(document, ("currency",), "what prices are in, for example EUR")
    for name, value in declared.dbu or DbuPrices():
        if value is None:
            yield _finding(document, ("dbu", name), "the price of one DBU")
    if declared.machine_hour is None:
        yield _finding(document, ("machine_hour",), "what the cloud takes for a machine")
    if declared.warehouse_dbus.get(size) is None:
        yield _finding(document, ("warehouse_dbus", size), "DBUs of one cluster of this size in an hour")


def _finding(document: Document, at: Location, remedy: str) -> Finding:
    message = f"`{'.'.join(map(str, at))}` is not filled in (write {remedy})"
    return document.finding("missing-price", at, message, at_key=True)


def _told(one: Finding, findings: list[Finding]) -> bool:
    """Whether something else is wrong with the same line already."""
    return any((other.file, other.line) == (one.file, one.line) for other in findings)
