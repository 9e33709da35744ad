"""The cells of a notebook: Databricks source format (.py, .sql) and Jupyter (.ipynb)."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

SUFFIXES = ("", ".py", ".sql", ".ipynb")
MAGIC = re.compile(r"\s*%{1,2}(?P<name>[\w-]+)[ \t]*(?P<text>.*)")
LINE_MAGICS = {"pip", "run", "load_ext", "autoreload"}
# The first line of a notebook, after the comment sign of its language.
_HEADER = "Databricks notebook source"


@dataclass(frozen=True)
class Cell:
    """One cell of a notebook.

    Args:
        magic: `python`, `sql`, `md`, `pip`, `run`, …, without the per cent sign.
        text: the argument of the magic: code, SQL, a path …
        file: the file name that a traceback shows.
        line: the line of that file on which the text begins, counted from 1.
        number: the number of the cell, counted from 1 as the workspace's editor does.
    """

    magic: str
    text: str
    file: str
    line: int
    number: int = 1


@dataclass(frozen=True)
class Format:
    """A source format: its language, and the comment prefix that marks its cells."""

    language: str
    comment: str

    @property
    def separator(self) -> re.Pattern[str]:
        """The line between two cells."""
        return re.compile(rf"{self.comment} COMMAND -+\s*")

    @property
    def magic(self) -> re.Pattern[str]:
        """The prefix of a line with a magic command."""
        return re.compile(rf"\s*{self.comment} MAGIC ?")


PYTHON = Format("python", "#")
SQL = Format("sql", "--")


def find(path: Path) -> Path:
    """Returns the file of a notebook that is named with or without its suffix.

    Raises:
        FileNotFoundError: the notebook does not exist.
    """
    for suffix in SUFFIXES:
        file = path.with_name(path.name + suffix)
        if file.is_file():
            return file
    raise FileNotFoundError(
        f"notebook {path} does not exist (tried {', '.join(s for s in SUFFIXES if s)} too)"
    )


def read(file: Path) -> list[Cell]:
    """Returns the cells of a notebook in order, without empty cells.

    Args:
        file: `.ipynb`, `.sql`, or else Python; a Python file without marks is one cell.
    """
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".ipynb" or _is_jupyter(text):
        return _jupyter(text, file)
    return _marked(text, file, SQL if is_sql(file) else PYTHON)


def is_sql(file: Path) -> bool:
    """True for SQL; notebooks of the workspace have no suffix."""
    header = f"{SQL.comment} {_HEADER}".encode()
    return file.suffix.lower() == ".sql" or file.read_bytes().startswith(header)


def cell_number(file: Path, line: int) -> int | None:
    """Returns the number of the cell at a line; None if the file is no notebook in source format."""
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except (OSError, ValueError):
        return None
    format = next((one for one in (PYTHON, SQL) if lines[0].startswith(f"{one.comment} {_HEADER}")), None)
    if format is None:
        return None
    separators = [number for number, text in enumerate(lines, 1) if format.separator.fullmatch(text)]
    before_first = lines[: separators[0] - 1] if separators else lines
    return 1 + sum(number < line for number in separators) - _is_only_header(before_first)


def _is_only_header(lines: list[str]) -> bool:
    return _HEADER in lines[0] and not any(text.strip() for text in lines[1:])


def _is_jupyter(text: str) -> bool:
    if not text.lstrip().startswith("{"):
        return False
    try:
        return isinstance(json.loads(text), dict) and "cells" in json.loads(text)
    except ValueError:
        return False


def _marked(text: str, file: Path, format: Format) -> list[Cell]:
    cells: list[Cell] = []
    start, lines, cell = 1, list[str](), 1
    for number, line in enumerate(text.split("\n"), start=1):
        if format.separator.fullmatch(line):
            cells += _cell(lines, str(file), start, format, cell)
            is_cell = start > 1 or not lines or not _is_only_header(lines)
            start, lines, cell = number + 1, [], cell + is_cell
        else:
            lines.append(line)
    return cells + _cell(lines, str(file), start, format, cell)


def _jupyter(text: str, file: Path) -> list[Cell]:
    cells: list[Cell] = []
    for number, cell in enumerate(json.loads(text)["cells"], start=1):
        lines = "".join(cell["source"]).split("\n")
        if cell["cell_type"] == "code":
            cells += _cell(lines, f"{file}[cell {number}]", 1, PYTHON, number)
        elif cell["cell_type"] == "markdown":
            cells.append(Cell("md", "\n".join(lines), f"{file}[cell {number}]", 1, number))
    return cells


def _cell(lines: list[str], file: str, start: int, format: Format, number: int) -> list[Cell]:
    """The cells of a block: none if blank or only comments; several if it begins with one-line magics."""
    plain = [format.magic.sub("", line, count=1) for line in lines]
    comment = [
        text == line and text.lstrip().startswith(format.comment)
        for text, line in zip(plain, lines, strict=True)
    ]
    first = next((i for i, text in enumerate(plain) if text.strip() and not comment[i]), None)
    if first is None:
        return []
    magic = MAGIC.fullmatch(plain[first])
    if magic is None:
        return [Cell(format.language, "\n".join(lines), file, start, number)]
    name, text, line = magic["name"], magic["text"], start + first
    if name in LINE_MAGICS:
        return [
            Cell(name, text, file, line, number),
            *_cell(lines[first + 1 :], file, line + 1, format, number),
        ]
    if text.strip():
        return [Cell(name, "\n".join([text, *plain[first + 1 :]]), file, line, number)]
    return [Cell(name, "\n".join(plain[first + 1 :]), file, line + 1, number)]
