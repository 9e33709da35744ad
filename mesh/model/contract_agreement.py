"""Compares service-level agreements: what a contract promises about time, availability and errors.

Source: Open Data Contract Standard 3.1.0, "Service-Level Agreement": the properties and their units.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mesh.model.contract_file import AgreementFile

# Properties of which less is better, and of which more is
_LESS = {
    *("latency", "ly", "frequency", "fy", "errorrate", "er", "timetodetect", "td", "timetonotify", "tn"),
    *("timetorepair", "tr", "generalavailability", "ga", "freshness"),
}
_MORE = {"availability", "av", "throughput", "th", "retention", "re", "endofsupport", "es", "endoflife", "el"}
_SECONDS = {
    **dict.fromkeys(("s", "sec", "second", "seconds"), 1),
    **dict.fromkeys(("min", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hour", "hours"), 3_600),
    **dict.fromkeys(("d", "day", "days"), 86_400),
    **dict.fromkeys(("w", "week", "weeks"), 604_800),
    **dict.fromkeys(("mo", "month", "months"), 2_629_800),
    **dict.fromkeys(("y", "yr", "year", "years"), 31_557_600),
}
_DATE = re.compile(r"\d{4}-\d\d")


@dataclass(frozen=True)
class AgreementChange:
    """A change of one property.

    Args:
        lowered: True if it promises less, or may.
        text: the change, with names in backticks.
        index: its index in the newer agreement; None if it is gone.
    """

    lowered: bool
    text: str
    index: int | None


def compare_agreements(
    before: Sequence[AgreementFile], after: Sequence[AgreementFile]
) -> Iterator[AgreementChange]:
    """Yields the changes of an agreement. A change of which nobody knows the direction counts as lowered."""
    now = {_key(one): index for index, one in enumerate(after)}
    for one in before:
        index = now.pop(_key(one), None)
        if index is None:
            yield AgreementChange(True, f"{_name(one)} is no longer agreed (was `{_value(one)}`)", None)
        elif _promise(one) != _promise(after[index]):
            yield _compare(one, after[index], index)
    for index in now.values():
        yield AgreementChange(False, f"{_name(after[index])} is agreed: `{_value(after[index])}`", index)


def _compare(before: AgreementFile, after: AgreementFile, index: int) -> AgreementChange:
    name = before.property.lower()
    text = f"{_name(after)} is `{_value(after)}` instead of `{_value(before)}`"
    was, now = _amount(before), _amount(after)
    if was is None or now is None or isinstance(was, str) != isinstance(now, str) or _differ(before, after):
        return AgreementChange(True, f"{text}, which cannot be compared", index)
    if name not in _LESS | _MORE:
        return AgreementChange(True, f"{text}, and which of them promises more is not known", index)
    less = now < was if isinstance(now, str) and isinstance(was, str) else float(now) < float(was)
    more = now != was and not less
    return AgreementChange(more if name in _LESS else less, text, index)


def _amount(one: AgreementFile) -> float | str | None:
    """The value for a comparison: seconds, a number in its own unit, or a date as text; None if neither."""
    if isinstance(one.value, bool):
        return None
    try:
        number = float(one.value)
    except ValueError:
        text = str(one.value)
        return text if _DATE.match(text) else None
    return number * _SECONDS.get((one.unit or "").lower(), 1)


def _differ(before: AgreementFile, after: AgreementFile) -> bool:
    """True if the units cannot be converted into each other."""
    units = {(one.unit or "").lower() for one in (before, after)}
    return len(units) > 1 and not units <= _SECONDS.keys()


def _promise(one: AgreementFile) -> tuple[object, ...]:
    return one.value, one.value_ext, (one.unit or "").lower()


def _key(one: AgreementFile) -> tuple[str, str]:
    return one.property.lower(), one.element or ""


def _name(one: AgreementFile) -> str:
    return f"`{one.property}` of `{one.element}`" if one.element else f"`{one.property}`"


def _value(one: AgreementFile) -> str:
    return " ".join(str(part) for part in (one.value, one.unit) if part not in (None, ""))
