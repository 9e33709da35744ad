"""Reads the files of one task in a session: notebooks, Python files and SQL files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path, PurePosixPath

from mesh.documents.file_text import text_of
from mesh.files.files import FILE, Files
from mesh.lineage.notebook_code import Code, file_code, notebook_code
from mesh.lineage.python_reader import PythonReader
from mesh.lineage.python_value import Unit
from mesh.lineage.session import Session
from mesh.lineage.sql_statement import SqlReader
from mesh.lineage.table import Gap, Place
from mesh.model.function_statement import returned_query
from mesh.model.notebook import NOTEBOOK_SUFFIXES, notebook_language

_DEEPEST = 8  # notebooks that run each other with %run


class SourceFiles:
    """The files of the mesh, each read once.

    Args:
        root: the mesh's root, resolved; no file outside of it is read.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._texts: dict[str, str | None] = {}
        self._digests: dict[str, str] = {}
        self._files = Files(root)
        self._asked: dict[str, str] | None = None

    @contextmanager
    def recording(self, asked: dict[str, str]) -> Iterator[None]:
        """Records the files that are read, with their digests.

        Args:
            asked: gets the digests by path.
        """
        self._asked = asked
        try:
            yield
        finally:
            self._asked = None

    def text(self, file: str) -> str | None:
        """Returns the text of a file; None if it does not exist or cannot be read.

        Args:
            file: its path from the root.
        """
        if file not in self._texts:
            self._texts[file] = self._read(file)
        if self._asked is not None:
            self._asked[file] = self.digest(file)
        return self._texts[file]

    def digest(self, file: str) -> str:
        """Returns the hash of a file's text; "" if it does not exist or cannot be read.

        Args:
            file: its path from the root.
        """
        if file not in self._digests:
            if file not in self._texts:
                self._texts[file] = self._read(file)
            text = self._texts[file]
            self._digests[file] = "" if text is None else sha256(text.encode()).hexdigest()
        return self._digests[file]

    def _read(self, file: str) -> str | None:
        path = PurePosixPath(file)
        if path.is_absolute() or ".." in path.parts:
            return None
        try:
            if self._files.kind(path.as_posix()) != FILE:
                return None
            return text_of(path.as_posix(), self._files)[0]
        except OSError:  # the name is too long for a file
            return None

    def code(self, file: str) -> list[Code]:
        """Returns the code of a file, by cells if it is a notebook."""
        text = self.text(file)
        if text is None:
            return []
        suffix = PurePosixPath(file).suffix
        if notebook_language(self.root / file):
            return [*notebook_code(text, suffix)]
        return [*file_code(text, suffix)]


class CodeReader:
    """Reads the code of one task or pipeline.

    Args:
        session: the session, which records what is read and written.
        files: the files of the mesh.
        folders: folders of modules that the code imports, besides that of the file: `libs` and others.
    """

    def __init__(self, session: Session, files: SourceFiles, folders: Sequence[str]) -> None:
        self._session = session
        self._files = files
        self._folders = folders
        self._python = PythonReader(session, self._module)

    def read(self, file: str, depth: int = 0) -> None:
        """Reads a file.

        Args:
            file: its path from the mesh's root.
            depth: how many notebooks run it with %run.
        """
        for code in self._files.code(file):
            unit = Unit(file, code.line - 1, code.cell)
            if code.language == "PYTHON":
                self._python.read(code.text, unit)
            elif code.language == "SQL":
                SqlReader(self._session, unit.place).read(code.text, shown=True)
            elif code.language == "RUN":
                self._run(code.text, unit.place(1), depth)

    def read_view(self, file: str, name: str) -> None:
        """Reads the query of a view.

        Args:
            file: its path from the mesh's root.
            name: the view, as SQL writes it.
        """
        text = self._files.text(file)
        if text is not None:
            place = Unit(file, 0, None).place
            self._session.written(name, place(1), SqlReader(self._session, place).read(text))

    def read_function(self, file: str) -> None:
        """Reads the tables in the body of a function; its columns depend on who calls it.

        Args:
            file: its path from the mesh's root.
        """
        text = self._files.text(file)
        query = returned_query(text) if text is not None else None
        if query is not None:
            place, inner = Unit(file, 0, None).place, Session(self._session.given)
            SqlReader(inner, place).read(query, shown=True)
            self._session.reads |= inner.reads
            self._session.gaps |= {gap: None for gap in inner.gaps if gap.hides == "table"}
            if inner.reads:
                self._session.gaps[Gap(place(1), "the columns that a function reads are not known")] = None

    def finish(self) -> None:
        """Reads what no code called."""
        self._python.finish()

    def _run(self, path: str, place: Place, depth: int) -> None:
        """Reads the notebook that `%run` names, in the same session."""
        folder = PurePosixPath(place.file).parent
        wanted = _normal(folder / path)
        suffixes = ("", *NOTEBOOK_SUFFIXES)
        found = next(
            (f"{wanted}{one}" for one in suffixes if self._files.text(f"{wanted}{one}") is not None), None
        )
        if found is None or depth >= _DEEPEST:
            self._session.unknown(
                place, f"the notebook `{path[:60]}`, which this one runs, is not in the mesh"
            )
            return
        self.read(found, depth + 1)

    def _module(self, name: str, unit: Unit) -> tuple[str, str] | None:
        """Returns the file and text of a module, as Python finds it on Databricks."""
        path = name.replace(".", "/")
        for folder in (PurePosixPath(unit.file).parent.as_posix(), *self._folders):
            for file in (f"{folder}/{path}.py", f"{folder}/{path}/__init__.py"):
                text = self._files.text(file)
                if text is not None:
                    return file, text
        return None


def _normal(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == "..":
            if not parts:
                return "/"
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
