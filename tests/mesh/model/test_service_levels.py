"""Service levels of the Data Contract Specification."""

from __future__ import annotations

from typing import Any

import pytest

from mesh.model.contract_specification_file import ServiceLevelsFile
from mesh.model.service_levels import service_levels


@pytest.mark.parametrize(
    ("declared", "expected"),
    [
        ({"availability": {"percentage": "99.9%"}}, ("availability", 99.9, "percent", None)),
        ({"availability": {"percentage": 99.9}}, ("availability", 99.9, None, None)),
        ({"retention": {"period": "P1Y"}}, ("retention", 1, "years", None)),
        ({"retention": {"period": "30d"}}, ("retention", 30, "d", None)),
        ({"retention": {"unlimited": True}}, ("retention", "unlimited", None, None)),
        ({"latency": {"threshold": "PT25H"}}, ("latency", 25, "hours", None)),
        ({"latency": {"threshold": "P1DT2H"}}, ("latency", "P1DT2H", None, None)),
        (
            {"freshness": {"threshold": "2 hours", "timestampField": "t.at"}},
            ("freshness", 2, "hours", "t.at"),
        ),
        ({"frequency": {"type": "batch", "interval": "daily"}}, ("frequency", 1, "days", None)),
        ({"frequency": {"cron": "0 0 * * *"}}, ("schedule", "0 0 * * *", None, None)),
        ({"support": {"time": "24/7"}}, ("support", "24/7", None, None)),
        ({"backup": {"recoveryTime": "24 hours"}}, ("timeToRecover", 24, "hours", None)),
    ],
)
def test_a_service_level_is_a_property_of_an_agreement(
    declared: dict[str, Any], expected: tuple[object, ...]
) -> None:
    [(where, found)] = service_levels(ServiceLevelsFile(**declared))

    assert where[0] == next(iter(declared))
    assert (found["property"], found["value"], found.get("unit"), found["element"]) == expected


def test_a_description_alone_promises_nothing() -> None:
    assert list(service_levels(ServiceLevelsFile(availability={"description": "mostly"}))) == []
