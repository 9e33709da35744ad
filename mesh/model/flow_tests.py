"""The tests of a flow: the folder `tests` beside its deployment.yml. They are not deployed."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import PurePosixPath

TESTS = "tests"
"""The folder in a flow that holds its tests."""


def is_flow_test(path: PurePosixPath, flows: Collection[PurePosixPath]) -> bool:
    """True if a file belongs to the tests of a flow; a folder `tests` that is a flow itself holds no tests.

    Args:
        path: the file.
        flows: the folders that have a deployment.yml.
    """
    return any(one.name == TESTS and one.parent in flows and one not in flows for one in path.parents)
