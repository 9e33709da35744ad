"""`mesh show`: comments, keys and owners of tables, within the task that sets them."""

from __future__ import annotations

from collections.abc import Mapping

from mesh.commands.show.fact_tree import Fact, Facts
from mesh.model.table_description import COMMENT, OWNER, PRIMARY_KEY, Part, TableDescription

_NOT_HERE = "where deployments are shared and have run_as"


def description_facts(table: TableDescription, default: str | None, owners: Mapping[str, str]) -> Facts:
    """What is declared about a table.

    Args:
        table: the table.
        default: the schema of tables that name none.
        owners: the owners that the task sets in this environment, by their declared names.
    """

    def place(part: Part) -> str:
        document, at = table.places[part]
        return document.position(at)

    facts: list[Fact | Facts] = []
    if table.owner is not None:
        given = owners.get(table.owner, f"who creates it ({table.owner} {_NOT_HERE})")
        facts.append(Fact("owner", given, place(OWNER)))
    if COMMENT in table.places:
        facts.append(Fact("comment", table.comment, place(COMMENT)))
    columns = [Fact(name, comment, place(("column", name))) for name, comment in table.columns.items()]
    facts.append(Facts("columns", columns))
    if PRIMARY_KEY in table.places:
        facts.append(Fact("primary_key", list(table.primary_key), place(PRIMARY_KEY)))
    keys = []
    for key in table.foreign_keys:
        parent = ".".join(filter(None, (key.schema, key.table)))
        parent += f" of {key.flow}" if key.flow else ""
        keys.append(Fact(key.name, f"{', '.join(key.columns)} → {parent}", place(("foreign_key", key.name))))
    facts.append(Facts("foreign_keys", keys))
    return Facts(table.name if table.schema == default else f"{table.schema}.{table.name}", facts)
