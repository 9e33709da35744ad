"""Imports from folders of the workspace: `sys.path.append("/Workspace/…")`, as code on Databricks does."""

import contextlib
import hashlib
import io
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_WORKSPACE = "/Workspace/"


def install(files: Path, on_first_use: Callable[[Path], None] = lambda folder: None) -> None:
    """Lets Python import modules below `/Workspace/`, without writing byte code there.

    Args:
        files: the folder on disk that is the workspace's `/`.
        on_first_use: called with each folder or archive when Python first imports from it.
    """
    others = tuple(sys.path_hooks)

    def hook(path: str) -> Any:
        if not path.startswith(_WORKSPACE):
            raise ImportError(f"not in the workspace: {path}")
        place = files / path.removeprefix(_WORKSPACE)
        for other in others:
            with contextlib.suppress(ImportError):
                finder = other(str(place))
                on_first_use(place)
                return finder
        raise ImportError(f"no importer for {path}")

    sys.dont_write_bytecode = True
    sys.path_hooks.insert(0, hook)
    for path in [path for path in sys.path_importer_cache if path.startswith(_WORKSPACE)]:
        del sys.path_importer_cache[path]


def to_workers(spark: "SparkSession") -> Callable[[Path], None]:
    """Returns a function that sends the modules of a folder or archive to the Python workers of a session.

    Source: Databricks documentation, "Work with Python and R modules": workers have the same import path.
    """

    def send(place: Path) -> None:
        with tempfile.TemporaryDirectory() as temporary:
            # Spark accepts each file name once
            archive = Path(temporary, f"{place.stem}-{hashlib.sha256(bytes(place)).hexdigest()[:12]}.zip")
            archive.write_bytes(_zipped(place) if place.is_dir() else place.read_bytes())
            spark.addArtifacts(str(archive), pyfile=True)

    return send


def _zipped(folder: Path) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for file in sorted(folder.rglob("*.py")):
            archive.write(file, file.relative_to(folder))
    return buffer.getvalue()
