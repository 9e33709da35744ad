"""`mesh show`: comments and keys of tables, within the task that sets them."""

from __future__ import annotations

from mesh.commands.show.fact_tree import Fact, Facts
from mesh.model.table_description import COMMENT, PRIMARY_KEY, Part, TableDescription


def description_facts(table: TableDescription, default: str | None) -> Facts:
    """What is declared about a table.

    Args:
        table: the table.
        default: the schema of tables that name none.
    """

    def place(part: Part) -> str:
        document, at = table.places[part]
        return document.position(at)

    facts: list[Fact | Facts] = []
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
