"""The code of a file: its cells in Python and SQL, and the notebooks that it runs in the same session.

Source: Databricks documentation, "Develop code in Databricks notebooks": magic commands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from mesh.model.notebook import LANGUAGES, Cell, comment_mark, jupyter_cells, python_of, source_cells

Language = Literal["PYTHON", "SQL", "RUN", "OTHER"]

_MAGIC = re.compile(r"\s*%{1,2}(\w[\w-]*)[ \t]*")
_LANGUAGES: Mapping[str, Language] = {"python": "PYTHON", "sql": "SQL", "run": "RUN"}
_IN_PYTHON = frozenset({"pip", "timeit", "time", "conda", "matplotlib", "config", "autoreload", "load_ext"})


@dataclass(frozen=True)
class Code:
    """A piece of code in one language.

    Args:
        language: the language; `RUN` for the path of another notebook.
        text: the code; for `RUN`, the path.
        line: the line of its beginning in the file, counted from 1; for Jupyter, in the cell.
        cell: the number of a Jupyter notebook's cell, counted from 1.
    """

    language: Language
    text: str
    line: int
    cell: int | None = None


def file_code(text: str, suffix: str) -> Iterator[Code]:
    """Yields the code of a file that is no notebook."""
    language: Language = "PYTHON" if suffix == ".py" else "SQL" if suffix == ".sql" else "OTHER"
    yield Code(language, text, 1)


def notebook_code(text: str, suffix: str) -> Iterator[Code]:
    """Yields the code of a notebook, cell by cell.

    Args:
        text: the notebook.
        suffix: the suffix of its file.
    """
    if suffix == ".ipynb":
        yield from (_code(cell.text, cell.line, cell.number, "PYTHON") for cell in jupyter_cells(text))
        return
    own, mark = _own_language(LANGUAGES[suffix.lower()]), comment_mark(suffix)
    for lines, line in source_cells(text, suffix):
        yield _cell(lines, line, mark, own)


def _own_language(name: str) -> Language:
    return "PYTHON" if name == "PYTHON" else "SQL" if name == "SQL" else "OTHER"


def _cell(lines: list[str], line: int, mark: str, own: Language) -> Code:
    """Returns a cell of a notebook in source format; in a cell with a magic, every line is a comment."""
    prefix = f"{mark} MAGIC "
    magic = next((index for index, one in enumerate(lines) if one.startswith(f"{prefix}%")), None)
    if magic is None:
        return _code("\n".join(lines), line, None, own)
    text = [one[len(prefix) :] if one.startswith(prefix) else "" for one in lines[magic:]]
    return _code("\n".join(text), line + magic, None, own)


def _code(text: str, line: int, number: int | None, own: Language) -> Code:
    found = _MAGIC.match(text)
    if not found or (own == "PYTHON" and found[1] in _IN_PYTHON):
        plain = python_of(Cell(text, line, number)) if own == "PYTHON" else text
        return Code(own, plain, line, number)
    language = _LANGUAGES.get(found[1], "OTHER")
    rest = " " * found.end() + text[found.end() :] if "\n" not in found[0] else text[found.end() :]
    if language == "RUN":
        path = text[found.end() :].strip().splitlines()[:1]
        words = path[0].split("$")[0].strip() if path else ""
        return Code("RUN", words.strip("\"'"), line, number)
    if language == "PYTHON":
        rest = text[found.end() :]
    return Code(language, rest, line + found[0].count("\n"), number)
