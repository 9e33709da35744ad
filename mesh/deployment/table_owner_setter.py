"""Gives tables to their declared owners with SQL: the program of generated notebooks, which hold its text.

It imports nothing, as the program that describes tables, after which it runs: whoever gives a table away
may lose the rights that keys and comments need.
"""

from typing import Any


class NotGiven(Exception):
    """A table could not be given to its declared owner."""


def set_owners(
    sql: Any,
    read: Any,
    tables: list[dict[str, Any]],
    schemas: dict[str, tuple[str, str]],
    owners: dict[str, str],
    quoted: Any,
    report: Any,
) -> None:
    """Gives tables to their owners, if they have others.

    Args:
        sql: runs a statement.
        read: returns a table of Unity Catalog by its full name, as its API does; None if there is none.
        tables: what is declared, as `mesh.model.table_description` writes it.
        schemas: catalog and schema by the schema's key in `tables`.
        owners: their names in Unity Catalog, by their declared names; without those that are not set here.
        quoted: returns a name as SQL.
        report: receives each line.

    Raises:
        NotGiven: a statement failed. All other tables have their owners.
    """
    problems = []
    for table in tables:
        owner = owners.get(table.get("owner", ""))
        if owner is None:
            continue
        shown = "/".join(filter(None, (table["schema"], table["name"])))
        try:
            found = read(".".join((*schemas[table["schema"]], table["name"])))
            if found is None:
                raise ValueError("it does not exist")
            if is_owned(found, owner):
                continue
            name = ".".join(quoted(found[one]) for one in ("catalog_name", "schema_name", "name"))
            sql(f"ALTER TABLE {name} SET OWNER TO {quoted(owner)}")
            report(f"  {shown}: {owner} owns it now (was {found.get('owner') or 'unknown'})")
        except Exception as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
            problems.append(f"{shown}: owner {owner}: {reason}")
    if problems:
        raise NotGiven("tables have other owners: " + "; ".join(problems))


def is_owned(found: dict[str, Any], owner: str) -> bool:
    """True if nothing is to be done: a principal owns a table, or its owner cannot be set.

    A pipeline owns the tables that it fills. What a view shows depends on what its owner may read.

    Args:
        found: the table in Unity Catalog.
        owner: the principal's name in Unity Catalog.
    """
    kinds = ("MATERIALIZED_VIEW", "STREAMING_TABLE", "VIEW")
    return found.get("table_type") in kinds or str(found.get("owner")).lower() == owner.lower()
