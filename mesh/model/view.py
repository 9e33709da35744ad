"""Views of a flow: the queries in its folder `views`, one per file.

A file holds the query alone, so that editors and readers see plain SQL; its name is the name of the view.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mesh.files.files import Files
from mesh.finding import Finding
from mesh.model.sql_folder import VIEWS
from mesh.model.sql_object import SqlObject, read_objects


@dataclass(frozen=True)
class View(SqlObject):
    """A view that a job creates; its SQL is the query."""

    kind: ClassVar[str] = "view"


def flow_views(
    folder: str, schemas: tuple[str, ...], parameters: frozenset[str], files: Files
) -> tuple[tuple[View, ...], list[Finding]]:
    """Reads the views of a flow, and returns the findings; files with findings are left out.

    Args:
        folder: the flow's folder, from the mesh's root.
        schemas: the names of its schemas, before the naming template.
        parameters: the parameters with the locations of its data, and of data that it reads.
        files: the files of the mesh.
    """

    def read(schema: str, name: str, file: str, text: str) -> tuple[View | None, list[Finding]]:
        from mesh.model.view_query import view_query  # with the parser, which most flows do not need

        query, findings = view_query(text, parameters, file)
        return (View(schema, name, file, *query) if query else None), findings

    return read_objects(View, f"{folder}/{VIEWS}", schemas, files, read)
