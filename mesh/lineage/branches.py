"""The lineage of a flow, table or column as a tree: up to its sources, or down to what depends on it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeVar

from mesh.lineage.address import Addresses, Target
from mesh.lineage.session import Write
from mesh.lineage.table import Column, Place, Table
from mesh.lineage.task_lineage import TaskLineage

T = TypeVar("T", Table, Column)
Direction = Literal["up", "down"]
Kind = Literal["flow", "task", "table", "column"]

_DECIDES = "decides the rows"
_AGAIN = "shown above"
_MOST = 20_000  # branches of one tree


@dataclass(frozen=True)
class Branch:
    """A node of the tree, with what is above or below it.

    Args:
        kind: the kind of node.
        name: the name in Unity Catalog; of a task, its flow and key.
        address: the address in the mesh.
        places: the lines of code that make the connection to the node before.
        note: a remark; "" for none.
        branches: the nodes after it.
    """

    kind: Kind
    name: str
    address: str
    places: tuple[Place, ...] = ()
    note: str = ""
    branches: tuple[Branch, ...] = ()

    @property
    def all(self) -> Iterator[Branch]:
        """The branch and all branches after it."""
        yield self
        for one in self.branches:
            yield from one.all


def branches(addresses: Addresses, target: Target, direction: Direction) -> tuple[Branch, ...]:
    """Returns the tasks and tables before or after a flow, table or column.

    Args:
        addresses: the addresses of the mesh.
        target: the flow, table or column.
        direction: `up` to its sources, `down` to what depends on it.
    """
    return tuple(_Tree(addresses).of(target, direction))


class _Tree:
    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        self._lineage = addresses.lineage
        self._seen: set[Table | Column] = set()
        self._ends: set[Table | Column] = set()  # nothing is after them
        self._count = 0

    def of(self, target: Target, direction: Direction) -> Iterator[Branch]:
        if isinstance(target, Column):
            self._seen.add(target)
            yield from self._column_up(target) if direction == "up" else self._column_down(target)
        elif isinstance(target, Table):
            self._seen.add(target)
            yield from self._up(target) if direction == "up" else self._down(target)
        else:
            yield from self._flow(target, direction)

    def _flow(self, flow: str, direction: Direction) -> Iterator[Branch]:
        """The tasks of a flow with the tables that they read or write."""
        for task in self._lineage.tasks:
            if task.flow != flow:
                continue
            if direction == "up":
                below = [self._table(one, task.places(one), self._up) for one in sorted(task.read)]
            else:
                below = [self._table(one, _written(task, one), self._down) for one in sorted(task.written)]
            if below:
                yield self._task(task, (), below)

    def _down(self, table: Table) -> Iterator[Branch]:
        for task in self._lineage.readers.get(table, ()):
            made = [one for one in task.writes if table in one.relation.all_tables and one.table != table]
            below = (self._table(one.table, (one.place,), self._down) for one in _once(made))
            yield self._task(task, task.places(table), below)

    def _up(self, table: Table) -> Iterator[Branch]:
        for task in self._lineage.writers.get(table, ()):
            sources = {
                source for one in task.writes if one.table == table for source in one.relation.all_tables
            }
            below = (
                self._table(source, task.places(source), self._up) for source in sorted(sources - {table})
            )
            yield self._task(task, _written(task, table), below)

    def _column_down(self, column: Column) -> Iterator[Branch]:
        for task in self._lineage.readers.get(column.table, ()):
            if _reads(task, column):
                yield self._task(task, task.places(column.table), self._made_of(column, task))

    def _made_of(self, column: Column, task: TaskLineage) -> Iterator[Branch]:
        """What a task makes of a column."""
        whole = Column(column.table, "*")
        for write in task.writes:
            relation = write.relation
            named = [
                name
                for name, origin in relation.columns.items()
                if column in origin.columns or whole in origin.columns
            ]
            if column.table in relation.rest and column.name not in relation.columns:
                named.append(column.name)
            for name in named:
                yield self._column(Column(write.table, name), (write.place,), self._column_down)
            if not named and (column in relation.used or whole in relation.used):
                yield self._table(write.table, (write.place,), self._down, _DECIDES)

    def _column_up(self, column: Column) -> Iterator[Branch]:
        for task in self._lineage.writers.get(column.table, ()):
            writes = [one for one in task.writes if one.table == column.table]
            below = (branch for one in writes for branch in self._sources(column, one, task))
            yield self._task(task, _written(task, column.table), below)

    def _sources(self, column: Column, write: Write, task: TaskLineage) -> Iterator[Branch]:
        relation = write.relation
        origin = relation.columns.get(column.name)
        found = set(origin.columns) if origin else {Column(one, column.name) for one in relation.rest}
        for source in sorted(found):
            places = task.places(source.table)
            if source.name == "*":
                yield self._table(source.table, places, self._up, "which columns is not known")
            else:
                yield self._column(source, places, self._column_up)
        for source in sorted(relation.used - found):
            yield Branch(
                "column", str(source), self._addresses.of(source), task.places(source.table), _DECIDES
            )

    def _task(self, task: TaskLineage, places: Iterable[Place], below: Iterable[Branch]) -> Branch:
        name = f"{task.flow}, {task.task}"
        return Branch("task", name, name, tuple(places), "", tuple(below))

    def _table(
        self,
        table: Table,
        places: Iterable[Place],
        after: Callable[[Table], Iterable[Branch]],
        note: str = "",
    ) -> Branch:
        return self._node("table", table, places, after, note)

    def _column(
        self, column: Column, places: Iterable[Place], after: Callable[[Column], Iterable[Branch]]
    ) -> Branch:
        return self._node("column", column, places, after, "")

    def _node(
        self,
        kind: Kind,
        target: T,
        places: Iterable[Place],
        after: Callable[[T], Iterable[Branch]],
        note: str,
    ) -> Branch:
        """A table or column; what is after it is shown once."""
        if target in self._seen or self._count > _MOST:
            note = ", ".join(filter(None, (note, _AGAIN if target not in self._ends else "")))
            return Branch(kind, str(target), self._addresses.of(target), tuple(places), note)
        self._seen.add(target)
        self._count += 1
        below = tuple(after(target))
        if not below:
            self._ends.add(target)
        return Branch(kind, str(target), self._addresses.of(target), tuple(places), note, below)


def _reads(task: TaskLineage, column: Column) -> bool:
    return column in task.columns or Column(column.table, "*") in task.columns


def _written(task: TaskLineage, table: Table) -> tuple[Place, ...]:
    return tuple(one.place for one in task.writes if one.table == table)


def _once(writes: Iterable[Write]) -> Iterator[Write]:
    """Each table once, with its first write."""
    seen: set[Table] = set()
    for one in writes:
        if one.table not in seen:
            seen.add(one.table)
            yield one
