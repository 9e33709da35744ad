"""What the code of one task or pipeline reads and writes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from mesh.lineage.session import Read, Write
from mesh.lineage.table import Column, Gap, Place, Table


@dataclass(frozen=True)
class TaskLineage:
    """What the code of one task or pipeline reads and writes.

    Args:
        flow: the path of its flow.
        task: the key of the task, or the name of the pipeline.
        reads: the tables that it reads, with the lines that name them.
        writes: the tables that it writes.
        columns: the columns that it reads; the name `*` stands for all other columns of a table.
        gaps: what its code does not tell.
    """

    flow: str
    task: str
    reads: tuple[Read, ...] = ()
    writes: tuple[Write, ...] = ()
    columns: frozenset[Column] = frozenset()
    gaps: tuple[Gap, ...] = ()

    @property
    def complete(self) -> bool:
        """True if the names of all columns that it writes are known."""
        return all(one.relation.complete for one in self.writes)

    @property
    def hides(self) -> bool:
        """True if it may read or write tables that its code does not tell."""
        return any(gap.hides == "table" for gap in self.gaps)

    @cached_property
    def written(self) -> frozenset[Table]:
        """The tables that it writes."""
        return frozenset(one.table for one in self.writes)

    @cached_property
    def read(self) -> frozenset[Table]:
        """The tables that it reads, without those that it wrote itself before."""
        return frozenset(one.table for one in self.reads if not self._own(one))

    def places(self, table: Table) -> tuple[Place, ...]:
        """The lines that read a table."""
        return tuple(one.place for one in self.reads if one.table == table)

    def _own(self, read: Read) -> bool:
        """True if the task wrote the table itself, and reads it only to show or check it."""
        made_of_it = any(read.table in one.relation.all_tables for one in self.writes)
        return read.table in self.written and not made_of_it
