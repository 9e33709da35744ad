"""`python -m local.pipeline SPEC.json`: runs one update of a pipeline.

SPEC.json: `catalog`, `schema`, `configuration`, `sources` (`{"file", "path"}` each, `path` in the workspace),
`import_paths`, `storage` (a folder that is kept between updates), `full_refresh` (true for all, or names),
`refresh` (names), `workspace_files`, `events` (a file that gets a line of JSON for each event), `result`
(the file for the result). Exit code 0 or 1.
"""

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark.pipelines.graph_element_registry import graph_element_registration_context

from local.notebook import imports, paths
from local.notebook.places import Places
from local.notebook.process import CancelledError, Result, main
from local.notebook.runner import Runner
from local.notebook.session import connect
from local.pipeline import databricks
from local.pipeline.definitions import Definitions
from local.pipeline.materialization import Materialization
from local.pipeline.sql_sources import sql_of

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Auto Loader on Databricks infers the columns of files; Spark does so only with this setting.
_SETTINGS = {"spark.sql.streaming.schemaInference": "true"}


def update(spec: dict[str, Any], spark: "SparkSession", tables: list[dict[str, Any]]) -> None:
    """Runs an update.

    Args:
        spec: the specification.
        spark: the session.
        tables: receives each dataset when it is written.

    Raises:
        Exception: the source is wrong, or Spark cannot write a dataset.
    """
    configuration = {name: str(value) for name, value in spec["configuration"].items()}
    for name, value in {**_SETTINGS, **configuration}.items():
        spark.conf.set(name, value)
    spark.sql(f"USE `{spec['catalog']}`.`{spec['schema']}`")

    def report(message: str, level: str = "INFO", details: dict[str, Any] | None = None) -> None:
        print(message)
        event = {"time": int(time.time() * 1000), "level": level, "message": message}
        event.update({"details": details} if details else {})
        with Path(spec["events"]).open("a", encoding="utf-8") as events:
            events.write(json.dumps(event) + "\n")

    definitions = Definitions(spark)
    where = spec["catalog"], spec["schema"], Path(spec["storage"])
    materialization = Materialization(
        spark, definitions, *where, spec["full_refresh"], spec["refresh"], report, tables
    )
    _read(spec, Runner(spark, Path(spec["workspace_files"])), materialization, configuration)
    report(f"{len(definitions.outputs)} datasets are defined.")
    materialization.all()


def _read(
    spec: dict[str, Any], runner: Runner, materialization: Materialization, configuration: dict[str, str]
) -> None:
    """Collects the definitions of all sources."""
    databricks.install(runner.spark, materialization)
    imports.install(runner.root, imports.to_workers(runner.spark))
    sys.path[:0] = spec["import_paths"]
    with graph_element_registration_context(materialization.definitions):
        for source in spec["sources"]:
            file, path = Path(source["file"]), Path(source["path"])
            if (sql := sql_of(file, path)) is not None:
                materialization.definitions.register_sql(sql, path)
            else:
                sys.path.insert(0, str(file.parent))
                runner.run(file, source["path"], configuration)


def run(spec: dict[str, Any]) -> Result:
    """Runs the update of a specification and returns its outcome."""
    result = Result()
    spark = None
    try:
        files = paths.of_workspace(Path(spec["workspace_files"]))
        paths.install(files)
        spark = connect(files)
        update(spec, spark, result.tables)
    except BaseException as error:
        result.fail(error, Places(Path(spec["workspace_files"])))
        if spark and isinstance(error, CancelledError | KeyboardInterrupt):
            spark.interruptAll()
    return result


if __name__ == "__main__":
    sys.exit(main(run, sys.argv[1:]))
