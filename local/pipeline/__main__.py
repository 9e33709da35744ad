"""`python -m local.pipeline SPEC.json`: one update of a pipeline.

SPEC.json: `catalog`, `schema`, `configuration`, `sources` (`{"file", "path"}` each, `path` in the workspace),
`import_paths`, `storage` (a folder that outlives the update), `full_refresh` (true for all, or names),
`refresh` (names), `workspace_files`, `events` (a file that gets a line of JSON for each event), `result`
(where to write what came of it). Exit code 0 or 1.
"""

import json
import signal
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from pyspark.pipelines.graph_element_registry import graph_element_registration_context

from local.home import write_private
from local.notebook import failure, imports
from local.notebook.runner import Runner
from local.notebook.session import connect
from local.pipeline import databricks
from local.pipeline.definitions import Definitions
from local.pipeline.materializing import Making
from mesh.errors import OutsideError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# Databricks finds out the columns of files that arrive; Spark does so only when it is told to.
_SETTINGS = {"spark.sql.streaming.schemaInference": "true"}


@dataclass
class Result:
    """What came of an update.

    Args:
        error: one line that says what went wrong; None if nothing did.
        error_trace: where.
        tables: the datasets that were made (see `making.Making.all`).
    """

    error: str | None = None
    error_trace: str | None = None
    tables: list[dict[str, Any]] = field(default_factory=list)


class _Stopped(BaseException):
    """The workspace stops the update."""


def _stop(signum: int, frame: FrameType | None) -> None:
    raise _Stopped(f"stopped by signal {signum}")


def update(spec: dict[str, Any], spark: "SparkSession", tables: list[dict[str, Any]]) -> None:
    """Run an update.

    Args:
        spec: what to do.
        spark: the session.
        tables: gets the datasets as they are made.

    Raises:
        Exception: the source is wrong, or Spark cannot make a dataset.
    """
    configuration = {name: str(value) for name, value in spec["configuration"].items()}
    for name, value in {**_SETTINGS, **configuration}.items():
        spark.conf.set(name, value)
    spark.sql(f"USE `{spec['catalog']}`.`{spec['schema']}`")

    def tell(message: str, level: str = "INFO") -> None:
        print(message)
        event = {"time": int(time.time() * 1000), "level": level, "message": message}
        with Path(spec["events"]).open("a", encoding="utf-8") as events:
            events.write(json.dumps(event) + "\n")

    definitions = Definitions(spark)
    where = spec["catalog"], spec["schema"], Path(spec["storage"])
    making = Making(spark, definitions, *where, spec["full_refresh"], spec["refresh"], tell, tables)
    _read(spec, Runner(spark, Path(spec["workspace_files"])), making, configuration)
    tell(f"{len(definitions.outputs)} datasets are defined.")
    making.all()


def _read(spec: dict[str, Any], runner: Runner, making: Making, configuration: dict[str, str]) -> None:
    """Take up all that the source defines."""
    databricks.install(runner.spark, making)
    imports.install(runner.root, imports.to_workers(runner.spark))
    sys.path[:0] = spec["import_paths"]
    with graph_element_registration_context(making.definitions):
        for source in spec["sources"]:
            file = Path(source["file"])
            if file.suffix.lower() == ".sql":
                making.definitions.register_sql(file.read_text(encoding="utf-8"), Path(source["path"]))
            else:
                sys.path.insert(0, str(file.parent))
                runner.run(file, source["path"], configuration)


def run(spec: dict[str, Any]) -> Result:
    """Run the update that the specification describes, and return what came of it."""
    result = Result()
    spark = None
    try:
        spark = connect()
        update(spec, spark, result.tables)
    except OutsideError as error:
        result.error = result.error_trace = str(error)
    except BaseException as error:
        result.error, result.error_trace = failure.summary(error), failure.trace(error)
        if spark and isinstance(error, _Stopped | KeyboardInterrupt):
            spark.interruptAll()
    return result


def main() -> int:
    """Run the update of the specification that the command line names."""
    signal.signal(signal.SIGTERM, _stop)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", line_buffering=True)  # type: ignore[union-attr]
    spec = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    result = run(spec)
    write_private(Path(spec["result"]), json.dumps(asdict(result), ensure_ascii=False))
    if result.error_trace:
        print(result.error_trace, file=sys.stderr)
    return 1 if result.error else 0


if __name__ == "__main__":
    sys.exit(main())
