"""Notebooks: files that Databricks recognizes by their first line, and the cells in them.

Source: Databricks documentation, "Export and import Databricks notebooks".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

# Languages by the suffix of a notebook in source format
LANGUAGES = {".py": "PYTHON", ".sql": "SQL", ".scala": "SCALA", ".r": "R"}
NOTEBOOK_SUFFIXES = (*LANGUAGES, ".R", ".ipynb")

_HEADER = b"Databricks notebook source"
_MOST_OF_HEADER = 200  # bytes
# The magic at the beginning of a cell that is not in the notebook's language
_OTHER_LANGUAGE = re.compile(r"\s*%(?:%|(?:sql|scala|python|r|sh|md|md-sandbox|fs)\b)")
_COMMENTS = {"PYTHON": "#", "SQL": "--", "SCALA": "//", "R": "#"}


@dataclass(frozen=True)
class Cell:
    """A cell with code in the language of its notebook.

    Args:
        text: its code.
        line: the line of its beginning in the file, counted from 1; for Jupyter, in the cell itself.
        number: the number of the cell, counted from 1; None if lines are those of the file.
    """

    text: str
    line: int
    number: int | None = None


def notebook_language(path: Path, committed: bytes | None = None) -> str | None:
    """Returns the language of a notebook; None if the file is not a notebook.

    Args:
        path: the file.
        committed: its content, if it differs from the file on disk.
    """
    suffix = suffix_of(str(path))
    if suffix not in NOTEBOOK_SUFFIXES:
        return None
    if committed is None and suffix != ".ipynb":
        with path.open("rb", buffering=0) as file:
            committed = file.read(_MOST_OF_HEADER)
    return language_of(suffix, committed or b"")


def language_of(suffix: str, content: bytes) -> str | None:
    """Returns the language of a notebook; None if the file is not a notebook.

    Args:
        suffix: the suffix of the file.
        content: its content, or the beginning of it.
    """
    if suffix == ".ipynb":
        return "PYTHON"
    if suffix not in NOTEBOOK_SUFFIXES:
        return None
    return LANGUAGES[suffix.lower()] if _HEADER in content[:_MOST_OF_HEADER].partition(b"\n")[0] else None


def suffix_of(file: str) -> str:
    """Returns the suffix of a file's name with its dot, as `pathlib` does; "" without one."""
    name = file.rpartition("/")[2]
    dot = name.rfind(".")
    return name[dot:] if 0 < dot < len(name) - 1 else ""


def header(suffix: str) -> str:
    """Returns the first line that makes a file with this suffix a notebook."""
    return f"{comment_mark(suffix)} {_HEADER.decode()}"


def cells(text: str, suffix: str) -> Iterator[Cell]:
    """Yields the cells of a notebook that are in its own language, without those in another one.

    Args:
        text: the notebook.
        suffix: the suffix of the file.
    """
    if suffix == ".ipynb":
        yield from (cell for cell in jupyter_cells(text) if not _OTHER_LANGUAGE.match(cell.text))
        return
    mark = comment_mark(suffix)
    for lines, line in source_cells(text, suffix):
        code = next((one for one in lines if one.strip() and not one.startswith(mark)), "")
        if not any(one.startswith(f"{mark} MAGIC %") for one in lines) and not _OTHER_LANGUAGE.match(code):
            yield Cell("\n".join(lines), line)


def comment_mark(suffix: str) -> str:
    """Returns what begins a comment in notebooks with this suffix."""
    return _COMMENTS[LANGUAGES[suffix.lower()]]


def source_cells(text: str, suffix: str) -> Iterator[tuple[list[str], int]]:
    """Yields the lines of each cell of a notebook in source format, and the number of its first line.

    Args:
        text: the notebook.
        suffix: the suffix of the file.
    """
    separator, lines, begin = f"{comment_mark(suffix)} COMMAND -----", text.splitlines(), 0
    ends = [
        index
        for index, line in enumerate(lines)
        if line.startswith(separator) and not line.removeprefix(separator).rstrip().strip("-")
    ]
    for end in (*ends, len(lines)):
        yield lines[begin:end], begin + 1
        begin = end + 1


def jupyter_cells(text: str) -> Iterator[Cell]:
    """Yields the cells with code of a Jupyter notebook; none if it is not one."""
    listed = jupyter_notebook(text).get("cells")
    for number, cell in enumerate(listed if isinstance(listed, list) else (), 1):
        if isinstance(cell, Mapping) and cell.get("cell_type") == "code":
            source = cell.get("source", "")
            yield Cell("".join(map(str, source)) if isinstance(source, list) else str(source), 1, number)


def jupyter_notebook(text: str) -> Mapping[str, Any]:
    """Returns a Jupyter notebook as JSON; nothing if the text is not one."""
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return notebook if isinstance(notebook, Mapping) else {}


def jupyter_language(notebook: Mapping[str, Any]) -> str:
    """Returns the language of the cells in lower case: Databricks' own field, or else Jupyter's."""
    metadata = notebook.get("metadata")
    for block, field in (("application/vnd.databricks.v1+notebook", "language"), ("language_info", "name")):
        inner = metadata.get(block) if isinstance(metadata, Mapping) else None
        if isinstance(inner, Mapping) and isinstance(language := inner.get(field), str):
            return language.lower()
    return "python"


# Lines that IPython evaluates before Python: magics, commands of the shell, and help
_MAGIC = re.compile(r"^(?P<indent>\s*)(?:[\w, ]+=\s*)?(?:[%!?]|.*[\w)\]]\?{1,2}\s*$)")


def python_of(cell: Cell) -> str:
    """Returns the Python code of a cell, with magics as `pass`, in the same lines."""
    lines, continued = [], False
    for line in cell.text.split("\n"):
        magic = None if continued else _MAGIC.match(line)
        lines.append(f"{magic['indent']}pass" if magic else "" if continued else line)
        continued = (continued or magic is not None) and line.rstrip().endswith("\\")
    return dedent("\n".join(lines))
