"""The lineage of tasks, kept on disk with all answers on which it depends.

Reading code is slow, and most of it is the same the next time. The lineage of a task is a function of its
code, of what the deployment tells it, and of what reading asked: files, columns of tables, names of schemas.
While all answers are the same, so is the lineage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from mesh.kept.kept_objects import LEAST_FILES, KeptObjects
from mesh.lineage.code_reader import SourceFiles
from mesh.lineage.flow_code import TaskCode
from mesh.lineage.session import Names, Surroundings
from mesh.lineage.table import Table
from mesh.lineage.task_lineage import TaskLineage

Columns = Mapping[Table, tuple[str, ...]]
_MOST = 4  # a task is read again when the columns of a table become known, so it has several answers


@dataclass
class Asked:
    """What reading the code of a task asked, with the answers.

    Args:
        files: the digests of files; "" for a file that does not exist.
        tables: the columns of tables; None where they were not known.
        schemas: the names that brickops computes for schemas.
    """

    files: dict[str, str] = field(default_factory=dict)
    tables: dict[Table, tuple[str, ...] | None] = field(default_factory=dict)
    schemas: dict[str, str] = field(default_factory=dict)

    def holds(self, code: TaskCode, files: SourceFiles, known: Columns) -> bool:
        """True if all answers are still the same."""
        names = code.given.names
        return (
            all(known.get(table) == columns for table, columns in self.tables.items())
            and all(names is not None and names.schema(db) == name for db, name in self.schemas.items())
            and all(files.digest(file) == digest for file, digest in self.files.items())
        )

    def recorded(self, given: Surroundings) -> Surroundings:
        """What the deployment tells a task, with a record of the names that its code asks for."""
        names = given.names
        if names is None:
            return given

        def schema(db: str) -> str:
            self.schemas[db] = names.schema(db)
            return self.schemas[db]

        return replace(given, names=Names(names.env, names.catalog, schema))

    def columns(self, known: Columns, table: Table) -> Sequence[str] | None:
        """The columns of a table, with a record of the answer."""
        self.tables[table] = known.get(table)
        return self.tables[table]


@dataclass
class KeptLineage:
    """The kept lineage of the tasks of a mesh in an environment.

    Args:
        objects: where it is kept; None keeps nothing.
        env: the environment.
        least: the fewest tasks for which it is kept.
    """

    objects: KeptObjects | None
    env: str
    least: int = LEAST_FILES

    def __post_init__(self) -> None:
        held = self.objects.read(self._key) if self.objects else None
        self._former: dict[str, list[tuple[Asked, TaskLineage]]] = held if isinstance(held, dict) else {}
        self._now: dict[str, list[tuple[Asked, TaskLineage]]] = {}
        self._is_new = False

    def find(self, code: TaskCode, files: SourceFiles, known: Columns) -> tuple[Asked, TaskLineage] | None:
        """The lineage of a task with the present answers; None if it must be read."""
        for one in self._former.get(_identity(code), ()):
            if one[0].holds(code, files, known):
                self._add(code, one)
                return one
        return None

    def add(self, code: TaskCode, asked: Asked, lineage: TaskLineage) -> None:
        """Adds the lineage of a task that was read."""
        self._is_new = True
        self._add(code, (asked, lineage))

    def write(self) -> None:
        """Keeps the lineage of all tasks, if there are enough of them and some of it is new."""
        if self.objects and self._is_new and len(self._now) >= self.least:
            self.objects.keep({self._key: self._now})

    def _add(self, code: TaskCode, one: tuple[Asked, TaskLineage]) -> None:
        entries = self._now.setdefault(_identity(code), [])
        if one not in entries:
            del entries[: -_MOST + 1]
            entries.append(one)

    @property
    def _key(self) -> str:
        program = self.objects.program if self.objects else ""
        return sha256(f"lineage\0{self.env}\0{program}".encode()).hexdigest()


def _identity(code: TaskCode) -> str:
    """The hash of a task's code apart from answers."""
    given, names = code.given, code.given.names
    facts = (
        code.flow,
        code.name,
        code.files,
        code.folders,
        sorted(given.parameters.items()),
        given.catalog,
        given.schema,
        names and (names.env, names.catalog),
        code.is_pipeline,
        code.gaps,
        sorted(code.views.items()),
        code.are_functions,
    )
    return sha256(repr(facts).encode()).hexdigest()
