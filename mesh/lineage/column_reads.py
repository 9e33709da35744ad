"""Which flows read tables and columns of another flow, and the lines of their code that do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from mesh.lineage.code_reader import SourceFiles
from mesh.lineage.column_lines import column_lines
from mesh.lineage.flow_code import task_codes
from mesh.lineage.lineage import Lineage, mesh_lineage
from mesh.lineage.table import Column, Place, Table
from mesh.lineage.task_lineage import TaskLineage
from mesh.mesh import MeshDeployment


@dataclass(frozen=True)
class ColumnReads:
    """Answers who reads a column.

    Args:
        lineage: the lineage of the mesh.
        files: the files that each task runs, by its flow and name.
        root: the mesh's root.
    """

    lineage: Lineage
    files: Mapping[tuple[str, str], tuple[str, ...]]
    root: Path

    def is_known(self, flow: str) -> bool:
        """True if the code of a flow tells all tables that it reads."""
        tasks = self._tasks.get(flow, ())
        return bool(tasks) and not any(task.hides for task in tasks)

    def readers(self, producer: str, table: str, column: str | None) -> Mapping[str, tuple[Place, ...]]:
        """Returns the lines that read a table or a column, by flow, without the flow that provides it.

        A line that reads a column names it. Where no line does, as with `SELECT *`, it is the line that
        reads the table.

        Args:
            producer: the flow that the table belongs to.
            table: the name of the table, without catalog and schema.
            column: the name of the column; None for the table itself.
        """
        found: dict[str, dict[Place, None]] = {}
        for one in self._named(producer, table):
            for task in self.lineage.readers.get(one, ()):
                if task.flow != producer and (column is None or reads_column(task, Column(one, column))):
                    found.setdefault(task.flow, {}).update(dict.fromkeys(self._lines(task, one, column)))
        return {flow: tuple(places) for flow, places in sorted(found.items())}

    def _named(self, producer: str, table: str) -> Iterator[Table]:
        """The tables of a flow with this name, in any of its schemas."""
        for one in self._by_name.get(table.lower(), ()):
            if producer in self.lineage.owners.get(one.schema_name, ()):
                yield one

    def _lines(self, task: TaskLineage, table: Table, column: str | None) -> tuple[Place, ...]:
        if column is not None:
            files = [*self.files.get((task.flow, task.task), ())]
            files += (one.place.file for one in task.reads)
            files += (one.place.file for one in task.writes)
            if lines := tuple(column_lines(dict.fromkeys(files), column, self._sources)):
                return lines
        return task.places(table)

    @cached_property
    def _tasks(self) -> Mapping[str, list[TaskLineage]]:
        found: dict[str, list[TaskLineage]] = {}
        for task in self.lineage.tasks:
            found.setdefault(task.flow, []).append(task)
        return found

    @cached_property
    def _by_name(self) -> Mapping[str, list[Table]]:
        found: dict[str, list[Table]] = {}
        for table in sorted(self.lineage.tables):
            found.setdefault(table.name, []).append(table)
        return found

    @cached_property
    def _sources(self) -> SourceFiles:
        return SourceFiles(self.root)


def column_reads(deployed: MeshDeployment) -> ColumnReads:
    """Reads the lineage of a mesh in an environment, to answer who reads a column."""
    files = {(one.flow, one.name): one.files for one in task_codes(deployed)}
    return ColumnReads(mesh_lineage(deployed), files, deployed.git.root)


def reads_column(task: TaskLineage, column: Column) -> bool:
    """True if a task reads a column, or names it although the code that writes the table has none."""
    named = f"column `{column.name[:60]}` "
    return (
        column in task.columns
        or Column(column.table, "*") in task.columns
        or any(gap.hides == "column" and gap.why.startswith(named) for gap in task.gaps)
    )
