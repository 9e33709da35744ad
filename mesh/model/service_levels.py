"""Reads the service levels of the Data Contract Specification as properties of an agreement.

Sources: Data Contract Specification 1.2.1, "Service Levels"; Open Data Contract Standard 3.1.0,
"Service-Level Agreement".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mesh.documents.document import Location
from mesh.model.contract_specification_file import ServiceLevelsFile

_SIMPLE = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)\s*([a-zA-Z]+)")
_ISO = re.compile(r"P(T)?(\d{1,12})([YMWDHS])")
_DATE_UNITS = {"Y": "years", "M": "months", "W": "weeks", "D": "days"}
_TIME_UNITS = {"H": "hours", "M": "minutes", "S": "s"}
_INTERVALS = {"hourly": "hours", "daily": "days", "weekly": "weeks", "monthly": "months", "yearly": "years"}
# Each service level: its field, and the property of the agreement
_PROPERTIES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "availability": (("percentage", "availability"),),
    "retention": (("period", "retention"),),
    "latency": (("threshold", "latency"),),
    "freshness": (("threshold", "freshness"),),
    "frequency": (("interval", "frequency"), ("cron", "schedule")),
    "support": (("time", "support"), ("responseTime", "timeToRespond")),
    "backup": (
        *(("interval", "backup"), ("cron", "backupSchedule")),
        *(("recoveryTime", "timeToRecover"), ("recoveryPoint", "recoveryPoint")),
    ),
}
_ELEMENTS = ("timestampField", "sourceTimestampField")


def service_levels(declared: ServiceLevelsFile | None) -> Iterator[tuple[Location, dict[str, Any]]]:
    """Yields each promise with its location: property, value, unit and element, as in the standard."""
    for name, fields in _PROPERTIES.items():
        level: Mapping[str, Any] = getattr(declared, name, {})
        element = next((level[one] for one in _ELEMENTS if isinstance(level.get(one), str)), None)
        for field, named in fields:
            value = level.get(field)
            if isinstance(value, str | int | float):
                about = {"property": named, "element": element}
                amount = _amount(value.strip()) if isinstance(value, str) else {"value": value}
                yield (name, field), {**about, **amount}
        if name == "retention" and level.get("unlimited") is True:
            yield (name, "unlimited"), {"property": name, "element": element, "value": "unlimited"}


def _amount(text: str) -> dict[str, Any]:
    """A value with its unit; other texts are values without a unit."""
    if text.endswith("%") and (number := _number(text[:-1])) is not None:
        return {"value": number, "unit": "percent"}
    if unit := _INTERVALS.get(text.lower()):
        return {"value": 1, "unit": unit}
    if found := _SIMPLE.fullmatch(text):
        return {"value": _number(found[1]), "unit": found[2].lower()}
    if found := _ISO.fullmatch(text):
        units = _TIME_UNITS if found[1] else _DATE_UNITS
        if found[3] in units:
            return {"value": _number(found[2]), "unit": units[found[3]]}
    return {"value": text}


def _number(text: str) -> float | None:
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return None
