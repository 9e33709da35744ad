"""course/prices.yml: exact numbers, and all errors with their positions."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.errors import MeshError
from mesh.workshop.prices import FILE, read_prices

ROOT = Path(__file__).resolve().parents[3]
FILLED = """\
currency: EUR
dbu: {sql: 0.70, jobs: 0.15, pipelines: 0.36, all_purpose: 0.55}
machine_hour: 0.30
use: {warehouse: 0.5, jobs: 0.25, pipelines: 0.1, all_purpose: 0.25}
warehouse_dbus: {2X-Small: 4, Small: 12}
"""


def written(root: Path, text: str) -> Path:
    """A repository with this prices.yml."""
    (root / FILE).parent.mkdir(parents=True)
    (root / FILE).write_text(text)
    return root


def wrong(root: Path, size: str = "2X-Small") -> list[str]:
    """The findings about its prices, as text."""
    with pytest.raises(MeshError) as raised:
        read_prices(root, size)
    return [f"{one.line}:{one.column} {one.code}: {one.message}" for one in raised.value.findings]


def test_every_price_missing_in_the_shipped_file_is_reported() -> None:
    lines = (ROOT / FILE).read_text().splitlines()
    at = {
        line.strip().partition(":")[0]: number
        for number, line in enumerate(lines, 1)
        if line.endswith(":") or ":  " in line
    }

    findings = wrong(ROOT)

    kinds = ("sql", "jobs", "pipelines", "all_purpose")
    assert findings == [
        f"{at['currency']}:1 missing-price: `currency` is not filled in (write the currency, for example EUR)",
        *(
            f"{at[kind]}:3 missing-price: `dbu.{kind}` is not filled in (write the price of one DBU)"
            for kind in kinds
        ),
        f"{at['machine_hour']}:1 missing-price: `machine_hour` is not filled in (write the cloud's price of a machine per hour)",
    ]


def test_the_shipped_file_has_the_dbus_of_every_size(tmp_path: Path) -> None:
    """Databricks documentation, "Serverless DBU consumption by SKU"."""
    shipped = (ROOT / FILE).read_text()
    sizes = shipped[shipped.index("warehouse_dbus:") :]
    root = written(tmp_path, FILLED.partition("warehouse_dbus")[0] + sizes)

    dbus = {
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

    assert [*dbus.values()] == [4, 6, 12, 24, 40, 80, 144, 272, 528]


@pytest.mark.parametrize(
    ("line", "finding"),
    [
        ("dbu: {sql: free, jobs: 1, pipelines: 1, all_purpose: 1}", "2:12 wrong-value: `free` is not a number (write for example 0.55)"),
        ("dbu: {sql: true, jobs: 1, pipelines: 1, all_purpose: 1}", "2:12 wrong-value: `True` is not a number (write for example 0.55)"),
        ("dbu: {sql: -1, jobs: 1, pipelines: 1, all_purpose: 1}", "2:12 wrong-value: `-1` is not between 0 and 1000000"),
        ("dbu: {sql: 1.0e+300, jobs: 1, pipelines: 1, all_purpose: 1}", "2:12 wrong-value: `1e+300` is not between 0 and 1000000"),
        ("dbu: {sqll: 1, jobs: 1, pipelines: 1, all_purpose: 1}", "2:7 unknown-field: unknown field `sqll` in dbu (did you mean `sql`?)"),
        ("use: {jobs: 1.5}", "4:13 wrong-value: `1.5` is more than 1 (1 is the whole time, 0.5 half of it)"),
        ("warehouse_dbus: {Huge: 4}", "5:24 wrong-value: `Huge` is not a warehouse size (sizes: 2X-Large"),
    ],
)  # fmt: skip
def test_an_invalid_price_is_reported_with_line_and_column(tmp_path: Path, line: str, finding: str) -> None:
    field = line.partition(":")[0]
    text = "".join(f"{line}\n" if one.startswith(f"{field}:") else f"{one}\n" for one in FILLED.splitlines())

    assert any(one.startswith(finding) for one in wrong(written(tmp_path, text)))


def test_a_size_without_dbus_is_reported_as_missing(tmp_path: Path) -> None:
    assert wrong(written(tmp_path, FILLED), "Large") == [
        "5:17 missing-price: `warehouse_dbus.Large` is not filled in (write the DBUs per hour of one cluster of this size)"
    ]


def test_without_a_file_all_prices_are_missing(tmp_path: Path) -> None:
    assert len(wrong(tmp_path)) == 7
