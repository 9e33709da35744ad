"""The folder of the flow that a job or pipeline was deployed from, as the paths of its files tell."""

import re
from collections.abc import Iterator

from local.workspace.store import Json

_IN_MESH = re.compile(r"(?:^|/)(orgs/[^/]+/domains/[^/]+/projects/[^/]+/flows/.+)/[^/]+$")
_LEVELS = re.compile(r"orgs/([^/]+)/domains/([^/]+)/projects/([^/]+)/flows/(.+)")


def folder_of_job(settings: Json) -> str:
    """Return the folder of a job's flow, from the mesh's root; "" if no task has a file of a flow."""
    return _folder(path for task in settings.get("tasks") or () for path in _paths(task))


def folder_of_pipeline(spec: Json) -> str:
    """Return the folder of a pipeline's flow, from the mesh's root; "" if no library is a file of a flow."""
    libraries = spec.get("libraries") or ()
    sources = (library.get(kind) for library in libraries for kind in ("notebook", "file"))
    return _folder(str(source.get("path", "")) for source in sources if source)


def flow_name(folder: str) -> str:
    """Return the name of a flow in commands, such as `acme/transport/taxinyc/prep/revenue`."""
    levels = _LEVELS.fullmatch(folder)
    return "/".join(levels.groups()) if levels else folder


def _paths(task: Json) -> Iterator[str]:
    task = (task.get("for_each_task") or {}).get("task") or task
    yield str((task.get("notebook_task") or {}).get("notebook_path", ""))
    yield str((task.get("spark_python_task") or {}).get("python_file", ""))
    yield str(((task.get("sql_task") or {}).get("file") or {}).get("path", ""))
    yield f"{(task.get('dbt_task') or {}).get('project_directory', '')}/dbt_project.yml"


def _folder(paths: Iterator[str]) -> str:
    return next((found[1] for path in paths if (found := _IN_MESH.search(path))), "")
