"""Names as Spark SQL reads them."""

import pytest

from local.spark.identifier import quoted


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("borough",), "`borough`"),
        (("main", "s", "t"), "`main`.`s`.`t`"),
        (("a.b",), "`a.b`"),
        (("a`; drop table t",), "`a``; drop table t`"),
    ],
)
def test_parts_are_in_backticks(parts: tuple[str, ...], name: str) -> None:
    assert quoted(*parts) == name
