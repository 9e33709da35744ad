"""Compares the types of columns: the same, wider, narrower, or another type.

Sources: Delta Lake documentation, "Type widening"; Databricks SQL, "Data types"; Open Data Contract
Standard 3.1.0, "Logical types". A wider type holds every value of the former one, so that readers keep
working.
"""

from __future__ import annotations

import re
from typing import Literal

from mesh.model.contract import Column

TypeChange = Literal["same", "wider", "narrower", "other"]

_ALIASES = {
    **{"byte": "tinyint", "short": "smallint", "integer": "int", "long": "bigint", "real": "float"},
    **{"dec": "decimal", "numeric": "decimal", "timestamp_ltz": "timestamp", "varchar": "string"},
}
# Each type holds the values of those before it
_WIDER = (
    ("tinyint", "smallint", "int", "bigint"),
    ("tinyint", "smallint", "int", "double"),
    ("float", "double"),
    ("date", "timestamp_ntz"),
)
# The digits of an integer, for decimals that hold it
_DIGITS = {"tinyint": 3, "smallint": 5, "int": 10, "bigint": 19}
_SIZED = re.compile(r"(\w+)\s*(?:\(\s*(\d{1,9})\s*(?:,\s*(\d{1,9})\s*)?\))?")
_UNLIMITED = 10**9
# Standard: an integer is a number
_WIDER_LOGICAL = ("integer", "number")


def compare_columns(before: Column, after: Column) -> TypeChange:
    """Compares the types of a column: those of Databricks if both are said, else those of the standard.

    A type that is no longer said counts as another type, because it may be any type.
    """
    if before.physical and after.physical:
        return compare_types(before.physical, after.physical)
    if before.logical and after.logical:
        return _of_chain(before.logical.lower(), after.logical.lower(), _WIDER_LOGICAL) or "other"
    return "other" if before.type and not (after.type and before.type == after.type) else "same"


def compare_types(before: str, after: str) -> TypeChange:
    """Compares two types of Databricks, such as `decimal(18,2)`; types that are not known must be equal."""
    old, new = _plain(before), _plain(after)
    if old == new:
        return "same"
    one, other = _SIZED.fullmatch(old), _SIZED.fullmatch(new)
    if not one or not other:
        return "other"
    name, becomes = (_ALIASES.get(found[1], found[1]) for found in (one, other))
    if {name, becomes} <= {"string", "char"}:
        return _lengths(_length(one), _length(other))
    if name == becomes == "decimal":
        return _decimals(_decimal(one), _decimal(other))
    if becomes == "decimal" and name in _DIGITS:
        return "wider" if _decimal(other)[0] >= _DIGITS[name] else "other"
    if name == "decimal" and becomes in _DIGITS:
        return "narrower"
    if name == becomes:
        return "same"
    chains = (_of_chain(name, becomes, chain) for chain in _WIDER)
    return next((found for found in chains if found), "other")


def _plain(text: str) -> str:
    """The text in lower case, with single spaces and none around punctuation."""
    return re.sub(r"\s*([(),:<>])\s*", r"\1", " ".join(text.lower().split()))


def _of_chain(before: str, after: str, chain: tuple[str, ...]) -> TypeChange | None:
    if before == after:
        return "same"
    if before not in chain or after not in chain:
        return None
    return "wider" if chain.index(before) < chain.index(after) else "narrower"


def _length(found: re.Match[str]) -> int:
    return int(found[2]) if found[2] else _UNLIMITED


def _lengths(before: int, after: int) -> TypeChange:
    if before == after:
        return "same"
    return "wider" if before < after else "narrower"


def _decimal(found: re.Match[str]) -> tuple[int, int]:
    """The digits before and after the point; Databricks' default is decimal(10,0)."""
    precision, scale = int(found[2] or 10), int(found[3] or 0)
    return precision - scale, scale


def _decimals(before: tuple[int, int], after: tuple[int, int]) -> TypeChange:
    if before == after:
        return "same"
    return "wider" if after[0] >= before[0] and after[1] >= before[1] else "narrower"
