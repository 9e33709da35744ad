"""What the flows of transport/taxinyc share."""

import importlib.util
from pathlib import Path

import pytest

LIBS = Path(__file__).resolve().parents[2] / "orgs/acme/domains/transport/projects/taxinyc/libs"


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("c", "s", "t"), "`c`.`s`.`t`"),
        (("acme-transport", "ærfugl", "t"), "`acme-transport`.`ærfugl`.`t`"),
        (("c", "s` drop", "t"), "`c`.`s`` drop`.`t`"),
    ],
)
def test_a_tables_name_is_quoted_part_by_part(parts: tuple[str, str, str], expected: str) -> None:
    """A backtick within a name ends nothing."""
    found = importlib.util.spec_from_file_location("tables", LIBS / "taxi/tables.py")
    assert found
    assert found.loader
    tables = importlib.util.module_from_spec(found)
    found.loader.exec_module(tables)
    assert tables.full_name(*parts) == expected
