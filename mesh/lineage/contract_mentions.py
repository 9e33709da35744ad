"""Where the code of a flow names a table or a column of a contract.

The code is not run and not parsed: a line counts if the name stands in it as a whole word. So a mention is a
place to look at, and a table that no line names is only a warning.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path, PurePosixPath

from mesh.documents.file_text import read_text
from mesh.finding import Finding
from mesh.model.flow import Flow
from mesh.model.task import with_inner

_CODE = {".py", ".sql", ".ipynb", ".scala", ".r"}
_MOST_FILES = 500  # of one flow; a search stops there
# Tasks whose code may be elsewhere than in the flow's folder
_ELSEWHERE = ("python_wheel_task", "spark_jar_task", "spark_submit_task", "dbt_task", "run_job_task")


def mentions(
    folders: Iterable[PurePosixPath], names: Collection[str], root: Path
) -> Iterator[tuple[str, str]]:
    """Yields each line of code that has a name as a whole word: the name, and the position as `file:line`.

    Args:
        folders: the folders of the code, from the mesh's root.
        names: the names; Unity Catalog does not tell capitals apart.
        root: the mesh's root.
    """
    if not names:
        return
    by_key = {name.lower(): name for name in names}
    longest_first = sorted(map(re.escape, by_key), key=len, reverse=True)
    words = re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)", re.IGNORECASE)
    for path in _files(folders, root):
        text, _ = read_text(path, root)
        for number, line in enumerate((text or "").splitlines(), 1):
            for key in dict.fromkeys(found[0].lower() for found in words.finditer(line)):
                yield by_key[key], f"{path.relative_to(root).as_posix()}:{number}"


def _files(folders: Iterable[PurePosixPath], root: Path) -> Iterator[Path]:
    """Yields the code files in folders; links to folders are not followed."""
    count = 0
    for folder in folders:
        if (root / folder).is_file():
            yield root / folder
        for parent, below, files in os.walk(root / folder):
            below[:] = sorted(name for name in below if not name.startswith((".", "__")))
            for name in sorted(files):
                if Path(name).suffix.lower() in _CODE:
                    count += 1
                    if count > _MOST_FILES:
                        return
                    yield Path(parent, name)


def contract_warnings(flow: Flow, shared: Iterable[str], root: Path) -> Iterator[Finding]:
    """Warns about tables of contracts that no line of the flow's code names.

    Args:
        flow: the flow.
        shared: folders of code that it shares with others, from the mesh's root.
        root: the mesh's root.
    """
    if not flow.contracts or not flow.entries or _runs_elsewhere(flow):
        return
    folders = [flow.folder, *map(PurePosixPath, shared)]
    tables = {table.name for one in flow.contracts for table in one.tables}
    named = {name for name, _ in mentions(folders, tables, root)}
    for one in flow.contracts:
        for table in one.tables:
            if table.name not in named:
                problem = f"no code of the flow names table `{table.name[:120]}`"
                message = f"{problem} (correct the name, or fill the table)"
                found = one.document.finding("contract-table-unknown", (*table.at, "name"), message)
                yield Finding(found.file, found.line, found.column, found.code, found.message, "warning")


def _runs_elsewhere(flow: Flow) -> bool:
    return any(
        kind in task.data for entry in flow.jobs for task in with_inner(entry.tasks) for kind in _ELSEWHERE
    )
