"""Which files of the workspace a pipeline is made of."""

from collections.abc import Iterator
from pathlib import Path

from local.home import Home
from local.workspace.objects.objects import on_disk, workspace_path
from local.workspace.store import Json
from local.workspace.workflows.tasks import CannotRunError, source_file

_SUFFIXES = (".py", ".sql")
# What makes a pipeline one that only Databricks can run.
_ELSEWHERE = {
    "ingestion_definition": "ingests from outside",
    "gateway_definition": "is a gateway for ingestion",
}


def update_spec(home: Home, spec: Json) -> Json:
    """Return what the runner of a pipeline needs to know of its settings.

    Args:
        home: where the workspace's files are.
        spec: the pipeline's settings.

    Raises:
        CannotRunError: it is of a kind that does not run here, or a file of it is not there.
    """
    for name, what in _ELSEWHERE.items():
        if spec.get(name):
            raise CannotRunError(
                f"the local workspace does not run a pipeline that {what}: it needs Databricks"
            )
    schema = spec.get("schema") or spec.get("target")
    if not spec.get("catalog") or not schema:
        raise CannotRunError("the local workspace runs a pipeline that names its catalog and its schema")
    sources = [one for library in spec.get("libraries") or [] for one in _sources(home, library)]
    if not sources:
        raise CannotRunError("the pipeline has no notebook and no file in its libraries")
    root = spec.get("root_path")
    return {
        "catalog": spec["catalog"],
        "schema": schema,
        "configuration": spec.get("configuration") or {},
        "sources": [{"file": str(on_disk(home, path)), "path": path} for path in dict.fromkeys(sources)],
        "import_paths": [str(on_disk(home, workspace_path(root)))] if root else [],
        "workspace_files": str(home.files),
    }


def _sources(home: Home, library: Json) -> Iterator[str]:
    if "notebook" in library:
        path = workspace_path(str(library["notebook"].get("path", "")))
        file = source_file(home, path, f'Unable to access the notebook "{path}" in the workspace.')
        yield _path(home, file)
    elif "file" in library:
        path = workspace_path(str(library["file"].get("path", "")))
        yield _path(
            home, source_file(home, path, f"Cannot read the file {path}: it is not in the workspace.")
        )
    elif "glob" in library:
        yield from _matching(home, str(library["glob"].get("include", "")))
    else:
        kinds = ", ".join(library) or "nothing"
        raise CannotRunError(
            f"the local workspace takes notebooks, files and globs as libraries, not {kinds}"
        )


def _matching(home: Home, include: str) -> Iterator[str]:
    """Yield the source files that a glob means: a folder with `/**` is all below it."""
    pattern = workspace_path(include).lstrip("/")
    below = f"{pattern}/*" if pattern.endswith("**") else pattern
    files = sorted(file for file in home.files.glob(below) if file.is_file() and _is_source(file))
    if not files:
        raise CannotRunError(f"no .py or .sql file in the workspace matches {include}")
    yield from (_path(home, file) for file in files)


def _is_source(file: Path) -> bool:
    return file.suffix.lower() in _SUFFIXES and "__pycache__" not in file.parts


def _path(home: Home, file: Path) -> str:
    return f"/{file.relative_to(home.files)}"
