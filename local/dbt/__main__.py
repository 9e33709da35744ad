"""`python -m local.dbt SPEC.json`: runs the commands of a dbt task.

SPEC.json: `project` (a folder, which is copied), `workspace_files` (the folder on disk that is the
workspace's root), `folder` (where the copy and the profile are written), `commands`, `catalog`, `schema`,
`profiles` (the task's own folder of profiles, or null), `packages` (the folder of kept packages),
`result` (the file for the result).
Exit code 0 or 1.
"""

import os
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from local.dbt import failures, package_hosts, python_models, warehouse
from local.dbt.information_schema import InformationSchema
from local.dbt.kept_packages import KeptPackages
from local.dbt.project_copy import copy_project
from local.notebook import process, written_tables
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
        try:
            _run(spec, open_session)
        except OutsideError as error:
            result.fail(error)
        # also what was written before a model or test failed
        result.tables = written_tables.with_rows(sessions[0], mark) if sessions else []
    except BaseException as error:
        is_cancelled = isinstance(error, process.CancelledError | KeyboardInterrupt)
        if is_cancelled or result.error is None:
            result.fail(error)
        for session in sessions if is_cancelled else ():
            session.interruptAll()
    return result


def _run(spec: dict[str, Any], open_session: warehouse.Open) -> None:
    copy = copy_project(Path(spec["project"]), Path(spec["workspace_files"]), Path(spec["folder"]))
    profiles = spec["profiles"] or write_profile(
        copy.path, Path(spec["folder"]), spec["catalog"], spec["schema"]
    )
    os.environ.update(
        DBT_PROFILES_DIR=str(profiles),
        DBT_PROJECT_DIR=str(copy.path),
        DBT_SEND_ANONYMOUS_USAGE_STATS="false",
        DBT_USE_COLORS="false",
        DBT_HOST=os.environ.get("DATABRICKS_HOST", ""),
        DBT_ACCESS_TOKEN=os.environ.get("DATABRICKS_TOKEN", ""),
    )
    os.chdir(copy.path)
    warehouse.serve(open_session, InformationSchema(_get))
    python_models.serve(open_session, copy.project)
    kept = KeptPackages(copy.path, Path(spec["packages"]))
    package_hosts.serve()
    from dbt.cli.main import dbtRunner

    for command in spec["commands"]:
        print(f"$ {command}", flush=True)
        words = _words(command)
        done = dbtRunner().invoke(words)
        if isinstance(done.exception, process.CancelledError):
            raise done.exception
        if words[:1] == ["deps"] and done.success:
            kept.keep()
        if not done.success:
            error = failures.described(
                command, done, copy.place, lambda query: _first_rows(open_session, query)
            )
            if words != ["deps"] or not kept.elsewhere:
                raise OutsideError(error)
            if not kept.restore():
                raise OutsideError(f"{error}\n{_needs(kept)}")
            print(f"{error}\nThe packages that an earlier run installed are used.", flush=True)


def _words(command: str) -> list[str]:
    """Return the words of a command after `dbt`."""
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise OutsideError(f"`{command}`: {error}") from None
    if not words or words[0] != "dbt":
        raise OutsideError(f"`{command}` is no command of dbt: a dbt task runs `dbt …`")
    return words[1:]


def _first_rows(open_session: warehouse.Open, query: str) -> list[dict[str, Any]]:
    """Return the first rows of the query of a test; none if Spark refuses it now."""
    from pyspark.errors import PySparkException

    try:
        return [row.asDict() for row in open_session().sql(query).limit(failures.ROWS + 1).collect()]
    except PySparkException:
        return []


def _needs(kept: KeptPackages) -> str:
    return (
        f"`dbt deps` needs a connection for {', '.join(kept.elsewhere)}: no earlier run here has installed "
        "what the project declares. Packages of the mesh (`- local: ../folder`) need none."
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
