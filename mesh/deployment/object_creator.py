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
    waiting, kept = [{**one} for one in objects], 0
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
                reason = error if isinstance(error, NotCreated) else _first_line(error)
                problems.append(f"{one['shown']}: {reason}")
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
    is_made, permissions = is_marked(found or {}, head + body), f"permissions/function/{'.'.join(names)}"
    if is_made and "held" not in function:
        return ""
    if not is_made:
        if "held" not in function:  # kept for the next attempt, which cannot read them any more
            function["held"] = _privileges(api("GET", permissions)) if found is not None else {}
        _use(sql, names)
        change = "CREATE" if found is None else "CREATE OR REPLACE"
        sql(f"{change} FUNCTION {full_name(names)}{head}{mark(head + body)}{body}")
    _give_back(api, permissions, function["held"])
    return "created" if found is None else "changed"


def _give_back(api: Any, permissions: str, held: dict[str, set[str]]) -> None:
    """Gives principals the privileges that they had, each by itself: one of them may be gone by now.

    Raises:
        NotCreated: some lack privileges. The next run does not know them, so the message names them.
    """
    after = _privileges(api("GET", permissions)) if held else {}
    problems = []
    for principal, privileges in held.items():
        if lost := sorted(privileges - after.get(principal, set())):
            try:
                api("PATCH", permissions, {"changes": [{"principal": principal, "add": lost}]})
            except Exception as error:
                problems.append(f"{', '.join(lost)} of {principal} ({_first_line(error)})")
    if problems:
        raise NotCreated(f"it is changed, which removed {', '.join(problems)}: grant these again")


def mark(statement: str) -> str:
    """Returns what the comment of a function ends with, by which the next run knows it."""
    return f"(mesh {sha256(statement.encode()).hexdigest()[:16]})"


def is_marked(found: dict[str, Any], statement: str) -> bool:
    """True if a function of Unity Catalog was created by this statement."""
    return str(found.get("comment")).rstrip().endswith(mark(statement))


def _privileges(answer: Any) -> dict[str, set[str]]:
    """Returns the privileges of each principal on an object; a deleted one has no name."""
    listed = (answer or {}).get("privilege_assignments") or ()
    return {one["principal"]: set(one.get("privileges") or ()) for one in listed if one.get("principal")}


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
