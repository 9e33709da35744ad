"""What tasks print, with the names of files in the checkout instead of their copies in the workspace."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from local.home import Home
from mesh.commands.local_run.checkout_files import sources
from mesh.deployment.deployment import Deployment


def readable(root: Path, deployments: Iterable[Deployment]) -> Callable[[str], str]:
    """Returns a function that names files of the checkout in a line.

    A traceback of a task names a file of the workspace, or its place on disk below `.mesh`. The lines of a
    file are the same in the checkout, unless it was edited since the run began.

    Args:
        root: the mesh's root; the names are relative to it.
        deployments: the deployments whose files may be named.
    """
    names = {
        path: file.relative_to(root).as_posix()
        for deployment in deployments
        for path, file in sources(deployment).items()
    }
    # a path ends where the word or the quotation ends; paths with spaces keep their names
    place = re.compile(rf'(?:/Workspace|{re.escape(str(Home(root).files))})(/[^\s"\':,()]+)')
    return lambda line: place.sub(lambda match: names.get(match[1], match[0]), line)
