"""The packages that a task asks for: `dependencies` of its serverless environment, and `libraries`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from local import packages
from local.home import Home
from local.workspace.objects.workspace_objects import disk_path, normalize_path
from local.workspace.store import Json

# dbt and Databricks' adapter. pip cannot install dbt-core 1.12 without a download from outside its registry.
DBT = ("dbt-core~=1.11.16", "dbt-databricks~=1.12.7")


class UnsupportedLibraryError(Exception):
    """The local workspace cannot install a library; the message names it."""


@dataclass(frozen=True)
class TaskPackages:
    """The packages of a task.

    Args:
        wheels: the wheels from which Python imports as they are.
        requirements: what pip installs, as lines of a requirements file with paths on this machine.
    """

    wheels: tuple[Path, ...]
    requirements: tuple[str, ...]


def task_packages(home: Home, task: Json, environments: Sequence[Json]) -> TaskPackages:
    """Return the packages of a task that this installation does not have.

    Args:
        home: the paths of the workspace.
        task: the settings of the task.
        environments: `environments` of its job.

    Raises:
        UnsupportedLibraryError: a library is none of Python, or in a volume.
    """
    key = task.get("environment_key")
    specs = [each.get("spec") or {} for each in environments if key and each.get("environment_key") == key]
    lines = [str(line).strip() for spec in specs for line in spec.get("dependencies") or []]
    lines += DBT if "dbt_task" in task else ()
    lines += [line for library in task.get("libraries") or [] for line in _of_library(library)]
    requirements = [_on_disk(home, line) for line in lines if line and not line.startswith("#")]
    wheels = [Path(line) for line in requirements if line.endswith(".whl")]
    importable = tuple(wheel for wheel in wheels if packages.is_importable(wheel))
    others = [line for line in requirements if Path(line) not in importable]
    return TaskPackages(importable, tuple(packages.missing(others)))


def pipeline_packages(home: Home, spec: Json) -> TaskPackages:
    """Return the packages of a pipeline's `environment` that this installation does not have.

    Raises:
        UnsupportedLibraryError: a file is in a volume.
    """
    environment = {"environment_key": "pipeline", "spec": spec.get("environment") or {}}
    return task_packages(home, {"environment_key": "pipeline"}, [environment])


def _of_library(library: Json) -> Iterator[str]:
    if "whl" in library:
        yield str(library["whl"])
    elif "pypi" in library:
        yield str(library["pypi"].get("package", ""))
    elif "requirements" in library:
        yield f"-r {library['requirements']}"
    else:
        kind = ", ".join(library) or "nothing"
        raise UnsupportedLibraryError(
            f"the local workspace installs libraries of Python (whl, pypi, requirements), not {kind}"
        )


def _on_disk(home: Home, line: str) -> str:
    """Return a line with a path on this machine in place of one in the workspace."""
    option = "-r " if line.startswith("-r") else ""
    path = line.removeprefix("-r").strip()
    if path.startswith("/Volumes/"):
        raise UnsupportedLibraryError(
            f"the local workspace installs files of the workspace, not {path} (put it beside the flow)"
        )
    return f"{option}{disk_path(home, normalize_path(path))}" if path.startswith("/") else line
