"""Creates and changes views with SQL: the program of generated notebooks, which hold its text.

It imports nothing, so that it runs on any compute. A view that is as declared is left alone, and another one
is altered, which keeps the privileges on it: `CREATE OR REPLACE VIEW` removes them.
"""

from typing import Any


class NotCreated(Exception):
    """A view could not be created as it is declared."""


def create(sql: Any, read: Any, views: list[dict[str, Any]], value: Any, schemas: Any, report: Any) -> None:
    """Creates or alters the views that differ, each after the views that it reads.

    Args:
        sql: runs a statement.
        read: returns a view of Unity Catalog by its full name, as its API does; None if there is none.
        views: what is declared, as `mesh.deployment.view_task` writes it.
        value: returns the value of a parameter.
        schemas: catalog and schema by the schema's key in `views`.
        report: receives each line.

    Raises:
        NotCreated: views could not be created. All others are.
    """
    waiting, kept = [*views], 0
    problems: list[str] = []
    while waiting:
        problems, again = [], []
        for view in waiting:
            try:
                done = _create(sql, read, view, value, schemas)
                kept += not done
                if done:
                    report(f"  {view['shown']} is {done}")
            except Exception as error:  # a view that it reads may be a later one
                again.append(view)
                problems.append(f"{view['shown']}: {_first_line(error)}")
        if len(again) == len(waiting):
            break
        waiting = again
    report(f"{len(views) - kept - len(problems)} set, {kept} as declared")
    if problems:
        raise NotCreated("views are not as declared: " + "; ".join(problems))


def _create(sql: Any, read: Any, view: dict[str, Any], value: Any, schemas: Any) -> str:
    """Creates or alters one view; returns what was done, "" for nothing."""
    catalog, schema = schemas[view["schema"]]
    query, name = rendered(view["query"], value), ".".join(map(quoted, (catalog, schema, view["name"])))
    found = read(".".join((catalog, schema, view["name"])))
    if found is not None and found.get("table_type") != "VIEW":
        raise ValueError("it is a table (rename the file, or drop the table)")
    if found is not None and is_defined(found, query):
        return ""
    sql(f"USE {quoted(catalog)}.{quoted(schema)}")  # names without catalog and schema are the flow's own
    sql(f"{'CREATE' if found is None else 'ALTER'} VIEW {name} AS {query}")
    return "created" if found is None else "changed"


def is_defined(found: dict[str, Any], query: str) -> bool:
    """True if a view of Unity Catalog has this query."""
    return str(found.get("view_definition")).strip() == query.strip()


def rendered(pieces: list[Any], value: Any) -> str:
    """Returns a query with the names and values of its parameters.

    Args:
        pieces: the query, as `mesh.model.view_query` reads it.
        value: returns the value of a parameter.
    """
    text = ""
    for piece in pieces:
        if isinstance(piece, str):
            text += piece
        elif "value" in piece:
            text += literal(value(piece["value"]))
        else:
            name = "".join(part if isinstance(part, str) else value(part["value"]) for part in piece["name"])
            text += ".".join(quoted(part) for part in name.split("."))
    return text


def quoted(name: str) -> str:
    """Returns a name as SQL."""
    return f"`{name.replace('`', '``')}`"


def literal(text: str) -> str:
    """Returns a text as SQL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
