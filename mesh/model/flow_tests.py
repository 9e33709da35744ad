"""The tests of a flow: the folder `tests` beside its deployment.yml. They are not deployed."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import PurePosixPath

TESTS = "tests"
"""The folder in a flow that holds its tests."""


def is_flow_test(path: str, flows: Collection[str]) -> bool:
    """True if a file belongs to the tests of a flow; a folder `tests` that is a flow itself holds no tests.

    Args:
        path: the file.
        flows: the folders that have a deployment.yml.
    """
    if f"/{TESTS}/" not in f"/{path}":
        return False
    parents = map(str, PurePosixPath(path).parents)
    return any(
        PurePosixPath(one).name == TESTS and one.rpartition("/")[0] in flows and one not in flows
        for one in parents
    )
