"""What a dbt task tells the process that runs dbt."""

import sys
from collections.abc import Mapping
from pathlib import Path

from local.home import Home
from local.workspace.store import Json

DBT_COMMAND = (sys.executable, "-P", "-m", "local.dbt")


def dbt_folders(settings: Json) -> list[str]:
    """Return the fields of `dbt_task` that name a folder; the profiles may be unset."""
    return ["project_directory", *(["profiles_directory"] if settings.get("profiles_directory") else [])]


def dbt_spec(settings: Json, folders: Mapping[str, Path], home: Home, result: Path) -> Json:
    """Return the specification for `python -m local.dbt`.

    Without a warehouse, the profiles are the task's own, else those of the project, as on Databricks.

    Args:
        settings: `dbt_task`, with resolved references.
        folders: `project_directory` and, if it is declared, `profiles_directory`, on this machine.
        home: the paths of the workspace.
        result: the file for the result; the copy of the project is beside it.
    """
    folder = result.with_name(result.name.removesuffix("result.json") + "dbt")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    project = folders["project_directory"]
    profiles = None if settings.get("warehouse_id") else folders.get("profiles_directory", project)
    return {
        "project": str(project),
        "workspace_files": str(home.files),
        "folder": str(folder),
        "commands": [str(each) for each in settings.get("commands") or ()],
        "catalog": settings.get("catalog"),
        "schema": settings.get("schema") or "default",
        "profiles": str(profiles) if profiles and (profiles / "profiles.yml").is_file() else None,
        "packages": str(home.dbt_packages),
        "result": str(result),
    }
