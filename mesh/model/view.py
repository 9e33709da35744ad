"""Views of a flow: the queries in its folder `views`, one per file.

A file holds the query alone, so that editors and readers see plain SQL; its name is the name of the view.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from mesh.documents.file_text import text_of
from mesh.files.files import FOLDER as KIND_FOLDER
from mesh.files.files import Files
from mesh.finding import Finding, nearest
from mesh.model.level import wrong_with_name
from mesh.model.naming import stored_name

FOLDER = "views"
_FLOW = "deployment.yml"  # a folder with it is a flow
_SUFFIX = ".sql"


@dataclass(frozen=True)
class View:
    """A view that a job creates.

    Args:
        schema: its schema, by the name that the flow declares.
        name: its name in Unity Catalog.
        file: its file, from the mesh's root.
        line: the line of the query.
        text: the query.
        pieces: the query with the parameters in it.
    """

    schema: str
    name: str
    file: str
    line: int
    text: str
    pieces: tuple[str | dict[str, Any], ...]

    @property
    def position(self) -> str:
        """The file and line of the query."""
        return f"{self.file}:{self.line}"

    @property
    def parameters(self) -> Iterator[str]:
        """The parameters of the query, in order."""
        for piece in self.pieces:
            if isinstance(piece, dict):
                parts = piece.get("name", [piece])
                yield from (part["value"] for part in parts if isinstance(part, dict))


def view_parameters(reads: Iterable[str]) -> frozenset[str]:
    """Returns the parameters of a view: the locations of the flow's data, and of the data that it reads.

    Args:
        reads: the names in `reads`.
    """
    prefixes = ("", *(f"{name}_" for name in reads))
    return frozenset(f"{prefix}{what}" for prefix in prefixes for what in ("catalog", "schema"))


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
    place = f"{folder}/{FOLDER}"
    names = files.names(place) if files.kind(place) == KIND_FOLDER else []
    names = [] if _FLOW in names else names
    found: dict[tuple[str, str], View] = {}
    findings: list[Finding] = []
    for file in (f"{place}/{name}" for name in sorted(names) if name.endswith(_SUFFIX)):
        view, wrong = _view(file, schemas, parameters, files)
        findings += wrong
        if view and (twin := found.setdefault((view.schema, view.name), view)) is not view:
            message = f"is the view `{view.name}`, as {twin.file} is (rename one)"
            findings.append(Finding(file, 1, 1, "one-name-twice", message))
    return tuple(one for _, one in sorted(found.items())), findings


def _view(
    file: str, schemas: tuple[str, ...], parameters: frozenset[str], files: Files
) -> tuple[View | None, list[Finding]]:
    from mesh.model.view_query import view_query  # with the parser, which most flows do not need

    schema, _, name = PurePosixPath(file).name.removesuffix(_SUFFIX).rpartition(".")
    if wrong := wrong_with_name(name):
        return None, [Finding(file, 1, 1, "bad-name", wrong.replace("rename the folder", "rename the file"))]
    if schema and schema not in schemas:
        near = nearest(schema, schemas, "schemas")
        message = f"schema `{schema[:120]}` is not in `schemas` of the flow ({near})"
        return None, [Finding(file, 1, 1, "unknown-schema", message)]
    if not schema and len(schemas) != 1:
        message = f"the schema of the view is not known: the flow has {len(schemas)}"
        remedy = f"name the file `<schema>.{name[:120]}{_SUFFIX}`"
        return None, [Finding(file, 1, 1, "unknown-schema", f"{message} ({remedy})")]
    text, findings = text_of(file, files)
    if text is None or findings:
        return None, list(findings)
    query, findings = view_query(text, parameters, file)
    if query is None:
        return None, findings
    return View(schema or schemas[0], stored_name(name), file, *query), []
