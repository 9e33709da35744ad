"""The lineage of a mesh: the tables and columns that the code of each task reads and writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from mesh.kept.kept_objects import KeptObjects
from mesh.lineage.code_reader import CodeReader, SourceFiles
from mesh.lineage.flow_code import TaskCode, task_codes
from mesh.lineage.kept_lineage import Asked, KeptLineage
from mesh.lineage.relation import Relation
from mesh.lineage.session import Session
from mesh.lineage.table import Table
from mesh.lineage.task_lineage import TaskLineage
from mesh.mesh import MeshDeployment

_MOST_ROUNDS = 20  # a task is read again when the columns of a table that it reads become known


@dataclass(frozen=True)
class Lineage:
    """The lineage of all flows in an environment.

    Args:
        env: the environment.
        tasks: in the order of the mesh.
        owners: the flows that declare a schema, by the schema's full name.
    """

    env: str
    tasks: tuple[TaskLineage, ...]
    owners: Mapping[str, tuple[str, ...]]

    @cached_property
    def columns(self) -> Mapping[Table, tuple[str, ...]]:
        """The columns of tables, as far as the code that writes them tells."""
        return _known(self.tasks)

    @cached_property
    def tables(self) -> frozenset[Table]:
        """All tables that code reads or writes."""
        found = (table for one in self.tasks for table in (*one.written, *(read.table for read in one.reads)))
        return frozenset(found)

    @cached_property
    def writers(self) -> Mapping[Table, tuple[TaskLineage, ...]]:
        """The tasks that write each table."""
        return _by_table((table, one) for one in self.tasks for table in sorted(one.written))

    @cached_property
    def readers(self) -> Mapping[Table, tuple[TaskLineage, ...]]:
        """The tasks that read each table, without those that only read what they wrote."""
        return _by_table((table, one) for one in self.tasks for table in sorted(one.read))

    def owner(self, table: Table) -> str | None:
        """The flow that a table belongs to: one that writes it, else the first that declares its schema."""
        owners = self.owners.get(table.schema_name, ())
        writers = [one.flow for one in self.writers.get(table, ())]
        return next((flow for flow in writers if flow in owners), owners[0] if owners else None)


def _by_table(pairs: object) -> Mapping[Table, tuple[TaskLineage, ...]]:
    found: dict[Table, list[TaskLineage]] = {}
    for table, task in pairs:  # type: ignore[attr-defined]
        found.setdefault(table, []).append(task)
    return {table: tuple(tasks) for table, tasks in found.items()}


def mesh_lineage(deployed: MeshDeployment) -> Lineage:
    """Returns the lineage of a mesh in an environment, read from its code.

    Args:
        deployed: the mesh in the environment.
    """
    codes = list(task_codes(deployed))
    owners: dict[str, list[str]] = {}
    for deployment in deployed.deployments:
        for flow in deployment.flows:
            for schema in flow.schema_names:
                owners.setdefault(f"{flow.catalog}.{schema}", []).append(flow.path)
    root = deployed.git.root
    kept = KeptLineage(KeptObjects(root), deployed.name)
    tasks = read_tasks(codes, SourceFiles(root), kept)
    kept.write()
    return Lineage(deployed.name, tuple(tasks), {name: tuple(flows) for name, flows in owners.items()})


def read_tasks(
    codes: Sequence[TaskCode], files: SourceFiles, kept: KeptLineage | None = None
) -> list[TaskLineage]:
    """Returns the lineage of tasks; those that read a table are read again when its columns become known.

    Args:
        codes: the code of the tasks.
        files: the files of the mesh.
        kept: the kept lineage of tasks; None to read all of them.
    """
    kept = kept or KeptLineage(None, "")
    known: Mapping[Table, tuple[str, ...]] = {}
    asked: list[set[Table]] = [set() for _ in codes]
    found: list[TaskLineage] = [TaskLineage(one.flow, one.name) for one in codes]
    waiting = range(len(codes))
    for _ in range(_MOST_ROUNDS):
        for index in waiting:
            answers, found[index] = _read_or_kept(codes[index], files, known, kept)
            asked[index] = {*answers.tables}
        new = _known(found)
        changed = {table for table in {*known, *new} if known.get(table) != new.get(table)}
        known = new
        again = [
            index
            for index, task in enumerate(found)
            if any(_matters(task, table, new) for table in asked[index] & changed)
        ]
        if not again:
            break
        waiting = again  # type: ignore[assignment]
    return found


def _matters(task: TaskLineage, table: Table, known: Mapping[Table, tuple[str, ...]]) -> bool:
    """True if the lineage of a task may differ when the columns of a table become known."""
    named = {one.name for one in task.columns if one.table == table}
    return bool(task.gaps) or not task.complete or not named <= set(known.get(table, ()))


def _read_or_kept(
    code: TaskCode, files: SourceFiles, known: Mapping[Table, tuple[str, ...]], kept: KeptLineage
) -> tuple[Asked, TaskLineage]:
    if (held := kept.find(code, files, known)) is not None:
        return held
    asked = Asked()
    with files.recording(asked.files):
        found = _read(code, files, known, asked)
    kept.add(code, asked, found)
    return asked, found


def _read(
    code: TaskCode, files: SourceFiles, known: Mapping[Table, tuple[str, ...]], asked: Asked
) -> TaskLineage:
    def columns(table: Table) -> Sequence[str] | None:
        return asked.columns(known, table)

    given = asked.recorded(code.given)
    views: dict[str, Relation] = {}
    session = Session(given, columns)
    for _ in range(2 if code.is_pipeline else 1):  # a file of a pipeline may read a view of a later file
        session = Session(given, columns)
        session.views |= views
        for file in code.files:
            reader = CodeReader(session, files, code.folders)
            if file in code.views:
                reader.read_view(file, code.views[file])
            elif code.are_functions:
                reader.read_function(file)
            else:
                reader.read(file)
            reader.finish()
        views = dict(session.views)
        if not views:
            break
    gaps = dict.fromkeys((*code.gaps, *session.gaps))
    return TaskLineage(
        code.flow,
        code.name,
        tuple(session.reads),
        tuple(session.writes),
        frozenset(session.columns),
        tuple(sorted(gaps)),
    )


def _known(tasks: Sequence[TaskLineage]) -> Mapping[Table, tuple[str, ...]]:
    """Returns the columns of tables that some task makes as a whole, with those that others add."""
    found: dict[Table, dict[str, None]] = {}
    made: set[Table] = set()
    unknown: set[Table] = set()
    for write in (write for one in tasks for write in one.writes):
        found.setdefault(write.table, {}).update(dict.fromkeys(write.relation.columns))
        if not write.relation.complete:
            unknown.add(write.table)
        elif not write.partial:
            made.add(write.table)
    return {table: tuple(columns) for table, columns in found.items() if table in made - unknown}
