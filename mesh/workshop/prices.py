"""course/prices.yml: the prices of a workshop's compute, filled in by its admin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Annotated, get_args

from pydantic import AfterValidator, BeforeValidator, Field

from mesh.documents.checked_model import CheckedModel, FieldError, validate_document
from mesh.documents.document import Document, Location, read
from mesh.errors import MeshError
from mesh.finding import Finding, nearest
from mesh.workshop.limits import WarehouseSize

FILE = "course/prices.yml"

_SIZES: tuple[str, ...] = get_args(WarehouseSize)
_MAX_PRICE = 1_000_000
_MAX_LENGTH = 24  # characters of a number


def _decimal(value: object) -> object:
    """The exact decimal number in the file, which YAML reads as a binary float."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or len(str(value)) > _MAX_LENGTH:
        raise FieldError("wrong-value", f"`{str(value)[:40]}` is not a number (write for example 0.55)")
    number = Decimal(str(value))
    if not 0 <= number <= _MAX_PRICE:
        raise FieldError("wrong-value", f"`{value}` is not between 0 and {_MAX_PRICE}")
    return number


def _share(value: object) -> object:
    number = _decimal(value)
    if isinstance(number, Decimal) and number > 1:
        raise FieldError("wrong-value", f"`{value}` is more than 1 (1 is the whole time, 0.5 half of it)")
    return number


def _size(name: str) -> str:
    if name not in _SIZES:
        raise FieldError(
            "wrong-value", f"`{name[:40]}` is not a warehouse size ({nearest(name, _SIZES, 'sizes')})"
        )
    return name


Price = Annotated[Decimal | None, BeforeValidator(_decimal, json_schema_input_type=float | None)]
SizeKey = Annotated[str, AfterValidator(_size)]
Share = Annotated[Decimal, BeforeValidator(_share, json_schema_input_type=float)]


class DbuPrices(CheckedModel):
    """The price of one DBU, by kind of compute."""

    sql: Price = None
    """SQL warehouses."""

    jobs: Price = None
    """Clusters of jobs."""

    pipelines: Price = None
    """Clusters of pipelines."""

    all_purpose: Price = None
    """Clusters that students start themselves."""


class Usage(CheckedModel):
    """The expected share of the time that compute runs, from 0 to 1."""

    warehouse: Share = Decimal("0.5")
    """One cluster of the SQL warehouse."""

    jobs: Share = Decimal("0.25")
    """A job cluster of each student."""

    pipelines: Share = Decimal("0.1")
    """A pipeline cluster of each student."""

    all_purpose: Share = Decimal("0.25")
    """A cluster that each student starts."""


class PricesFile(CheckedModel):
    """The content of prices.yml, beside workshop.yml; a price that is needed and not set is an error."""

    currency: Annotated[str, Field(min_length=1, max_length=10)] | None = None
    """The currency of the prices, for example EUR."""

    dbu: DbuPrices | None = None
    """The price of one DBU, by kind of compute."""

    machine_hour: Price = None
    """The cloud's price of one machine of a cluster, per hour."""

    use: Usage = Field(default_factory=Usage)
    """The expected share of the time that compute runs, from 0 to 1."""

    warehouse_dbus: Annotated[
        Mapping[SizeKey, Price], Field(json_schema_extra={"propertyNames": {"enum": list(_SIZES)}})
    ] = Field(default_factory=dict)
    """DBUs per hour of one cluster of a SQL warehouse, by size."""


class Prices(CheckedModel):
    """All prices that a workshop needs.

    Args:
        currency: the currency of all prices.
        dbu: the price of one DBU, by kind of compute.
        machine_hour: the price of one machine of a cluster, per hour.
        use: the expected share of the time that compute runs.
        warehouse_dbus: DBUs per hour of one cluster of the warehouse.
    """

    currency: str
    dbu: Mapping[str, Decimal]
    machine_hour: Decimal
    use: Usage
    warehouse_dbus: Decimal


def read_prices(root: Path, size: str) -> Prices:
    """Reads the prices that a workshop needs.

    Args:
        root: the mesh's root.
        size: the size of the workshop's warehouse.

    Raises:
        MeshError: the file has errors or lacks a price; with all findings.
    """
    document, findings = read(root / FILE, root)
    declared, wrong = validate_document(PricesFile, document)
    findings = [*findings, *wrong]
    findings += [
        finding for finding in _missing(declared, document, size) if not _is_reported(finding, findings)
    ]
    if findings:
        raise MeshError(sorted(set(findings)))
    values = declared.model_dump()
    return Prices.model_validate(
        values | {"warehouse_dbus": declared.warehouse_dbus[size], "use": declared.use}
    )


def _missing(declared: PricesFile, document: Document, size: str) -> Iterator[Finding]:
    if declared.currency is None:
        yield _finding(document, ("currency",), "the currency, for example EUR")
    for name, value in declared.dbu or DbuPrices():
        if value is None:
            yield _finding(document, ("dbu", name), "the price of one DBU")
    if declared.machine_hour is None:
        yield _finding(document, ("machine_hour",), "the cloud's price of a machine per hour")
    if declared.warehouse_dbus.get(size) is None:
        yield _finding(document, ("warehouse_dbus", size), "the DBUs per hour of one cluster of this size")


def _finding(document: Document, at: Location, remedy: str) -> Finding:
    message = f"`{'.'.join(map(str, at))}` is not filled in (write {remedy})"
    return document.finding("missing-price", at, message, at_key=True)


def _is_reported(finding: Finding, findings: list[Finding]) -> bool:
    """True if another finding is about the same line."""
    return any((other.file, other.line) == (finding.file, finding.line) for other in findings)
