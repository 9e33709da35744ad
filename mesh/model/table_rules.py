"""Rules that rows of a table follow, as a verification tests them: conditions, keys and queries in SQL.

`mesh.deployment.table_verifier` tests them; their fields are JSON, because generated notebooks hold them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Level = Literal["error", "warn"]

# Open Data Contract Standard 3.1.0, "Data Quality": operators
COMPARISONS = (
    *("mustBe", "mustNotBe", "mustBeGreaterThan", "mustBeGreaterOrEqualTo", "mustBeLessThan"),
    *("mustBeLessOrEqualTo", "mustBeBetween", "mustNotBeBetween"),
)


@dataclass(frozen=True)
class TypeRule:
    """A column that must be there, and have a type.

    Args:
        name: its name; `address.city` for a field inside it.
        type: the type as it is declared; None for any type.
        accepted: the types of Spark that fulfil it, or families of types, such as `array`.
    """

    name: str
    type: str | None
    accepted: tuple[str, ...] = ()


@dataclass(frozen=True)
class TableRules:
    """What is verified about a table.

    Args:
        name: its name.
        schema: its schema, before the naming template; None for the flow's only schema.
        types: its columns.
        rules: the rules of its rows, each with `rule` and one of `where`, `unique` and `query`.
        untested: why rules that are declared are not tested.
        quarantine: True if rows that violate a rule are copied to a table of their own.
    """

    name: str
    schema: str | None
    types: tuple[TypeRule, ...] = ()
    rules: tuple[Mapping[str, Any], ...] = ()
    untested: tuple[str, ...] = ()
    quarantine: bool = False

    @property
    def settings(self) -> dict[str, Any]:
        """The rules as JSON."""
        columns = [{"name": one.name, "type": one.type, "accepted": [*one.accepted]} for one in self.types]
        settings: dict[str, Any] = {"name": self.name, "schema": self.schema or "", "columns": columns}
        settings["rules"] = [dict(one) for one in self.rules]
        settings |= {"untested": [*self.untested]} if self.untested else {}
        return settings | ({"quarantine": True} if self.quarantine else {})


@dataclass(frozen=True)
class Condition:
    """Builds the rules of one column or table.

    Args:
        column: the column; None for rules of the table.
        common: fields that all its rules have, such as the level.
    """

    column: str | None
    common: Mapping[str, Any] = field(default_factory=dict)

    def where(self, rule: str, condition: str) -> dict[str, Any]:
        """A rule that rows violate if a condition is true.

        Args:
            rule: its name.
            condition: the condition, as SQL, with `{}` for the column.
        """
        text = condition.replace("{}", sql_name(self.column)) if self.column else condition
        return self._rule(rule, {"where": text})

    def unique(self, rule: str, columns: Sequence[str]) -> dict[str, Any]:
        """A rule that no two rows have the same values in these columns."""
        return self._rule(rule, {"unique": [*columns]}, columns)

    def query(self, rule: str, query: str) -> dict[str, Any]:
        """A rule about the single value of a query, with `{table}` for the table."""
        return self._rule(rule, {"query": query})

    def _rule(self, name: str, fields: Mapping[str, Any], needs: Sequence[str] = ()) -> dict[str, Any]:
        needed = [*needs] or ([self.column] if self.column else [])
        column = {"column": self.column} if self.column else {}
        return {"rule": name, **column, **fields, "needs": needed, **self.common}


def sql_name(column: str) -> str:
    """Returns a column, or a field inside it, as SQL."""
    return ".".join(f"`{part.replace('`', '``')}`" for part in column.split("."))


def sql_literal(value: object) -> str:
    """Returns a value of YAML as SQL."""
    if value is None or isinstance(value, bool):
        return {None: "NULL", True: "TRUE", False: "FALSE"}[value]
    if isinstance(value, int | float):
        return repr(value)
    return "'" + str(value).replace("\\", "\\\\").replace("'", "\\'") + "'"
