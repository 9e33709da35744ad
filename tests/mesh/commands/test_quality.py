"""`mesh quality`; tests/golden/quality_dqx has its output."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesh.commands.quality import quality_checks
from mesh.errors import UsageError
from mesh.load import load
from tests.mesh.conftest import FLOW, ONE_FLOW

ONE = "tables:\n  t:\n  - {column: a, rule: is_not_null}\n"
TWO = f"{ONE}  u:\n  - {{column: a, rule: is_not_null}}\n"


def checks(root: Path, quality: str | None, path: str = "prep/revenue", table: str | None = None) -> str:
    files = {**ONE_FLOW, **({f"{FLOW}/quality.yml": quality} if quality else {})}
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return quality_checks(load(root), path, table)


def test_the_table_may_be_left_out_if_there_is_one(tmp_path: Path) -> None:
    assert checks(tmp_path, ONE).startswith("- criticality: error\n  check:\n    function: is_not_null\n")


@pytest.mark.parametrize(
    ("quality", "path", "table", "message"),
    [
        (None, "prep/revenue", None, "has no quality.yml (docs/quality.md shows how to write one)"),
        (TWO, "prep/revenue", None, "has several tables (add --table: t, u)"),
        (TWO, "prep/revenue", "v", "table `v` is not in orgs/"),
        (ONE, "prep/tips", None, "prep/tips"),
    ],
)
def test_what_cannot_be_printed_is_told(
    tmp_path: Path, quality: str | None, path: str, table: str | None, message: str
) -> None:
    with pytest.raises(UsageError) as caught:
        checks(tmp_path, quality, path, table)

    assert message in str(caught.value)
