"""`python -m local.notebook.wheel WORKSPACE_FILES PACKAGE ENTRY_POINT [WORD …]`: runs a python_wheel_task.

The entry point is searched in the package's metadata, then among its functions, as on Databricks.
The wheel is on the import path; Python imports from it without unpacking.
"""

import importlib
import importlib.metadata
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local.notebook import imports, paths


def find(package: str, entry_point: str) -> Callable[[], Any]:
    """Returns the function of a package's entry point.

    Raises:
        LookupError: the package is not installed, or has no such entry point.
    """
    try:
        declared = importlib.metadata.distribution(package).entry_points.select(name=entry_point)
    except importlib.metadata.PackageNotFoundError:
        raise LookupError(
            f"package {package} is not installed (add its wheel, a workspace file, to `libraries`)"
        ) from None
    for each in declared:
        function: Callable[[], Any] = each.load()
        return function
    module = importlib.import_module(package.replace("-", "_"))
    if not hasattr(module, entry_point):
        raise LookupError(f"package {package} has no entry point {entry_point}")
    own: Callable[[], Any] = getattr(module, entry_point)
    return own


def main() -> int:
    """Runs an entry point of a package: the command line names both, and the arguments of the entry point."""
    files, package, entry_point, *words = sys.argv[1:]
    imports.install(Path(files))
    paths.install(paths.of_workspace(Path(files)))
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
