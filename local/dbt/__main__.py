"""`python -m local.dbt SPEC.json`: runs the commands of a dbt task.

SPEC.json: `project` (a folder, which is copied), `workspace_files` (the folder on disk that is the
workspace's root), `folder` (where the copy and the profile are written), `commands`, `catalog`, `schema`,
`profiles` (the task's own folder of profiles, or null), `result` (the file for the result).
Exit code 0 or 1.
"""

import os
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from local.dbt import failures, python_models, warehouse
from local.dbt.information_schema import InformationSchema
from local.notebook import process, written_tables
from local.notebook.places import Places
from local.notebook.session import connect
from mesh.errors import OutsideError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass
class Result(process.Result):
    """The outcome of the commands."""


def run(spec: dict[str, Any]) -> Result:
    """Run the commands of a specification in a copy of the project, until one fails."""
    result = Result()
    sessions: list[SparkSession] = []
    mark = written_tables.new_mark()

    def open_session() -> "SparkSession":
        spark = connect()
        written_tables.set_mark(spark, mark)
        sessions.append(spark)
        return spark

    try:
        _run(spec, open_session)
        result.tables = written_tables.with_rows(sessions[0], mark) if sessions else []
    except BaseException as error:
        result.fail(error)
        if isinstance(error, process.CancelledError | KeyboardInterrupt):
            for session in sessions:
                session.interruptAll()
    return result


def _run(spec: dict[str, Any], open_session: warehouse.Open) -> None:
    project = Path(spec["folder"]) / "project"
    shutil.rmtree(project, ignore_errors=True)
    shutil.copytree(spec["project"], project)
    profiles = spec["profiles"] or write_profile(
        project, Path(spec["folder"]), spec["catalog"], spec["schema"]
    )
    os.environ.update(
        DBT_PROFILES_DIR=str(profiles),
        DBT_PROJECT_DIR=str(project),
        DBT_SEND_ANONYMOUS_USAGE_STATS="false",
        DBT_USE_COLORS="false",
        DBT_HOST=os.environ.get("DATABRICKS_HOST", ""),
        DBT_ACCESS_TOKEN=os.environ.get("DATABRICKS_TOKEN", ""),
    )
    os.chdir(project)
    warehouse.serve(open_session, InformationSchema(_get))
    python_models.serve(open_session, Path(spec["project"]))
    places = Places(Path(spec["workspace_files"]))
    from dbt.cli.main import dbtRunner

    for command in spec["commands"]:
        print(f"$ {command}", flush=True)
        try:
            words = shlex.split(command)
        except ValueError as error:
            raise OutsideError(f"`{command}`: {error}") from None
        if not words or words[0] != "dbt":
            raise OutsideError(f"`{command}` is no command of dbt: a dbt task runs `dbt …`")
        done = dbtRunner().invoke(words[1:])
        if isinstance(done.exception, process.CancelledError):
            raise done.exception
        if not done.success:
            raise OutsideError(
                failures.described(command, done, lambda file: places.file(f"{spec['project']}/{file}"))
            )


def write_profile(project: Path, folder: Path, catalog: str | None, schema: str) -> Path:
    """Write the profile that the project names, as Databricks does for a task with a warehouse.

    Args:
        project: the folder of the project.
        folder: where the profile is written.
        catalog: the catalog; None for that of the session.
        schema: the schema of models that declare none.

    Returns:
        The folder with the profile.

    Raises:
        OutsideError: the project has no file `dbt_project.yml`, or it names no profile.
    """
    files = [project / name for name in ("dbt_project.yml", "dbt_project.yaml")]
    file = next((each for each in files if each.is_file()), None)
    content = yaml.safe_load(file.read_text(encoding="utf-8")) if file else None
    name = content.get("profile") if isinstance(content, dict) else None
    if not isinstance(name, str):
        raise OutsideError("dbt_project.yml of the task's project_directory must name a `profile`")
    output = {
        "type": "databricks",
        "host": "127.0.0.1",
        "http_path": warehouse.HTTP_PATH,
        "token": "{{ env_var('DBT_ACCESS_TOKEN') }}",
        **({"catalog": catalog} if catalog else {}),
        "schema": schema,
        "threads": 1,
    }
    profile = {name: {"target": "databricks_cluster", "outputs": {"databricks_cluster": output}}}
    (folder / "profiles.yml").write_text(yaml.safe_dump(profile), encoding="utf-8")
    return folder


def _get(kind: str, **query: str) -> Any:
    """Call the Unity Catalog API of the workspace."""
    import requests

    url = f"{os.environ['DATABRICKS_HOST']}/api/2.1/unity-catalog/{kind}"
    headers = {"Authorization": f"Bearer {os.environ['DATABRICKS_TOKEN']}"}
    with requests.Session() as session:
        session.trust_env = False  # proxies and netrc are for other hosts
        answer = session.get(url, params=query, headers=headers, timeout=60)
    answer.raise_for_status()
    return answer.json()


if __name__ == "__main__":
    sys.exit(process.main(run, sys.argv[1:]))
