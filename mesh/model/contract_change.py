"""Compares two documents of a contract: each change, and the step of the version that it needs.

Source: Semantic Versioning 2.0.0. A change that can break a reader needs a new major version, one that
promises more a new minor version, and one of the words alone a new patch version.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from typing import Literal

from mesh.documents.document import Location
from mesh.model.contract import NOT_YET, Column, Contract, Rule, Table
from mesh.model.contract_agreement import compare_agreements
from mesh.model.contract_type import compare_columns

Step = Literal["major", "minor", "patch"]

# Fields of a quality rule that say nothing about the data
_WORDS = {"id", "description", "dimension", "businessImpact", "tags", "authoritativeDefinitions", "severity"}


@dataclass(frozen=True)
class ContractChange:
    """One change of a contract.

    Args:
        step: the step of the version that it needs; `major` if it can break a reader.
        text: the change, with names in backticks.
        place: its position as `file:line`, in the newer document as far as it is there.
        columns: the names that readers use and that mean something else now, or nothing.
        table: the table of these columns, as the contract names it; "" if none.
        readers: the flows whose code reads these columns.
    """

    step: Step
    text: str
    place: str
    columns: tuple[str, ...] = ()
    table: str = ""
    readers: tuple[str, ...] = ()

    @property
    def breaking(self) -> bool:
        """True if it can break a reader."""
        return self.step == "major"


def contract_changes(before: Contract, after: Contract) -> tuple[ContractChange, ...]:
    """Returns the changes from one document to another: those that can break a reader first.

    Args:
        before: the contract that readers rely on.
        after: the contract that takes its place.
    """
    found = sorted(
        _Comparison(after).changes(before), key=lambda one: ("major", "minor", "patch").index(one.step)
    )
    return tuple(found)


class _Comparison:
    """The changes towards one document."""

    def __init__(self, after: Contract) -> None:
        self._after = after

    def changes(self, before: Contract) -> Iterator[ContractChange]:
        tables = {table.key: table for table in self._after.tables}
        for table in before.tables:
            now = tables.pop(table.key, None)
            if now is None:
                columns = (table.name, *(column.name for column in table.columns))
                gone = self._at((), "major", f"table `{table.full_name}` is gone", columns)
                yield replace(gone, table=table.full_name)
            else:
                yield from (replace(one, table=table.full_name) for one in self._table(table, now))
        for table in tables.values():
            yield self._at(table.at, "minor", f"table `{table.full_name}` is added")
        for change in compare_agreements(before.agreement, self._after.agreement):
            at: Location = ("slaProperties",) if change.index is None else ("slaProperties", change.index)
            yield self._at(at, "major" if change.lowered else "minor", change.text)
        if before.status != self._after.status:
            text = f"the status is `{self._after.status}` instead of `{before.status}`"
            yield self._at(("status",), "major" if _withdraws(before, self._after) else "minor", text)

    def _table(self, before: Table, after: Table) -> Iterator[ContractChange]:
        columns = {column.key: column for column in after.columns}
        known = {column.key for column in before.columns}
        gone = [column for column in before.columns if column.key not in columns]
        added = [column for column in after.columns if column.key not in known]
        renamed = dict(_renames(before, after))
        taken = {column.key for column in renamed.values()}
        gone_keys, added_keys = ({column.key for column in some} for some in (gone, added))
        for column in gone:
            if _is_inside(column, gone_keys):
                continue
            name = f"column `{column.name}` of `{before.full_name}`"
            if column.key in renamed:
                new = renamed[column.key]
                yield self._at(new.at, "major", f"{name} is renamed to `{new.name}`", (column.name,))
            else:
                yield self._at(after.at, "major", f"{name} is gone", (column.name,))
        for column in before.columns:
            if column.key in columns:
                yield from self._column(column, columns[column.key], after)
        for column in added:
            if column.key not in taken and not _is_inside(column, added_keys):
                yield self._at(column.at, "minor", f"column `{column.name}` of `{after.full_name}` is added")
        if _keys(before) != _keys(after):
            yield self._primary_key(before, after)
        yield from self._quality(before.quality, after.quality, after.at, f"`{after.full_name}`", ())
        if before.description != after.description:
            yield self._at(after.at, "patch", f"`{after.full_name}` is described in other words")

    def _column(self, before: Column, after: Column, table: Table) -> Iterator[ContractChange]:
        name, columns = f"column `{after.name}` of `{table.full_name}`", (before.name,)
        type_change = compare_columns(before, after)
        if type_change != "same":
            is_, was = after.type or "not said", before.type or "not said"
            how = {"wider": "is wider", "narrower": "is narrower", "other": "has another type"}[type_change]
            step: Step = "minor" if type_change == "wider" else "major"
            yield self._at(after.at, step, f"{name} {how}: `{is_}` instead of `{was}`", columns)
        elif before.type is None and after.type is not None:
            yield self._at(after.at, "minor", f"{name} promises its type, `{after.type}`")
        for was_so, is_so, loosened, tightened in (
            (before.required, after.required, "may be null now", "is never null now"),
            (before.unique, after.unique, "may repeat values now", "repeats no value now"),
        ):
            if was_so != is_so:
                yield self._at(
                    after.at,
                    "major" if was_so else "minor",
                    f"{name} {loosened if was_so else tightened}",
                    columns,
                )
        if before.classification != after.classification:
            is_, was = after.classification or "not said", before.classification or "not said"
            yield self._at(after.at, "minor", f"{name} is classified as `{is_}` instead of `{was}`")
        yield from self._quality(before.quality, after.quality, after.at, name, columns)
        if before.description != after.description:
            yield self._at(after.at, "patch", f"{name} is described in other words")

    def _primary_key(self, before: Table, after: Table) -> ContractChange:
        if not before.primary_key:
            names = ", ".join(f"`{name}`" for name in after.primary_key)
            return self._at(after.at, "minor", f"`{after.full_name}` has a primary key: {names}")
        was, now = (", ".join(f"`{name}`" for name in one.primary_key) for one in (before, after))
        text = f"the primary key of `{after.full_name}` is {now or 'gone'} instead of {was}"
        return self._at(after.at, "major", text, before.primary_key)

    def _quality(
        self, before: Sequence[Rule], after: Sequence[Rule], at: Location, of: str, columns: tuple[str, ...]
    ) -> Iterator[ContractChange]:
        """A rule that is not there as it was promises less, even if a similar one is."""
        kept, now = [*map(_promise, before)], [*map(_promise, after)]
        old, new = set(kept), set(now)
        for index, rule in enumerate(before):
            if kept[index] not in new:
                text = f"the quality rule `{_rule_name(rule)}` of {of} is gone or changed"
                yield self._at(at, "major", text, columns)
        for index, rule in enumerate(after):
            if now[index] not in old:
                text = f"the quality rule `{_rule_name(rule)}` of {of} is added"
                yield self._at((*at, "quality", index), "minor", text)

    def _at(self, at: Location, step: Step, text: str, columns: tuple[str, ...] = ()) -> ContractChange:
        place = self._after.position(*at) if at else self._after.position("schema")
        return ContractChange(step, text, place, columns)


def _withdraws(before: Contract, after: Contract) -> bool:
    """True if a contract that promised something promises nothing any more."""
    return after.status in NOT_YET and before.status not in NOT_YET


def _keys(table: Table) -> tuple[str, ...]:
    return tuple(name.lower() for name in table.primary_key)


def _is_inside(column: Column, others: Set[str]) -> bool:
    """True if a column that holds this field is among the others, which is enough to name."""
    ends = (found.start() for found in re.finditer(r"\.|\[\]", column.key))
    return any(column.key[:end] in others for end in ends)


def _renames(before: Table, after: Table) -> Iterator[tuple[str, Column]]:
    """Pairs a column that is gone with the new one that took its place: same position, same type."""
    was, now = ({column.key for column in one.columns} for one in (before, after))
    for old, new in zip(before.columns, after.columns, strict=False):
        if old.key not in now and new.key not in was and new.type and compare_columns(old, new) == "same":
            yield old.key, new


def _promise(rule: Rule) -> str:
    """What a rule says about the data, in a form that can be compared and looked up."""
    said = {name: value for name, value in rule.items() if name not in _WORDS}
    return json.dumps(said, sort_keys=True, default=str)


def _rule_name(rule: Rule) -> str:
    names = (rule.get(field) for field in ("name", "metric", "rule", "query", "description", "type"))
    return next((str(name)[:60].replace("`", "'") for name in names if name), "without a name")
