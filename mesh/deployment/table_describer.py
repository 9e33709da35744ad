"""Sets comments and keys of tables with SQL: the program of generated notebooks, which hold its text.

It imports nothing, so that it runs on serverless compute, on any cluster and on the local workspace alike.
It sets only what differs, because each statement is a new version of a table.
"""

from typing import Any

# Databricks REST API, `tables.get`: what only the pipeline that fills a table can change
OF_PIPELINES = ("MATERIALIZED_VIEW", "STREAMING_TABLE")
_NOT_NULL = " SET NOT NULL"
_TITLES = {
    "comment": "comment",
    "column": "comment of {}",
    "primary_key": "primary key",
    "foreign_key": "foreign key {}",
}


class NotDescribed(Exception):
    """A table could not be described as it is declared."""


def describe(
    sql: Any, read: Any, tables: list[dict[str, Any]], schemas: dict[str, tuple[str, str]], report: Any
) -> None:
    """Sets what differs in all tables: comments and primary keys first, then the foreign keys to them.

    Args:
        sql: runs a statement.
        read: returns a table of Unity Catalog by its full name, as its API does; None if there is none.
        tables: what is declared, as `mesh.model.table_description` writes it.
        schemas: catalog and schema by the schema's key in `tables`.
        report: receives each line.

    Raises:
        NotDescribed: a statement failed, or a table or column does not exist. All others are set.
    """
    counts, problems = {"set": 0, "kept": 0}, []
    for keys in (False, True):
        for table in tables:
            if keys and not table.get("foreign_keys"):
                continue
            shown = "/".join(filter(None, (table["schema"], table["name"])))
            full = ".".join((*schemas[table["schema"]], table["name"]))
            try:
                found, problem = read(full), f"{shown} does not exist"
            except Exception as error:
                found, problem = None, f"{shown} cannot be read ({_first_line(error)})"
            if found is None:
                problems += [] if keys else [problem]
                continue
            if found.get("table_type") in OF_PIPELINES:
                if not keys:
                    report(f"  {shown}: a pipeline fills it, and sets its comments and keys")
                continue
            wanted = foreign_keys(table, found, schemas, read) if keys else description(table, found)
            _apply(sql, shown, wanted, counts, problems, report)
    report(f"{counts['set']} set, {counts['kept']} as declared")
    if problems:
        raise NotDescribed("tables are not as declared: " + "; ".join(problems))


def _apply(
    sql: Any, shown: str, wanted: Any, counts: dict[str, int], problems: list[str], report: Any
) -> None:
    parts = []
    try:
        for part in wanted:
            parts.append(part)
    except Exception as error:  # a name that cannot be used; what is before it is set
        problems.append(f"{shown}: {_first_line(error)}")
    for kind, name, statements in _together(sql, parts):
        what = _TITLES[kind].format(name)
        if statements is None:
            counts["kept"] += 1
        elif problem := _run(sql, statements):
            problems.append(f"{shown}: {what}: {problem}")
        else:
            counts["set"] += 1
            report(f"  {shown}: {what} is set")


def _together(sql: Any, parts: list[Any]) -> Any:
    """Yields the parts, after the comments of all columns were set at once where that is possible.

    One statement for several columns needs Databricks Runtime 16.3 or Spark 4.0, and is one version of the
    table. If it fails, each column has its own.
    """
    columns = [one[2][0] for one in parts if one[0] == "column" and one[2] and isinstance(one[2][0], tuple)]
    done = None
    for kind, name, statements in parts:
        is_one = bool(statements) and statements[0] in columns
        if is_one and done is None:
            changes = ", ".join(change for _, change in columns)
            done = len(columns) > 1 and not _run(sql, [(columns[0][0], changes)])
        yield kind, name, [] if is_one and done else statements


def _run(sql: Any, statements: list[Any]) -> str:
    """Runs statements, which may be tuples of their parts; returns why they failed, "" if they did not."""
    first = ""
    for one in statements:
        try:
            if isinstance(one, Exception):
                raise one
            sql("".join(one))
        except Exception as error:
            first = first or _first_line(error)
            # Databricks then refuses the key; where the column stays nullable, the key does not need it
            if not str(one).endswith(_NOT_NULL):
                return first
    return ""


def description(table: dict[str, Any], found: dict[str, Any]) -> Any:
    """Yields comments and primary key of a table, by kind and name, with the statements that set them.

    It is None instead of statements where nothing differs.

    Args:
        table: what is declared.
        found: the table in Unity Catalog.
    """
    name, columns = _full_name(found), _columns(found)
    is_view = found.get("table_type") == "VIEW"
    # first, while Spark still knows the files of the version that the task wrote: NOT NULL reads the rows
    if (wanted := table.get("primary_key")) and not is_view:
        former = _keys(found, "primary_key_constraint")
        same = any(_lower(one["child_columns"]) == _lower(wanted) for one in former)
        yield "primary_key", "", None if same else _primary_key(table, name, columns, former)
    if (comment := table.get("comment")) is not None:
        same = found.get("comment") == comment
        yield "comment", "", None if same else [f"COMMENT ON TABLE {name} IS {literal(comment)}"]
    # the comments of a view's columns are part of its text
    for column, comment in () if is_view else table.get("columns", {}).items():
        here = columns.get(column.lower())
        if here is None:
            yield "column", column, [_Missing(f"there is no column {column}")]
        elif here.get("comment") == comment:
            yield "column", column, None
        else:
            change = f"{quoted(here['name'])} COMMENT {literal(comment)}"
            yield "column", column, [(f"ALTER TABLE {name} ALTER COLUMN ", change)]


def _primary_key(table: dict[str, Any], name: str, columns: dict[str, Any], former: Any) -> list[Any]:
    wanted = table["primary_key"]
    if missing := [one for one in wanted if one.lower() not in columns]:
        return [_Missing(f"there is no column {missing[0]}")]
    own = [columns[one.lower()] for one in wanted]
    nullable = [quoted(one["name"]) for one in own if one.get("nullable", True)]
    listed = ", ".join(quoted(one["name"]) for one in own)
    add = f"ADD CONSTRAINT {quoted(table['name'] + '_pk')} PRIMARY KEY ({listed})"
    return [
        *(f"ALTER TABLE {name} DROP CONSTRAINT {quoted(one['name'])}" for one in former),
        *(f"ALTER TABLE {name} ALTER COLUMN {one}{_NOT_NULL}" for one in nullable),
        f"ALTER TABLE {name} {add}",
    ]


def foreign_keys(
    table: dict[str, Any], found: dict[str, Any], schemas: dict[str, tuple[str, str]], read: Any
) -> Any:
    """Yields the foreign keys of a table, likewise.

    Args:
        table: what is declared.
        found: the table in Unity Catalog.
        schemas: catalog and schema by the schema's key in `table`.
        read: returns a table of Unity Catalog by its full name; None to compare alone.
    """
    name, columns = _full_name(found), _columns(found)
    for key in table.get("foreign_keys", ()):
        former = [one for one in _keys(found, "foreign_key_constraint") if one["name"].lower() == key["name"]]
        parent = (*schemas[key["schema"]], key["table"])
        if missing := [one for one in key["columns"] if one.lower() not in columns]:
            yield "foreign_key", key["name"], [_Missing(f"there is no column {missing[0]}")]
        elif any(_is_key(one, key, ".".join(parent)) for one in former):
            yield "foreign_key", key["name"], None
        elif isinstance(to := _referenced(key, ".".join(parent), read), Exception):
            yield "foreign_key", key["name"], [to]
        else:
            listed = ", ".join(quoted(columns[one.lower()]["name"]) for one in key["columns"])
            add = f"ADD CONSTRAINT {quoted(key['name'])} FOREIGN KEY ({listed})"
            to = f"{'.'.join(map(quoted, parent))} ({', '.join(map(quoted, to))})"
            statements = [f"ALTER TABLE {name} DROP CONSTRAINT {quoted(one['name'])}" for one in former]
            yield "foreign_key", key["name"], [*statements, f"ALTER TABLE {name} {add} REFERENCES {to}"]


def _referenced(key: dict[str, Any], parent: str, read: Any) -> Any:
    """Returns the columns that a key references, which Spark needs, or why they are not known."""
    if key["parent_columns"] or not read:
        return key["parent_columns"]
    try:
        found = read(parent)
    except Exception as error:
        return _Missing(f"{parent} cannot be read ({_first_line(error)})")
    if found is None:
        return _Missing(f"{parent} does not exist (run the flow that fills it)")
    keys = _keys(found, "primary_key_constraint")
    columns = [column for one in keys for column in one["child_columns"]]
    return columns or _Missing(f"{parent} has no primary key yet (run the flow that fills it)")


class _Missing(Exception):
    """What a statement needs does not exist."""


def _is_key(found: dict[str, Any], key: dict[str, Any], parent: str) -> bool:
    """True if a foreign key is the declared one; without columns, that of the primary key."""
    return (
        _lower(found["child_columns"]) == _lower(key["columns"])
        and found.get("parent_table", "").lower() == parent.lower()
        and (not key["parent_columns"] or _lower(found["parent_columns"]) == _lower(key["parent_columns"]))
    )


def _keys(found: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [one[kind] for one in found.get("table_constraints") or () if one.get(kind)]


def _columns(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["name"].lower(): one for one in found.get("columns") or ()}


def _full_name(found: dict[str, Any]) -> str:
    return ".".join(quoted(found[one]) for one in ("catalog_name", "schema_name", "name"))


def _lower(names: Any) -> list[str]:
    return [one.lower() for one in names or ()]


def quoted(name: str) -> str:
    """Returns a name as SQL."""
    if "${" in name:
        raise ValueError("Spark replaces `${` in a name, so it cannot be used here")
    return f"`{name.replace('`', '``')}`"


def literal(text: str) -> str:
    """Returns a text as SQL. Spark replaces `${…}` even in texts, so `$` is written by its number."""
    special = {"\\": "\\\\", "'": "\\'", "$": "\\u0024", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return "'" + "".join(special.get(one, one) for one in text) + "'"


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
