"""The source files of a pipeline."""

from collections.abc import Iterator
from pathlib import Path

from local.home import Home
from local.workspace.objects.workspace_objects import disk_path, normalize_path
from local.workspace.store import Json
from local.workspace.workflows.tasks import CannotRunError, source_file

_SUFFIXES = (".py", ".sql")
# Settings of pipelines that only Databricks can run → description.
_DATABRICKS_ONLY = {
    "ingestion_definition": "ingests from external sources",
    "gateway_definition": "is an ingestion gateway",
}


def update_spec(home: Home, spec: Json) -> Json:
    """Return the spec of an update for the pipeline runner.

    Args:
        home: the paths of the workspace.
        spec: the pipeline's settings.

    Raises:
        CannotRunError: the local workspace does not support the pipeline, or a source file does not exist.
    """
    for name, description in _DATABRICKS_ONLY.items():
        if spec.get(name):
            raise CannotRunError(
                f"the local workspace cannot run a pipeline that {description}: it needs Databricks"
            )
    schema = spec.get("schema") or spec.get("target")
    if not spec.get("catalog") or not schema:
        raise CannotRunError(
            "the local workspace needs the pipeline's catalog and schema: set `catalog` and `schema`"
        )
    sources = [path for library in spec.get("libraries") or [] for path in _sources(home, library)]
    if not sources:
        raise CannotRunError("the pipeline's libraries name no notebook and no file")
    root = spec.get("root_path")
    return {
        "catalog": spec["catalog"],
        "schema": schema,
        "configuration": spec.get("configuration") or {},
        "sources": [{"file": str(disk_path(home, path)), "path": path} for path in dict.fromkeys(sources)],
        "import_paths": [str(disk_path(home, normalize_path(root)))] if root else [],
        "workspace_files": str(home.files),
    }


def _sources(home: Home, library: Json) -> Iterator[str]:
    if "notebook" in library:
        path = normalize_path(str(library["notebook"].get("path", "")))
        file = source_file(home, path, f'Unable to access the notebook "{path}" in the workspace.')
        yield _workspace_path(home, file)
    elif "file" in library:
        path = normalize_path(str(library["file"].get("path", "")))
        yield _workspace_path(
            home, source_file(home, path, f"Cannot read the file {path}: it is not in the workspace.")
        )
    elif "glob" in library:
        yield from _glob(home, str(library["glob"].get("include", "")))
    else:
        kinds = ", ".join(library) or "nothing"
        raise CannotRunError(
            f"the local workspace supports notebooks, files and globs as libraries, not {kinds}"
        )


def _glob(home: Home, include: str) -> Iterator[str]:
    """Yield the source files that match a glob; `folder/**` matches all files below the folder."""
    pattern = normalize_path(include).lstrip("/")
    below = f"{pattern}/*" if pattern.endswith("**") else pattern
    files = sorted(file for file in home.files.glob(below) if file.is_file() and _is_source(file))
    if not files:
        raise CannotRunError(f"no .py or .sql file in the workspace matches {include}")
    yield from (_workspace_path(home, file) for file in files)


def _is_source(file: Path) -> bool:
    return file.suffix.lower() in _SUFFIXES and "__pycache__" not in file.parts


def _workspace_path(home: Home, file: Path) -> str:
    return f"/{file.relative_to(home.files)}"
