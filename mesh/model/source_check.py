"""Finds syntax errors in the notebooks, Python files and SQL files that jobs and pipelines run."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Iterable, Iterator

from mesh.documents.file_text import text_of
from mesh.files.files import FILE, Files
from mesh.finding import Finding
from mesh.model.entry import Entry
from mesh.model.notebook import (
    Cell,
    cells,
    jupyter_language,
    jupyter_notebook,
    language_of,
    python_of,
    suffix_of,
)
from mesh.model.pipeline import matching, pipeline_sources
from mesh.model.task import with_inner

_CHECKED = (".py", ".ipynb", ".sql")
_BEFORE_3_12 = sys.version_info < (3, 12)
# Syntax of Python 3.12, which serverless compute has, and the Python here may not have
_NEWER = re.compile(r"""(?:^|[^\w])[rR]?[fF][rR]?["']|^\s*type\s+\w|\b(?:def|class)\s+\w+\s*\[""")


def check_sources(entries: Iterable[Entry], files: Files) -> Iterator[Finding]:
    """Reports syntax errors in the files of jobs and pipelines, once per file.

    Args:
        entries: the jobs and pipelines.
        files: the files of the mesh.
    """
    for file in dict.fromkeys(file for entry in entries for file in _files(entry, files)):
        yield from check_source_file(file, files)


def _files(entry: Entry, files: Files) -> Iterator[str]:
    """Yields the files that a job or pipeline runs, as far as they are in the repository."""
    for task in with_inner(entry.tasks):
        if task.runs and task.runs.path and not task.runs.is_folder:
            candidates = (file for file in task.runs.candidates if file.endswith(_CHECKED))
            yield from (file for file in candidates if not file.startswith("/"))
    for source in pipeline_sources(entry.declared.passed, entry.file):
        if source.path is None or ".." in source.path.parts:
            continue
        if source.kind == "glob":
            yield from matching(source.path, files)
        else:
            suffixes = (".py", ".sql", ".ipynb") if source.kind == "notebook" else ("",)
            yield from (f"{source.path}{suffix}" for suffix in suffixes)


def check_source_file(file: str, files: Files) -> Iterator[Finding]:
    """Reports the first syntax error of a notebook, Python file or SQL file.

    Args:
        file: its path from the mesh's root; nothing is reported if it does not exist.
        files: the files of the mesh.
    """
    suffix = suffix_of(file)
    if suffix not in _CHECKED or ".." in file.split("/") or files.kind(file) != FILE:
        return
    text, unreadable = text_of(file, files)
    if text is None or unreadable:
        return
    is_notebook = language_of(suffix, files.content(file)) is not None
    parts = [*cells(text, suffix)] if is_notebook else [Cell(text, 1)]
    if suffix == ".sql":
        from mesh.model.sql_file import check_sql  # its parser is slow to import

        yield from check_sql(parts, file)
        return
    if suffix == ".ipynb":
        notebook = jupyter_notebook(text)
        if text and "cells" not in notebook:
            message = "is not a Jupyter notebook, which is JSON with `cells` (export the notebook again)"
            yield Finding(file, 1, 1, "syntax-error", message)
        if jupyter_language(notebook) != "python":
            return
    for cell in parts:
        if error := _python_error(python_of(cell) if is_notebook else cell.text):
            yield _finding(file, cell, error)
            return


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
