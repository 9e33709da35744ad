"""`python -m local.pipeline SPEC.json`: one update of a pipeline.

SPEC.json: `catalog`, `schema`, `configuration`, `sources` (`{"file", "path"}` each, `path` in the workspace),
`import_paths`, `storage` (a folder that outlives the update), `full_refresh` (true for all, or names),
`refresh` (names), `workspace_files`, `events` (a file that gets a line of JSON for each event), `result`
(where to write what came of it). Exit code 0 or 1.
"""

import json
import re
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from pyspark.errors import PySparkException
from pyspark.pipelines.graph_element_registry import graph_element_registration_context
from pyspark.pipelines.spark_connect_graph_element_registry import SparkConnectGraphElementRegistry
from pyspark.pipelines.spark_connect_pipeline import create_dataflow_graph, start_run

from local.home import write_private
from local.notebook import failure
from local.notebook.runner import Runner
from local.notebook.session import connect
from local.pipeline import databricks
from local.pipeline.definitions import Dataset, Definitions
from local.pipeline.expectations import failures
from mesh.errors import OutsideError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# How Spark words that a dataset was made: the only place where it names those that SQL defines.
_MADE = re.compile(r"Flow (\S+) has COMPLETED\.")
_FAILED = re.compile(r"Failed to resolve|\bFAILED\b")
_CAUSE = re.compile(r"^Error: (.+)$", re.MULTILINE)


@dataclass
class Result:
    """What came of an update.

    Args:
        error: one line that says what went wrong; None if nothing did.
        error_trace: where.
        tables: the datasets that were made: `name`, `rows`, `kind`, `expectations` (→ rows that failed).
    """

    error: str | None = None
    error_trace: str | None = None
    tables: list[dict[str, Any]] = field(default_factory=list)


class UpdateFailedError(Exception):
    """Spark could not make a dataset.

    Args:
        cause: what it says of the first one, in a line.
        messages: all that it says of those that failed.
    """

    def __init__(self, cause: str, messages: str) -> None:
        super().__init__(cause)
        self.messages = messages


class _Stopped(BaseException):
    """The workspace stops the update."""


def _stop(signum: int, frame: FrameType | None) -> None:
    raise _Stopped(f"stopped by signal {signum}")


class Update:
    """One update.

    Args:
        spec: what to do.
        spark: the session.
    """

    def __init__(self, spec: dict[str, Any], spark: "SparkSession") -> None:
        self._spec = spec
        self._spark = spark
        self._made: dict[str, None] = {}

    def run(self) -> list[dict[str, Any]]:
        """Run it, and return the datasets that were made.

        Raises:
            Exception: the source is wrong, or Spark cannot make a dataset.
        """
        configuration = {name: str(value) for name, value in self._spec["configuration"].items()}
        # Databricks finds out the columns of files that arrive; Spark does so only when it is told to.
        for name, value in {"spark.sql.streaming.schemaInference": "true", **configuration}.items():
            self._spark.conf.set(name, value)
        catalog, schema = self._spec["catalog"], self._spec["schema"]
        # A session knows a catalog of the workspace once a statement has named it.
        self._spark.sql(f"USE `{catalog}`.`{schema}`")
        graph = create_dataflow_graph(self._spark, catalog, schema, configuration)
        definitions = self._read(configuration)
        self._tell(f"{len(self._spec['sources'])} source files define the pipeline.")
        registry = SparkConnectGraphElementRegistry(self._spark, graph)
        datasets = definitions.give(registry, self._spark, graph)
        self._follow(graph)
        return list(self._tables(datasets))

    def _follow(self, graph: str) -> None:
        failed: list[str] = []
        try:
            for message in self._messages(graph):
                bad, made = _FAILED.search(message), _MADE.match(message)
                self._tell(message, "ERROR" if bad else "INFO")
                failed += [message] if bad else []
                if made:
                    self._made[made[1].replace("`", "")] = None
        except PySparkException as error:
            causes = [found[1] for message in failed if (found := _CAUSE.search(message))]
            # What only follows from another failure says less than that one.
            causes.sort(key=lambda cause: "could not be resolved" in cause)
            raise UpdateFailedError((causes or [failure.summary(error)])[0], "\n".join(failed)) from None

    def _read(self, configuration: dict[str, str]) -> Definitions:
        definitions = Definitions()
        databricks.install(self._spark, definitions)
        runner = Runner(self._spark, Path(self._spec["workspace_files"]))
        sys.path[:0] = self._spec["import_paths"]
        with graph_element_registration_context(definitions):
            for source in self._spec["sources"]:
                file = Path(source["file"])
                if file.suffix.lower() == ".sql":
                    definitions.register_sql(file.read_text(encoding="utf-8"), Path(source["path"]))
                else:
                    sys.path.insert(0, str(file.parent))
                    runner.run(file, source["path"], configuration)
        return definitions

    def _messages(self, graph: str) -> Iterator[str]:
        full = self._spec["full_refresh"]
        events = start_run(
            self._spark,
            graph,
            full_refresh=full if isinstance(full, list) else None,
            full_refresh_all=full is True,
            refresh=self._spec["refresh"] or None,
            dry=False,
            storage=Path(self._spec["storage"]).as_uri(),
        )
        for event in events:
            if "pipeline_event_result" in event:
                yield str(event["pipeline_event_result"].event.message)

    def _tables(self, datasets: list[Dataset]) -> Iterator[dict[str, Any]]:
        defined = {self._full_name(each.name): each for each in datasets if each.kind != "view"}
        for name in {**defined, **self._made}:
            quoted = ".".join(f"`{part}`" for part in name.split("."))
            if not self._spark.catalog.tableExists(quoted):
                continue
            frame, dataset = self._spark.table(quoted), defined.get(name)
            failed = failures(frame, dataset.expectations) if dataset else {}
            for expectation, rows in failed.items():
                if rows:
                    self._tell(f"{rows} rows of {name} fail expectation {expectation}.", "WARN")
            kind = dataset.kind if dataset else "table"
            yield {"name": name, "rows": frame.count(), "kind": kind, "expectations": failed}

    def _full_name(self, name: str) -> str:
        context = [self._spec["catalog"], self._spec["schema"]]
        parts = name.replace("`", "").split(".")
        return ".".join([*context[: 3 - len(parts)], *parts])

    def _tell(self, message: str, level: str = "INFO") -> None:
        print(message)
        event = {"time": int(time.time() * 1000), "level": level, "message": message}
        with Path(self._spec["events"]).open("a", encoding="utf-8") as events:
            events.write(json.dumps(event) + "\n")


def run(spec: dict[str, Any]) -> Result:
    """Run the update that the specification describes, and return what came of it."""
    result = Result()
    spark = None
    try:
        spark = connect()
        result.tables = Update(spec, spark).run()
    except OutsideError as error:
        result.error = result.error_trace = str(error)
    except UpdateFailedError as error:
        result.error, result.error_trace = str(error), error.messages
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
