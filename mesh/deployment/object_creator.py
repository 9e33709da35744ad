"""Creates and changes views and functions with SQL: the program of generated notebooks, which hold its text.

It needs the standard library alone, so that it runs on any compute. What is as declared is left alone. A view
that differs is altered, which keeps the privileges on it: `CREATE OR REPLACE VIEW` removes them. A function
can only be replaced, and gets back the privileges that it had.
"""

from hashlib import sha256
from typing import Any


class NotCreated(Exception):
    """A view or function could not be created as it is declared."""


def create(sql: Any, api: Any, objects: list[dict[str, Any]], value: Any, schemas: Any, report: Any) -> None:
    """Creates or changes the views or functions that differ, each after those that it uses.

    Args:
        sql: runs a statement.
        api: calls Unity Catalog with method, path and body; returns None if there is nothing.
        objects: what is declared, as `mesh.deployment.object_task` writes it.
        value: returns the value of a parameter.
        schemas: catalog and schema by the schema's key in `objects`.
        report: receives each line.

    Raises:
        NotCreated: some could not be created. All others are.
    """
    waiting, kept = [*objects], 0
    problems: list[str] = []
    while waiting:
        problems, again = [], []
        for one in waiting:
            try:
                done = (_function if "head" in one else _view)(sql, api, one, value, schemas)
                kept += not done
                if done:
                    report(f"  {one['shown']} is {done}")
            except Exception as error:  # what it uses may be a later one
                again.append(one)
                problems.append(f"{one['shown']}: {_first_line(error)}")
        if len(again) == len(waiting):
            break
        waiting = again
    report(f"{len(objects) - kept - len(problems)} set, {kept} as declared")
    if problems:
        kind = "functions" if "head" in objects[0] else "views"
        raise NotCreated(f"{kind} are not as declared: " + "; ".join(problems))


def _view(sql: Any, api: Any, view: dict[str, Any], value: Any, schemas: Any) -> str:
    """Creates or alters one view; returns what was done, "" for nothing."""
    names = (*schemas[view["schema"]], view["name"])
    query = rendered(view["query"], value)
    found = api("GET", f"tables/{'.'.join(names)}")
    if found is not None and found.get("table_type") != "VIEW":
        raise ValueError("it is a table (rename the file, or drop the table)")
    if found is not None and is_defined(found, query):
        return ""
    _use(sql, names)
    sql(f"{'CREATE' if found is None else 'ALTER'} VIEW {full_name(names)} AS {query}")
    return "created" if found is None else "changed"


def is_defined(found: dict[str, Any], query: str) -> bool:
    """True if a view of Unity Catalog has this query."""
    return str(found.get("view_definition")).strip() == query.strip()


def _function(sql: Any, api: Any, function: dict[str, Any], value: Any, schemas: Any) -> str:
    """Creates or replaces one function; returns what was done, "" for nothing."""
    names = (*schemas[function["schema"]], function["name"])
    head, body = function["head"], rendered(function["body"], value)
    found = api("GET", f"functions/{'.'.join(names)}")
    if found is not None and is_marked(found, head + body):
        return ""
    permissions = f"permissions/function/{'.'.join(names)}"
    before = _privileges(api("GET", permissions)) if found is not None else {}
    _use(sql, names)
    change = "CREATE" if found is None else "CREATE OR REPLACE"
    sql(f"{change} FUNCTION {full_name(names)}{head}{mark(head + body)}{body}")
    if before:
        after = _privileges(api("GET", permissions))
        lost = {principal: held - after.get(principal, set()) for principal, held in before.items()}
        changes = [{"principal": one, "add": sorted(held)} for one, held in lost.items() if held]
        if changes:
            api("PATCH", permissions, {"changes": changes})
    return "created" if found is None else "changed"


def mark(statement: str) -> str:
    """Returns what the comment of a function ends with, by which the next run knows it."""
    return f"(mesh {sha256(statement.encode()).hexdigest()[:16]})"


def is_marked(found: dict[str, Any], statement: str) -> bool:
    """True if a function of Unity Catalog was created by this statement."""
    return str(found.get("comment")).rstrip().endswith(mark(statement))


def _privileges(answer: Any) -> dict[str, set[str]]:
    """Returns the privileges of each principal on an object."""
    listed = (answer or {}).get("privilege_assignments") or ()
    return {one["principal"]: set(one.get("privileges") or ()) for one in listed}


def _use(sql: Any, names: Any) -> None:
    """Lets names without catalog and schema be those of an object's own schema."""
    sql(f"USE {full_name(names[:2])}")


def rendered(pieces: list[Any], value: Any) -> str:
    """Returns SQL with the names and values of its parameters.

    Args:
        pieces: the SQL, as `mesh.model.sql_pieces` reads it.
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
            text += full_name(name.split("."))
    return text


def full_name(names: Any) -> str:
    """Returns a name of several parts as SQL."""
    return ".".join("`" + name.replace("`", "``") + "`" for name in names)


def literal(text: str) -> str:
    """Returns a text as SQL."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
