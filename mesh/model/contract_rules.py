"""The rules of a contract that a verification tests: columns, types, keys and quality.

Source: Open Data Contract Standard 3.1.0 and 3.0.2, "Schema" and "Data Quality".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mesh.model.contract import Column, Contract, Rule, Table
from mesh.model.table_rules import COMPARISONS, Condition, TableRules, TypeRule, sql_literal, sql_name

# The names of types in Spark's `simpleString`
_SPARK = {
    **{"byte": "tinyint", "short": "smallint", "integer": "int", "long": "bigint", "real": "float"},
    **{"dec": "decimal", "numeric": "decimal", "timestamp_ltz": "timestamp"},
}
_TEXT = re.compile(r"(var)?char\(\d+\)|varchar|char")
_INTEGERS = ("tinyint", "smallint", "int", "bigint")
_LOGICAL = {
    "string": ("string",),
    "integer": _INTEGERS,
    "number": (*_INTEGERS, "float", "double", "decimal"),
    "boolean": ("boolean",),
    "date": ("date",),
    "timestamp": ("timestamp", "timestamp_ntz"),
    "time": ("string", "time"),
    "object": ("struct", "map", "variant"),
    "array": ("array",),
}
# Options of logical types that are conditions on a value; `{}` is the column, `<>` the option
_OPTIONS = {
    "minLength": "length({}) < <>",
    "maxLength": "length({}) > <>",
    "minimum": "{} < <>",
    "maximum": "{} > <>",
    "exclusiveMinimum": "{} <= <>",
    "exclusiveMaximum": "{} >= <>",
    "multipleOf": "{} % <> != 0",
    "pattern": "NOT {} RLIKE <>",
}
# Names of the metrics in versions 3.1 and 3.0
_NULLS = ("nullValues", "nullCheck")
_MISSING = ("missingValues",)
_INVALID = ("invalidValues", "validValues")
_DUPLICATES = ("duplicateValues", "duplicateCount", "uniqueCheck")
_ROWS = ("rowCount",)


def contract_rules(contract: Contract) -> tuple[TableRules, ...]:
    """Returns what a verification of a contract tests, by table."""
    return tuple(_table(table) for table in contract.tables)


def _table(table: Table) -> TableRules:
    rules: list[Mapping[str, Any]] = []
    untested: list[str] = []
    types = []
    for column in table.columns:
        if "[]" in column.name:  # the items of an array are part of its type
            if column.required or column.unique or column.quality:
                untested.append(f"{column.name}: rules of items of an array")
            continue
        types.append(TypeRule(column.name, column.type, _accepted(column)))
        rules += _of_column(column, table)
        rules += _of_quality(column.quality, column, untested)
    if table.primary_key:
        title = f"primary key ({', '.join(table.primary_key)})"
        rules.append(Condition(None).unique(title, table.primary_key))
    rules += _of_quality(table.quality, None, untested)
    return TableRules(table.name, table.schema, tuple(types), tuple(rules), tuple(untested))


def _accepted(column: Column) -> tuple[str, ...]:
    """Returns the types of Spark that fulfil the type of a column; empty for any."""
    if column.physical is None:
        return _LOGICAL.get((column.logical or "").lower(), ())
    text = re.sub(r"\s*([(),:<>])\s*", r"\1", " ".join(column.physical.lower().split()))
    if _TEXT.fullmatch(text):
        return ("string", "varchar", "char")
    name, bracket, rest = text.partition("(")
    name = _SPARK.get(name, name)
    if name == "decimal" and not bracket:
        return ("decimal(10,0)",)
    if name == "decimal" and "," not in rest:
        rest = f"{rest.removesuffix(')')},0)"
    return (f"{name}{bracket}{rest}",)


def _of_column(column: Column, table: Table) -> Iterator[Mapping[str, Any]]:
    one = Condition(column.name)
    parent = column.name.rpartition(".")[0]
    exists = f"{sql_name(parent)} IS NOT NULL AND " if parent else ""
    if column.required or column.name in table.primary_key:
        yield one.where("required", f"{exists}{{}} IS NULL")
    if column.unique:
        yield one.unique("unique", [column.name])
    for option, value in column.options.items():
        if condition := _OPTIONS.get(option):
            yield one.where(f"{option} {value}", condition.replace("<>", sql_literal(value)))


def _of_quality(
    declared: tuple[Rule, ...], column: Column | None, untested: list[str]
) -> Iterator[Mapping[str, Any]]:
    for rule in declared:
        found = _quality(rule, column)
        if isinstance(found, str):
            untested.append(f"{column.name}: {found}" if column else found)
        else:
            yield found


def _quality(rule: Rule, column: Column | None) -> Mapping[str, Any] | str:
    """Returns a quality rule as it is tested, or why it is not tested."""
    kind = rule.get("type", "library")
    metric = str(rule.get("metric") or rule.get("rule") or "")
    title = str(rule.get("name") or rule.get("id") or metric or kind)[:100]
    given = {name: rule[name] for name in COMPARISONS if name in rule}
    if wrong := next((name for name, bound in given.items() if not _is_bound(name, bound)), None):
        return f"{title}: {wrong} should be a number, or two for a range"
    name = column.name if column else None
    common: dict[str, Any] = {"level": "warn"} if rule.get("severity") in ("info", "warning") else {}
    if given:
        common |= {"must": given} | ({"unit": "percent"} if rule.get("unit") == "percent" else {})
    one = Condition(name, common)
    if kind == "sql":
        query = rule.get("query")
        if not isinstance(query, str) or not given:
            return f"{title}: a rule in SQL needs a query, and what its value must be"
        return one.query(title, _with_names(query, name))
    if kind != "library":
        return f"{title}: rules of type {str(kind)[:40]} are for other tools or for people"
    return _library(metric, title, rule, column, one)


def _library(
    metric: str, title: str, rule: Rule, column: Column | None, one: Condition
) -> Mapping[str, Any] | str:
    listed = rule.get("arguments")
    arguments: Mapping[str, Any] = {**rule, **(listed if isinstance(listed, Mapping) else {})}
    if metric in _ROWS:
        if not one.common.get("must"):
            return f"{title}: nothing says what the number of rows must be"
        return Condition(None, one.common).where(title, "TRUE")
    if metric in _DUPLICATES:
        columns = _texts(arguments.get("properties")) or ([column.name] if column else [])
        return one.unique(title, columns) if columns else f"{title}: no columns are named"
    if column is None:
        return f"{title}: a rule of a column, declared for a table" if metric else f"{title}: no metric"
    if metric in _NULLS:
        return one.where(title, "{} IS NULL")
    if metric in _MISSING:
        values = _values(arguments.get("missingValues"))
        return one.where(title, " OR ".join(["{} IS NULL", *([f"{{}} IN ({values})"] if values else [])]))
    if metric in _INVALID:
        valid, pattern = _values(arguments.get("validValues")), arguments.get("pattern")
        conditions = [f"{{}} NOT IN ({valid})"] if valid else []
        conditions += [f"NOT {{}} RLIKE {sql_literal(pattern)}"] if isinstance(pattern, str) else []
        return one.where(title, " OR ".join(conditions)) if conditions else f"{title}: no valid values"
    return f"{title}: the metric {metric[:40]} is not known" if metric else f"{title}: no metric"


def _is_bound(name: str, bound: object) -> bool:
    numbers = bound if name.endswith("Between") and isinstance(bound, list) else [bound]
    wanted = 2 if name.endswith("Between") else 1
    return len(numbers) == wanted and all(
        isinstance(one, int | float) and not isinstance(one, bool) for one in numbers
    )


def _texts(declared: object) -> list[str]:
    return [one for one in declared if isinstance(one, str)] if isinstance(declared, list) else []


def _values(declared: object) -> str:
    """Returns a list of values as SQL, without null, which is not comparable."""
    listed = declared if isinstance(declared, list) else []
    return ", ".join(sql_literal(one) for one in listed if one is not None)


def _with_names(query: str, column: str | None) -> str:
    """Returns a query with `{table}` for its table, and its column; standard: `${object}`, `${property}`."""
    text = re.sub(r"\$\{(object|table|schema|model)\}|\{(object|table|model)\}", "{table}", query)
    if column:
        named = sql_name(column)
        text = re.sub(r"\$?\{(property|column|field)\}", lambda _: named, text)
    return text.strip().rstrip(";")
