"""Places in code as a reader knows them: the file of the workspace, the line, the cell."""

import re
from dataclasses import dataclass
from pathlib import Path

from local.notebook import source

_JUPYTER = re.compile(r"(?P<file>.*)\[cell (?P<cell>\d+)\]", re.DOTALL)


@dataclass(frozen=True)
class Places:
    """Names places in the files of a workspace.

    Args:
        root: the folder on disk that is the workspace's `/`.
        prefix: what replaces the root in the names of files; `/Workspace/` as in tracebacks of Databricks.
    """

    root: Path
    prefix: str = "/Workspace/"

    def file(self, name: str) -> str:
        """Returns the name of a file, which a traceback names as on disk; other files keep their names."""
        plain = match["file"] if (match := _JUPYTER.fullmatch(name)) else name
        path = Path(plain)
        return f"{self.prefix}{path.relative_to(self.root)}" if path.is_relative_to(self.root) else plain

    def cell(self, name: str, line: int) -> int | None:
        """Returns the number of the cell at a line of a file; None if the file has no cells."""
        if match := _JUPYTER.fullmatch(name):
            return int(match["cell"])
        return source.cell_number(Path(name), line) if Path(name).is_relative_to(self.root) else None

    def function(self, name: str, line: int, function: str) -> str:
        """Returns what a traceback names after the line: the function, with the cell of a notebook."""
        cell = self.cell(name, line)
        if cell is None:
            return function
        return f"cell {cell}" if function == "<module>" else f"{function}, cell {cell}"


AS_ON_DISK = Places(Path("/nowhere"))
