"""Verifies tables with Spark: the program of generated notebooks, which hold its text.

It imports nothing, so that it runs on serverless compute, on any cluster and on the local workspace alike.
"""

from typing import Any

# What a number of rows, or the value of a query, must be; the words of the Open Data Contract Standard
_COMPARISONS: dict[str, Any] = {
    "mustBe": lambda value, bound: value == bound,
    "mustNotBe": lambda value, bound: value != bound,
    "mustBeGreaterThan": lambda value, bound: value > bound,
    "mustBeGreaterOrEqualTo": lambda value, bound: value >= bound,
    "mustBeLessThan": lambda value, bound: value < bound,
    "mustBeLessOrEqualTo": lambda value, bound: value <= bound,
    "mustBeBetween": lambda value, bounds: bounds[0] <= value <= bounds[1],
    "mustNotBeBetween": lambda value, bounds: not bounds[0] <= value <= bounds[1],
}
_NO_ROWS = {"mustBe": 0}
QUARANTINE = "_quarantine"
VIOLATED = "violated_rules"  # the column of a quarantine table that names the rules of a row


class Violated(Exception):
    """A table does not keep what was promised about it."""


def verify(spark: Any, what: dict[str, Any], schemas: dict[str, str], report: Any) -> None:
    """Verifies all rules of all tables, reports each, and raises with those that are violated.

    Args:
        spark: the session.
        what: the rules, as `mesh.model.table_rules` writes them.
        schemas: the full names of the schemas by their names in the flow; "" for tables that name none.
        report: receives each line.

    Raises:
        Violated: a rule of level error is violated, or no rule was tested.
    """
    tested, violated, warned = 0, [], 0
    report(f"{what['title']}:")
    for table in what["tables"]:
        name = f"{schemas[table['schema']]}.{_quoted(table['name'])}"
        shown = ".".join(filter(None, (table["schema"], table["name"])))
        for rule, bad in _table(spark, name, table, lambda line, shown=shown: report(f"  {shown}: {line}")):
            tested += rule is not None
            is_warning = rule is not None and rule.get("level") == "warn"
            if bad:
                report(f"  {'warning ' if is_warning else 'violated'}  {shown}: {bad}")
                warned += is_warning
                violated += [] if is_warning else [f"{shown}: {bad}"]
            else:
                report(f"  ok        {shown}: {_title(rule)}")
        for reason in table.get("untested", ()):
            report(f"  untested  {shown}: {reason}")
    report(f"rules: {tested} tested, {len(violated)} violated, {warned} warned of")
    if not tested:
        violated.append("nothing was tested")
    if violated:
        raise Violated(f"{what['title']} is violated: " + "; ".join(violated))


def _table(spark: Any, name: str, table: dict[str, Any], report: Any) -> Any:
    """Yields each rule of a table with what is wrong; "" where nothing is."""
    try:
        found = _types(spark.table(name).schema)
    except Exception as error:
        yield None, f"cannot be read ({_first_line(error)})"
        return
    for column in table["columns"]:
        actual = found.get(column["name"].lower())
        rule = {"rule": f"type {column['type']}" if column["type"] else "present", "column": column["name"]}
        if actual is None:
            yield rule, f"column {column['name']} is missing"
        elif column["accepted"] and not any(_is_type(actual, one) for one in column["accepted"]):
            yield rule, f"{column['name']}: type is {actual} instead of {column['type']}"
        else:
            yield rule, ""
    rules = []
    for rule in table["rules"]:
        lacking = [one for one in rule.get("needs", ()) if one.lower() not in found]
        if lacking:
            yield rule, f"{_title(rule)}: column {lacking[0]} is missing"
        else:
            rules.append(rule)
    rows, values = _measured(spark, name, rules)
    report(f"{rows} rows")
    for rule, value in zip(rules, values, strict=True):
        yield rule, _wrong(rule, value, rows)
    if table.get("quarantine"):
        bad = [rule for rule, value in zip(rules, values, strict=True) if value != 0 and "query" not in rule]
        _set_aside(spark, name, f"{name[:-1]}{QUARANTINE}`", rules, bool(bad), report)


def _measured(spark: Any, name: str, rules: list[dict[str, Any]]) -> tuple[int, list[Any]]:
    """Returns the number of rows, and a value for each rule; an exception where it cannot be computed."""
    counts = [one for one in map(_count, rules) if one]
    try:  # all of them read the table once
        rows, *together = spark.sql(f"SELECT {', '.join(['count(*)', *counts])} FROM {name}").collect()[0]
    except Exception:  # one of them fails, so each is counted alone
        rows = spark.sql(f"SELECT count(*) FROM {name}").collect()[0][0]
        together = [_value(spark, f"SELECT {one} FROM {name}") for one in counts]
    counted = iter(together)
    own = [None if _count(rule) else rule["query"].replace("{table}", name) for rule in rules]
    return rows, [_value(spark, query) if query else next(counted) for query in own]


def _count(rule: dict[str, Any]) -> str:
    """Returns how SQL counts the rows that violate a rule; "" for a query of its own."""
    if "where" in rule:
        return f"count_if({rule['where']})"
    if "unique" not in rule:
        return ""
    keys = [_path(one) for one in rule["unique"]]
    present = " AND ".join(f"{one} IS NOT NULL" for one in keys)
    return f"count_if({present}) - count(DISTINCT {', '.join(keys)})"  # DISTINCT leaves out null, too


def _value(spark: Any, query: str) -> Any:
    """Returns the single value of a query; the exception if there is none."""
    try:
        rows = spark.sql(query).collect()
        if len(rows) != 1 or len(rows[0]) != 1:
            raise ValueError(f"the query has {len(rows)} rows instead of one value")
        return rows[0][0]
    except Exception as error:
        return error


def _wrong(rule: dict[str, Any], value: Any, rows: int) -> str:
    """Returns what is wrong with the value of a rule; "" if nothing is."""
    if isinstance(value, Exception):
        return f"{_title(rule)}: {_first_line(value)}"
    must = rule.get("must") or _NO_ROWS
    is_percent = rule.get("unit") == "percent"
    measured = (100 * value / rows if rows else 0) if is_percent else value
    try:
        kept = measured is not None and all(_COMPARISONS[name](measured, one) for name, one in must.items())
    except TypeError as error:
        return f"{_title(rule)}: {error}"
    if kept:
        return ""
    found = f"{value} of {rows} rows" if "query" not in rule else f"value {value}"
    expected = "" if must == _NO_ROWS else f", {' and '.join(f'{name} {one}' for name, one in must.items())}"
    return f"{_title(rule)}: {found}{expected}{' percent' if is_percent and expected else ''}"


def _set_aside(
    spark: Any, name: str, quarantine: str, rules: list[dict[str, Any]], is_any: bool, report: Any
) -> None:
    """Writes the rows that violate rules to the quarantine table, with the names of these rules.

    Without `is_any` there is none, so that the table is neither read nor counted.
    """
    marks = []
    for rule in rules:
        condition = rule.get("where")
        if condition is None and "unique" in rule:
            keys = ", ".join(map(_path, rule["unique"]))
            present = " AND ".join(f"{_path(one)} IS NOT NULL" for one in rule["unique"])
            condition = f"{present} AND count(*) OVER (PARTITION BY {keys}) > 1"
        if condition is not None:
            marks.append(f"CASE WHEN {condition} THEN {_literal(_title(rule))} END")
    marked = f"filter(array({', '.join(marks)}), rule -> rule IS NOT NULL) AS {VIOLATED}"
    which = f"size({VIOLATED}) > 0" if is_any else "false"
    bad = spark.sql(f"SELECT * FROM (SELECT *, {marked} FROM {name}) WHERE {which}")
    bad.write.mode("overwrite").option("overwriteSchema", True).saveAsTable(quarantine)
    rows = spark.table(quarantine).count() if is_any else 0
    report(f"{rows} rows in {quarantine.replace('`', '')}")


def _types(schema: Any, prefix: str = "") -> dict[str, str]:
    """Returns the types of all columns and of the fields inside them, by their names in lower case."""
    types: dict[str, str] = {}
    for field in schema.fields:
        types[f"{prefix}{field.name}".lower()] = field.dataType.simpleString().lower()
        if hasattr(field.dataType, "fields"):
            types |= _types(field.dataType, f"{prefix}{field.name}.")
    return types


def _is_type(actual: str, accepted: str) -> bool:
    """True if a type is the accepted one, or of the accepted family, such as `array`."""
    return actual == accepted or actual.startswith((f"{accepted}(", f"{accepted}<"))


def _title(rule: dict[str, Any]) -> str:
    column = rule.get("column")
    return f"{column}: {rule['rule']}" if column else str(rule["rule"])


def _quoted(name: str) -> str:
    return f"`{name.replace('`', '``')}`"


def _path(column: str) -> str:
    """Returns a column, or a field inside it, as SQL."""
    return ".".join(map(_quoted, column.split(".")))


def _literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
