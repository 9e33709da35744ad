"""`python -m local.notebook.wheel WORKSPACE_FILES PACKAGE ENTRY_POINT [WORD …]`: run a python_wheel_task.

The entry point is one that the package's metadata name, else a function of the package, as on Databricks.
The wheel is on the path of imports, which can read it without unpacking.
"""

import importlib
import importlib.metadata
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local.notebook import imports


def find(package: str, entry_point: str) -> Callable[[], Any]:
    """Return what the entry point of a package stands for.

    Raises:
        LookupError: the package is not there, or has no such entry point.
    """
    try:
        declared = importlib.metadata.distribution(package).entry_points.select(name=entry_point)
    except importlib.metadata.PackageNotFoundError:
        raise LookupError(
            f"there is no package {package}: name its wheel, a file of the workspace, in `libraries`"
        ) from None
    for each in declared:
        function: Callable[[], Any] = each.load()
        return function
    module = importlib.import_module(package.replace("-", "_"))
    if not hasattr(module, entry_point):
        raise LookupError(f"package {package} has no entry point {entry_point}")
    named: Callable[[], Any] = getattr(module, entry_point)
    return named


def main() -> int:
    """Run the entry point that the command line names with the words after it."""
    files, package, entry_point, *words = sys.argv[1:]
    imports.install(Path(files))
    try:
        function = find(package, entry_point)
    except LookupError as error:
        print(error, file=sys.stderr)
        return 1
    sys.argv = [entry_point, *words]
    function()
    return 0


if __name__ == "__main__":
    sys.exit(main())
