"""Addresses of flows, tables and columns, as people write them and lineage shows them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mesh.errors import UsageError
from mesh.finding import nearest
from mesh.lineage.lineage import Lineage
from mesh.lineage.table import Column, Table, name_parts
from mesh.model.path import leads_to

Target = str | Table | Column
"""A flow by its path, a table, or a column."""

_MOST_CHOICES = 8


@dataclass(frozen=True)
class Addresses:
    """The addresses of all flows, tables and columns of a mesh.

    Args:
        lineage: the lineage of the mesh.
        flows: the paths of all flows.
    """

    lineage: Lineage
    flows: tuple[str, ...]

    def of(self, target: Target) -> str:
        """Returns the address of a flow, table or column.

        A table has the path of the flow that it belongs to: `acme/sales/shop/prep/orders/daily`. A table of
        no flow has its full name.
        """
        if isinstance(target, Column):
            return f"{self.of(target.table)}.{target.name}"
        if isinstance(target, Table):
            owner = self.lineage.owner(target)
            return f"{owner}/{target.name}" if owner else str(target)
        return target

    def find(self, text: str) -> Target:
        """Returns the flow, table or column that a text means; leading levels may be omitted.

        Args:
            text: for example `prep/revenue`, `prep/revenue/daily`, `daily.amount` or `main.sales.daily`.

        Raises:
            UsageError: nothing matches, or several do.
        """
        wanted = text.strip().strip("/")
        found: list[Target] = [flow for flow in self.flows if leads_to(wanted, flow)]
        found += [table for table in sorted(self.lineage.tables) if self._is(wanted, table)]
        if not found:
            found += self._columns(wanted)
        if len(found) == 1:
            return found[0]
        if found:
            choices = [f"{_kind(one)} {self.of(one)}" for one in found[:_MOST_CHOICES]]
            more = ", …" if len(found) > _MOST_CHOICES else ""
            raise UsageError(f"`{text}` may be {' or '.join(choices)}{more} (write a longer name)")
        known = {*self.flows, *map(self.of, self.lineage.tables)}
        depth = len(wanted.split("/"))
        endings = {"/".join(one.split("/")[-depth:]) for one in known}
        hint = nearest(wanted, endings, "flows and tables") if len(endings) < 30 else _near(wanted, endings)
        raise UsageError(f"no flow, table or column of the mesh is called `{text[:120]}` ({hint})")

    def _columns(self, wanted: str) -> Iterator[Column]:
        above, _, name = wanted.rpartition(".")
        if above:
            for table in sorted(self.lineage.tables):
                column = Column(table, name.strip("`").lower())
                if self._is(above, table) and column in self.columns(table):
                    yield column

    def columns(self, table: Table) -> list[Column]:
        """Returns the columns of a table that code reads or writes, in order."""
        names = dict.fromkeys(self.lineage.columns.get(table, ()))
        for task in self.lineage.tasks:
            names |= dict.fromkeys(sorted(one.name for one in task.columns if one.table == table))
            for write in task.writes:
                if write.table == table:
                    names |= dict.fromkeys(write.relation.columns)
        return [Column(table, name) for name in names if name != "*"]

    def _is(self, wanted: str, table: Table) -> bool:
        """True if a text names a table: by the path of its flow, or by its name in Unity Catalog."""
        if "/" in wanted:
            return leads_to(wanted.lower(), self.of(table).lower())
        parts = name_parts(wanted)
        return parts is not None and (table.catalog, table.schema, table.name)[-len(parts) :] == parts


def _near(wanted: str, endings: set[str]) -> str:
    hint = nearest(wanted, endings, "")
    return hint if hint.startswith("did you") else "`mesh lineage` lists them all"


def _kind(target: Target) -> str:
    return "column" if isinstance(target, Column) else "table" if isinstance(target, Table) else "flow"
