"""Objects of Unity Catalog that a flow keeps as SQL files: one folder per kind, one file per object.

The name of the file is the name of the object, with its schema before it in a flow with several schemas.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, ClassVar, TypeVar

from mesh.documents.file_text import text_of
from mesh.files.files import FOLDER, Files
from mesh.finding import Finding, nearest
from mesh.model.code import code_files, is_kept
from mesh.model.level import wrong_with_name
from mesh.model.naming import stored_name
from mesh.model.sql_folder import SUFFIX

_FLOW = "deployment.yml"  # a folder with it is a flow
_DRAFTS = "explore"  # its files are no part of a deployment


@dataclass(frozen=True)
class SqlObject:
    """An object that a job creates from a file.

    Args:
        schema: its schema, by the name that the flow declares.
        name: its name in Unity Catalog.
        file: its file, from the mesh's root.
        line: the line where its SQL begins.
        text: its SQL.
        pieces: its SQL with the parameters in it.
    """

    schema: str
    name: str
    file: str
    line: int
    text: str
    pieces: tuple[str | dict[str, Any], ...]

    kind: ClassVar[str]
    """`view` or `function`, for messages."""

    @property
    def position(self) -> str:
        """The file and line of its SQL."""
        return f"{self.file}:{self.line}"

    @property
    def parameters(self) -> Iterator[str]:
        """The parameters of its SQL, in order."""
        for piece in self.pieces:
            if isinstance(piece, dict):
                parts = piece.get("name", [piece])
                yield from (part["value"] for part in parts if isinstance(part, dict))


Object = TypeVar("Object", bound=SqlObject)


def parameters(reads: Iterable[str]) -> frozenset[str]:
    """Returns the parameters that SQL may have: the locations of the flow's data, and of data that it reads.

    Args:
        reads: the names in `reads`.
    """
    prefixes = ("", *(f"{name}_" for name in reads))
    return frozenset(f"{prefix}{what}" for prefix in prefixes for what in ("catalog", "schema"))


def read_objects(
    kind: type[Object],
    place: str,
    schemas: tuple[str, ...],
    files: Files,
    read: Callable[[str, str, str, str], tuple[Object | None, list[Finding]]],
) -> tuple[tuple[Object, ...], list[Finding]]:
    """Reads the files of a folder, and returns the findings; files with findings are left out.

    Args:
        kind: the kind of the objects.
        place: the folder, from the mesh's root.
        schemas: the names of the flow's schemas, before the naming template.
        files: the files of the mesh.
        read: makes an object of schema, name, file and text.
    """
    names = files.names(place) if files.kind(place) == FOLDER else []
    names = [] if _FLOW in names else names
    found: dict[tuple[str, str], Object] = {}
    findings: list[Finding] = []
    for file in (f"{place}/{name}" for name in sorted(names) if name.endswith(SUFFIX)):
        where, wrong = _place(kind.kind, file, schemas)
        text, unreadable = text_of(file, files) if where else (None, [])
        findings += [*wrong, *unreadable]
        if where is None or text is None:
            continue
        one, wrong = read(*where, file, text)
        findings += wrong
        if one and (twin := found.setdefault((one.schema, one.name), one)) is not one:
            findings.append(twice(one, twin))
    findings += _below(kind.kind, place, names, files)
    return tuple(one for _, one in sorted(found.items())), findings


def twice(one: SqlObject, twin: SqlObject) -> Finding:
    """Returns the finding of an object that has the name of another one in the same schema."""
    message = f"is the {one.kind} `{one.name}`, as {twin.file} is (rename one)"
    return Finding(one.file, 1, 1, "one-name-twice", message)


def _place(kind: str, file: str, schemas: tuple[str, ...]) -> tuple[tuple[str, str] | None, list[Finding]]:
    """Returns schema and name of the object in a file."""
    schema, _, name = PurePosixPath(file).name.removesuffix(SUFFIX).rpartition(".")
    if wrong := wrong_with_name(name):
        return None, [Finding(file, 1, 1, "bad-name", wrong.replace("rename the folder", "rename the file"))]
    if schema and schema not in schemas:
        near = nearest(schema, schemas, "schemas")
        message = f"schema `{schema[:120]}` is not in `schemas` of the flow ({near})"
        return None, [Finding(file, 1, 1, "unknown-schema", message)]
    if not schema and len(schemas) != 1:
        message = f"the schema of the {kind} is not known: the flow has {len(schemas)}"
        remedy = f"name the file `<schema>.{name[:120]}{SUFFIX}`"
        return None, [Finding(file, 1, 1, "unknown-schema", f"{message} ({remedy})")]
    return (schema or schemas[0], stored_name(name)), []


def _below(kind: str, place: str, names: Sequence[str], files: Files) -> Iterator[Finding]:
    """Reports SQL in subfolders, which creates nothing."""
    for name in names:
        below = f"{place}/{name}"
        if name == _DRAFTS or not is_kept(name, True) or files.kind(below) != FOLDER:
            continue
        if files.is_link(below) or _FLOW in files.names(below):
            continue
        first = next((file for file in code_files(below, files) if file.endswith(SUFFIX)), None)
        if first:
            own = PurePosixPath(place).name
            message = f"creates no {kind}: only files directly in `{own}` do"
            remedy = f"move it there, or out of `{own}`"
            yield Finding(first, 1, 1, "sql-in-subfolder", f"{message} ({remedy})")
