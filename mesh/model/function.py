"""Functions of a flow: the statements in its folder `functions`, one per file.

A file holds a whole `CREATE FUNCTION`, which editors and people read; its name is the name of the function.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import ClassVar

from mesh.files.files import Files
from mesh.finding import Finding
from mesh.model.sql_folder import FUNCTIONS
from mesh.model.sql_object import SqlObject, read_objects

_MOST_SHOWN = 10


@dataclass(frozen=True)
class Function(SqlObject):
    """A function that a job creates; its SQL is what follows the characteristics.

    Args:
        head: the SQL between the name and the end of the comment's text.
        calls: the names of functions that it calls without catalog and schema, in lower case.
    """

    head: str = ""
    calls: frozenset[str] = frozenset()

    kind: ClassVar[str] = "function"


def flow_functions(
    folder: str, schemas: tuple[str, ...], parameters: frozenset[str], files: Files
) -> tuple[tuple[Function, ...], list[Finding]]:
    """Reads the functions of a flow, each after those that it calls, and returns the findings.

    Files with findings are left out.

    Args:
        folder: the flow's folder, from the mesh's root.
        schemas: the names of its schemas, before the naming template.
        parameters: the parameters with the locations of its data, and of data that it reads.
        files: the files of the mesh.
    """

    def read(schema: str, name: str, file: str, text: str) -> tuple[Function | None, list[Finding]]:
        from mesh.model.function_statement import function_statement  # with the parser

        one, findings = function_statement(text, name, parameters, file)
        if one is None:
            return None, findings
        return Function(schema, name, file, one.line, one.text, one.pieces, one.head, one.calls), findings

    functions, findings = read_objects(Function, f"{folder}/{FUNCTIONS}", schemas, files, read)
    by_name = {(one.schema, one.name): one for one in functions}
    try:
        return tuple(by_name[key] for key in _in_order(by_name)), findings
    except CycleError as error:
        # each is called by the next one; told in the direction of the calls
        circle: Sequence[Function] = [by_name[key] for key in error.args[1][:0:-1]]
        names = [f"`{one.name}`" for one in (*circle, circle[0])]
        shown = " → ".join(names[:_MOST_SHOWN]) + (" → …" if len(names) > _MOST_SHOWN else "")
        message = f"functions call each other in a circle: {shown}"
        first = min(circle, key=lambda one: one.file)
        wrong = Finding(first.file, first.line, 1, "function-circle", f"{message} (remove one call)")
        return functions, [*findings, wrong]


def _in_order(functions: Mapping[tuple[str, str], Function]) -> Iterable[tuple[str, str]]:
    """Returns the names of functions after those that they call."""
    sorter: TopologicalSorter[tuple[str, str]] = TopologicalSorter()
    for key, one in functions.items():
        called = ((one.schema, name) for name in sorted(one.calls))
        sorter.add(key, *(other for other in called if other in functions))
    return sorter.static_order()
