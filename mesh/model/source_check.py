"""Finds syntax errors in the notebooks, Python files and SQL files that jobs and pipelines run."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from mesh.documents.document import read_text
from mesh.finding import Finding
from mesh.model.entry import Entry
from mesh.model.notebook import Cell, cells, notebook_language, python_of
from mesh.model.pipeline import matching, pipeline_sources
from mesh.model.task import with_inner

_BEFORE_3_12 = sys.version_info < (3, 12)
# Syntax of Python 3.12, which serverless compute has, and the Python here may not have
_NEWER = re.compile(r"""(?:^|[^\w])[rR]?[fF][rR]?["']|^\s*type\s+\w|\b(?:def|class)\s+\w+\s*\[""")


def check_sources(entries: Iterable[Entry], root: Path) -> Iterator[Finding]:
    """Reports syntax errors in the files of jobs and pipelines, once per file.

    Args:
        entries: the jobs and pipelines.
        root: the mesh's root.
    """
    for path in dict.fromkeys(path for entry in entries for path in _files(entry, root)):
        yield from check_source_file(path, root)


def _files(entry: Entry, root: Path) -> Iterator[Path]:
    """Yields the files that a job or pipeline runs, as far as they are in the repository."""
    for task in with_inner(entry.tasks):
        if task.runs and task.runs.path and not task.runs.is_folder:
            yield from (root / path for path in task.runs.candidates if not PurePosixPath(path).is_absolute())
    for source in pipeline_sources(entry.declared.passed, entry.file):
        if source.path is None or ".." in source.path.parts:
            continue
        if source.kind == "glob":
            yield from matching(source.path, root)
        else:
            suffixes = (".py", ".sql", ".ipynb") if source.kind == "notebook" else ("",)
            yield from (root / f"{source.path}{suffix}" for suffix in suffixes)


def check_source_file(path: Path, root: Path) -> Iterator[Finding]:
    """Reports the first syntax error of a notebook, Python file or SQL file.

    Args:
        path: the file; nothing is reported if it does not exist.
        root: the mesh's root.
    """
    if path.suffix not in (".py", ".ipynb", ".sql") or ".." in path.parts or not _is_file(path):
        return
    text, unreadable = read_text(path, root)
    if text is None or unreadable:
        return
    parts = [*cells(text, path.suffix)] if notebook_language(path) else [Cell(text, 1)]
    file = path.relative_to(root).as_posix()
    if path.suffix == ".sql":
        from mesh.model.sql_file import check_sql  # its parser is slow to import

        yield from check_sql(parts, file)
        return
    for cell in parts:
        if error := _python_error(python_of(cell) if notebook_language(path) else cell.text):
            yield _finding(file, cell, error)
            return


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # the name is too long for a file
        return False


def _python_error(code: str) -> SyntaxError | None:
    """Returns the syntax error of Python code; None if a newer Python may accept it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            compile(code, "cell", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except SyntaxError as error:
        line = code.split("\n")[(error.lineno or 1) - 1 :][:1]
        newer = _BEFORE_3_12 and (error.msg.startswith("f-string") or any(map(_NEWER.search, line)))
        return None if newer else error
    except (ValueError, RecursionError, MemoryError):
        return None
    return None


def _finding(file: str, cell: Cell, error: SyntaxError) -> Finding:
    line = cell.line + (error.lineno or 1) - 1
    where = "" if cell.number is None else f" in line {line} of cell {cell.number}"
    message = f"Python cannot read this{where}: {error.msg[:200]} (correct the syntax)"
    return Finding(file, 1 if cell.number else line, error.offset or 1, "syntax-error", message)
