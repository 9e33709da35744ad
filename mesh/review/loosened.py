"""Whether a cluster policy allows more than before.

Source: Databricks documentation, "Compute policy reference", policy types.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mesh.review.words import Name, Sentence

_UNLIMITED = {"type": "unlimited"}


@dataclass(frozen=True)
class Loosened:
    """One rule that allows more than before.

    Args:
        attribute: of a cluster, as the policy calls it.
        before: what was allowed, in words.
        after: what will be.
    """

    attribute: str
    before: str
    after: str

    @property
    def sentence(self) -> Sentence:
        """What a person reads."""
        return (
            "allows ",
            Name.of(self.after),
            " for ",
            Name.of(self.attribute),
            ", before ",
            Name.of(self.before),
        )


def loosened(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Loosened]:
    """The rules that allow more than before, or of which nobody can tell.

    Args:
        before: rules by attribute; an attribute without one may be anything.
        after: the same then.
    """
    for attribute, rule in before.items():
        later = after.get(attribute, _UNLIMITED)
        if isinstance(rule, Mapping) and isinstance(later, Mapping) and not _within(later, rule):
            yield Loosened(attribute, _told(rule), _told(later))


def _within(after: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Whether everything that `after` allows, `before` allows; False where that cannot be told."""
    allowed = {key: value for key, value in after.items() if key not in ("hidden", "defaultValue")}
    if allowed == {key: value for key, value in before.items() if key not in ("hidden", "defaultValue")}:
        return True
    if after.get("isOptional") and not before.get("isOptional"):
        return False
    kind = before.get("type")
    if kind == "unlimited":
        return True
    values = _values(after)
    if values is not None:
        return all(_allows(before, value) for value in values)
    if kind == "range" and after.get("type") == "range":
        low, high = (_number(before, bound) for bound in ("minValue", "maxValue"))
        new_low, new_high = (_number(after, bound) for bound in ("minValue", "maxValue"))
        return (low is None or (new_low is not None and new_low >= low)) and (
            high is None or (new_high is not None and new_high <= high)
        )
    if kind == "blocklist" and after.get("type") == "blocklist":
        return _listed(before) <= _listed(after)
    return False


def _values(rule: Mapping[str, Any]) -> set[str] | None:
    """All values that a rule allows; None where they are without number."""
    match rule.get("type"):
        case "fixed":
            return {str(rule.get("value"))}
        case "allowlist":
            return _listed(rule)
        case "forbidden":
            return set()
    return None


def _allows(rule: Mapping[str, Any], value: str) -> bool:
    """Whether a rule allows a value; a regular expression is somebody else's, and is not run."""
    if (values := _values(rule)) is not None:
        return value in values
    if rule.get("type") == "blocklist":
        return value not in _listed(rule)
    if rule.get("type") != "range":
        return False
    try:
        number = float(value)
    except ValueError:
        return False
    low, high = (_number(rule, bound) for bound in ("minValue", "maxValue"))
    return (low is None or number >= low) and (high is None or number <= high)


def _listed(rule: Mapping[str, Any]) -> set[str]:
    values = rule.get("values")
    return set(map(str, values)) if isinstance(values, list) else set()


def _number(rule: Mapping[str, Any], bound: str) -> float | None:
    value = rule.get(bound)
    return float(value) if isinstance(value, int | float) else None


def _told(rule: Mapping[str, Any]) -> str:
    """A rule in words."""
    optional = ", or nothing" if rule.get("isOptional") else ""
    match rule.get("type"):
        case "fixed":
            return f"only {rule.get('value')}{optional}"
        case "allowlist" if isinstance(rule.get("values"), list):
            return f"one of {', '.join(map(str, rule['values']))}{optional}"
        case "blocklist" if isinstance(rule.get("values"), list):
            return f"none of {', '.join(map(str, rule['values']))}{optional}"
        case "forbidden":
            return f"nothing{optional}"
        case "range":
            low, high = rule.get("minValue"), rule.get("maxValue")
            bounds = [
                f"at least {low}" if low is not None else "",
                f"at most {high}" if high is not None else "",
            ]
            return (" and ".join(filter(None, bounds)) or "any number") + optional
        case "regex":
            return f"what matches {rule.get('pattern')}{optional}"
    return "anything"
