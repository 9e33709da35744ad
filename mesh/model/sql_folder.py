"""The folders of a flow whose SQL files are views and functions, which its job creates from a notebook."""

from __future__ import annotations

from collections.abc import Collection

VIEWS = "views"
FUNCTIONS = "functions"
SUFFIX = ".sql"


def is_object_file(path: str, flows: Collection[str]) -> bool:
    """True if a file is a view or function of a flow; it is in a notebook that the deployment generates.

    Args:
        path: the file.
        flows: the folders that have a deployment.yml.
    """
    folder, _, name = path.rpartition("/")
    flow, _, own = folder.rpartition("/")
    return own in (VIEWS, FUNCTIONS) and name.endswith(SUFFIX) and flow in flows and folder not in flows
