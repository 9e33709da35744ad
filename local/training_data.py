"""Puts taxi trips into the workspace's training catalog."""

import hashlib
import json
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from local.home import Status
from local.spark.client import connect
from mesh.datasets import taxi_sample, taxi_trips
from mesh.errors import OutsideError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

CATALOG, SCHEMA, NAME = "training", "taxinyc_trips", "yellow_taxi_trips_curated_sample"
TABLE = f"{CATALOG}.{SCHEMA}.{NAME}"
PROPERTY = "mesh.source.sha256"


def load(status: Status, file: Path | None, say: Callable[[str], None]) -> None:
    """Make the table, unless it is there with the same content.

    Args:
        status: the local workspace.
        file: the trips; None for the made-up sample.
        say: takes a line that tells what is done, then one that tells what came of it.

    Raises:
        OutsideError: the workspace or Spark fails, or the file is not one that is understood.
    """
    started = time.monotonic()
    named = f"{file}" if file else "a made-up sample"
    say(f"loading {named}")
    _make_schema(status)
    with tempfile.TemporaryDirectory() as scratch:
        source = file
        if source is None:
            source = Path(scratch) / "sample.csv"
            taxi_sample.write(source)
        rows, loaded = _replace(status, source.resolve())
    if loaded:
        say(f"{TABLE}: {rows:,} trips from {named} ({time.monotonic() - started:.1f} s)")
    else:
        say(f"{TABLE}: is there already, with the {rows:,} trips of {named}")


def _make_schema(status: Status) -> None:
    _make(status, "catalogs", name=CATALOG, comment="Data that courses and demos start from")
    _make(status, "schemas", name=SCHEMA, catalog_name=CATALOG, comment="Trips of New York's taxis")


def _make(status: Status, kind: str, **what: str) -> None:
    """Make a catalog or schema, unless it is there."""
    request = urllib.request.Request(  # noqa: S310 - the local workspace's own address
        f"{status.url}/api/2.1/unity-catalog/{kind}",
        data=json.dumps(what).encode(),
        headers={"Authorization": f"Bearer {status.token}", "Content-Type": "application/json"},
    )
    try:
        urllib.request.urlopen(request, timeout=60).close()  # noqa: S310
    except urllib.error.HTTPError as refused:
        if refused.code != HTTPStatus.CONFLICT:
            answer = refused.read().decode(errors="replace")
            raise OutsideError(f"the workspace does not make {what['name']} in {kind}: {answer}") from refused
    except OSError as error:
        raise OutsideError(f"the workspace at {status.url} does not answer: {error}") from error


def _replace(status: Status, source: Path) -> tuple[int, bool]:
    """Return the table's rows, and whether it had to be written."""
    from pyspark.errors import PySparkException

    if status.spark_remote is None:
        raise OutsideError("Spark is not up: start it with `mesh local up`")
    with source.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    try:
        spark = connect(status.spark_remote)
        try:
            return _replace_in(spark, source, digest)
        finally:
            spark.stop()
    except PySparkException as error:
        raise OutsideError(f"Spark does not load {source}: {error}") from error


def _replace_in(spark: "SparkSession", source: Path, digest: str) -> tuple[int, bool]:
    fresh = not spark.catalog.tableExists(TABLE) or not _untouched_since(spark, digest)
    if fresh:
        taxi_trips.read(spark, source).write.mode("overwrite").option("overwriteSchema", True).saveAsTable(
            TABLE
        )
        spark.sql(f"ALTER TABLE {TABLE} SET TBLPROPERTIES ('{PROPERTY}' = '{digest}')")
    return spark.table(TABLE).count(), fresh


def _untouched_since(spark: "SparkSession", digest: str) -> bool:
    """Whether the last thing done to the table was to note this source, after a whole load of it."""
    last = spark.sql(f"DESCRIBE HISTORY {TABLE} LIMIT 1").first()
    properties = json.loads(last["operationParameters"].get("properties", "{}")) if last else {}
    return bool(properties.get(PROPERTY) == digest)
