"""The one place that tells a person what went wrong, and turns it into an exit code."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from mesh.errors import MeshError, OutsideError, UsageError

MESH_IS_WRONG = 1
USAGE_IS_WRONG = 2
OUTSIDE_FAILED = 3


@contextmanager
def reported() -> Iterator[None]:
    """Print what goes wrong inside to stderr and exit: 1 the mesh, 2 the usage, 3 the world outside."""
    try:
        yield
    except MeshError as error:
        count = len(error.findings)
        for finding in error.findings:
            _say(str(finding))
        _say(f"{count} error{'s' if count > 1 else ''}, nothing written")
        sys.exit(MESH_IS_WRONG)
    except UsageError as error:
        _say(f"Error: {error}")
        sys.exit(USAGE_IS_WRONG)
    except OutsideError as error:
        _say(f"Error: {error}")
        sys.exit(OUTSIDE_FAILED)


def _say(text: str) -> None:
    print(text, file=sys.stderr)
