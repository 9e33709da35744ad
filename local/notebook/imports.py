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


def install(files: Path, found: Callable[[Path], None] = lambda folder: None) -> None:
    """Let Python find modules below `/Workspace/`, from now on, and leave no compiled ones there.

    Args:
        files: the folder on disk that is the workspace's `/`.
        found: told each folder or archive among them, the first time that Python looks there.
    """
    others = tuple(sys.path_hooks)

    def hook(path: str) -> Any:
        if not path.startswith(_WORKSPACE):
            raise ImportError(f"not in the workspace: {path}")
        place = files / path.removeprefix(_WORKSPACE)
        for other in others:
            with contextlib.suppress(ImportError):
                finder = other(str(place))
                found(place)
                return finder
        raise ImportError(f"nothing can be imported from {path}")

    sys.dont_write_bytecode = True
    sys.path_hooks.insert(0, hook)
    for path in [path for path in sys.path_importer_cache if path.startswith(_WORKSPACE)]:
        del sys.path_importer_cache[path]


def to_workers(spark: "SparkSession") -> Callable[[Path], None]:
    """Return what hands a folder's or an archive's modules to the processes that run a session's functions.

    Databricks documentation, "Work with Python and R modules": what is on the path of imports is there too.
    """

    def hand_over(place: Path) -> None:
        with tempfile.TemporaryDirectory() as temporary:
            # Spark takes each name once
            archive = Path(temporary, f"{place.stem}-{hashlib.sha256(bytes(place)).hexdigest()[:12]}.zip")
            archive.write_bytes(_zipped(place) if place.is_dir() else place.read_bytes())
            spark.addArtifacts(str(archive), pyfile=True)

    return hand_over


def _zipped(folder: Path) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for file in sorted(folder.rglob("*.py")):
            archive.write(file, file.relative_to(folder))
    return written.getvalue()
