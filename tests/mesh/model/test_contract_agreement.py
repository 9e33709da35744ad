"""Comparisons of service-level agreements."""

from __future__ import annotations

from typing import Any

import pytest

from mesh.model.contract_agreement import compare_agreements
from mesh.model.contract_file import AgreementFile


def one(property: str, value: Any, unit: str | None = None) -> AgreementFile:
    return AgreementFile(property=property, value=value, unit=unit)


@pytest.mark.parametrize(
    ("before", "after", "lowered"),
    [
        (one("latency", 1, "d"), one("latency", 36, "h"), True),
        (one("latency", 1, "d"), one("latency", 12, "h"), False),
        (one("frequency", 1, "d"), one("frequency", 7, "d"), True),
        (one("availability", 99.9, "percent"), one("availability", 99, "percent"), True),
        (one("retention", 1, "y"), one("retention", 2, "years"), False),
        (one("endOfSupport", "2027-01-01"), one("endOfSupport", "2026-01-01"), True),
        (one("endOfSupport", "2027-01-01"), one("endOfSupport", "2028-01-01"), False),
        (one("latency", 1, "d"), one("latency", 24, "h"), False),
        (one("latency", "soon"), one("latency", "sooner"), True),
        (one("latency", 1, "run"), one("latency", 1, "d"), True),
        (one("politeness", 1), one("politeness", 2), True),
    ],
)
def test_less_is_promised(before: AgreementFile, after: AgreementFile, lowered: bool) -> None:
    [change] = compare_agreements([before], [after])
    assert change.lowered is lowered


def test_a_property_that_goes_is_lowered_and_a_new_one_is_not() -> None:
    gone, new = compare_agreements([one("latency", 1, "d")], [one("retention", 1, "y")])
    assert (gone.lowered, gone.text) == (True, "`latency` is no longer agreed (was `1 d`)")
    assert (new.lowered, new.index) == (False, 0)


def test_words_about_a_property_change_nothing() -> None:
    said = AgreementFile(property="latency", value=1, unit="d", description="A day")
    assert list(compare_agreements([one("latency", 1, "d")], [said])) == []
