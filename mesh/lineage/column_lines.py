"""The lines of code that name a column: not comments, not text between code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import TypeGuard

from mesh.lineage.code_reader import SourceFiles
from mesh.lineage.notebook_code import Code
from mesh.lineage.table import Place

_SQL_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


def column_lines(files: Iterable[str], name: str, sources: SourceFiles) -> Iterator[Place]:
    """Yields each line that names a column, in the order of the files.

    In Python, a name counts in texts, in attributes and as a keyword; in SQL, everywhere but in comments.

    Args:
        files: files of code, from the mesh's root.
        name: the column's name; Spark does not tell capitals apart.
        sources: the files of the mesh.
    """
    word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
    for file in files:
        for code in sources.code(file):
            for line in sorted(set(_lines(code, word))):
                yield Place(file, code.line - 1 + line, code.cell)


def _lines(code: Code, word: re.Pattern[str]) -> Iterator[int]:
    if not word.search(code.text):
        return
    if code.language == "SQL":
        plain = _SQL_COMMENT.sub(lambda found: "\n" * found[0].count("\n"), code.text)
        yield from _found(plain.split("\n"), word, 1)
    elif code.language == "PYTHON":
        yield from _in_python(code.text, word)


def _in_python(text: str, word: re.Pattern[str]) -> Iterator[int]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return
    lines = text.split("\n")
    alone = {id(one.value) for one in ast.walk(tree) if isinstance(one, ast.Expr)}  # docstrings
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and word.fullmatch(node.attr):
            yield node.end_lineno or node.lineno
        elif isinstance(node, ast.keyword) and node.arg and word.fullmatch(node.arg):
            yield node.lineno
        elif _is_text(node) and id(node) not in alone:
            last = node.end_lineno or node.lineno
            yield from _found(lines[node.lineno - 1 : last], word, node.lineno)


def _is_text(node: ast.AST) -> TypeGuard[ast.expr]:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _found(lines: Iterable[str], word: re.Pattern[str], first: int) -> Iterator[int]:
    return (number for number, line in enumerate(lines, first) if word.search(line))
