"""`mesh local data load`: loads taxi trips into the catalog `training`."""

import hashlib
import json
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
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
# The table property with the SHA-256 of the loaded file.
HASH_PROPERTY = "mesh.source.sha256"


def load_trips(status: Status, file: Path | None, report: Callable[[str], None]) -> None:
    """Load the trips into the table, unless the table has the same content.

    Args:
        status: the local workspace.
        file: the trips; None for the generated sample.
        report: receives a line before the load and a line with its result.

    Raises:
        OutsideError: the workspace or Spark fails, or the file has an unknown format.
    """
    started = time.monotonic()
    source_name = f"{file}" if file else "a generated sample"
    report(f"loading {source_name}")
    _create_schema(status)
    with tempfile.TemporaryDirectory() as scratch:
        source = file
        if source is None:
            source = Path(scratch) / "sample.csv"
            taxi_sample.write_sample(source)
        rows, loaded = _replace(status, source.resolve())
    if loaded:
        report(f"{TABLE}: {rows:,} trips from {source_name} ({time.monotonic() - started:.1f} s)")
    else:
        report(f"{TABLE}: already has the {rows:,} trips from {source_name}")


def _create_schema(status: Status) -> None:
    _create(status, "catalogs", name=CATALOG, comment="Data that courses and demos start from")
    _create(status, "schemas", name=SCHEMA, catalog_name=CATALOG, comment="Trips of New York's taxis")


def _create(status: Status, collection: str, **fields: str) -> None:
    """Create a catalog or a schema, unless it exists."""
    request = urllib.request.Request(  # noqa: S310 - the local workspace's own address
        f"{status.url}/api/2.1/unity-catalog/{collection}",
        data=json.dumps(fields).encode(),
        headers={"Authorization": f"Bearer {status.token}", "Content-Type": "application/json"},
    )
    try:
        urllib.request.urlopen(request, timeout=60).close()  # noqa: S310
    except urllib.error.HTTPError as error:
        answer = error.read().decode(errors="replace")
        if "_ALREADY_EXISTS" not in answer:
            raise OutsideError(
                f"the workspace cannot create `{fields['name']}` in {collection}: {answer}"
            ) from error
    except OSError as error:
        raise OutsideError(f"the workspace at {status.url} does not answer: {error}") from error


def _replace(status: Status, source: Path) -> tuple[int, bool]:
    """Return the table's number of rows, and whether the table was written."""
    from pyspark.errors import PySparkException

    if status.spark_remote is None:
        raise OutsideError("Spark is not running: start it with `mesh local up`")
    with source.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    try:
        spark = connect(status.spark_remote)
        try:
            return _replace_in(spark, source, digest)
        finally:
            spark.stop()
    except PySparkException as error:
        raise OutsideError(f"Spark cannot load {source}: {error}") from error


def _replace_in(spark: "SparkSession", source: Path, digest: str) -> tuple[int, bool]:
    write = not spark.catalog.tableExists(TABLE) or not _is_unchanged(spark, digest)
    if write:
        taxi_trips.read_trips(spark, source).write.mode("overwrite").option(
            "overwriteSchema", True
        ).saveAsTable(TABLE)
        spark.sql(f"ALTER TABLE {TABLE} SET TBLPROPERTIES ('{HASH_PROPERTY}' = '{digest}')")
    return spark.table(TABLE).count(), write


def _is_unchanged(spark: "SparkSession", digest: str) -> bool:
    """Return whether the table's last commit set the hash to `digest`: each load ends with this commit."""
    last_commit = spark.sql(f"DESCRIBE HISTORY {TABLE} LIMIT 1").first()
    properties = json.loads(last_commit["operationParameters"].get("properties", "{}")) if last_commit else {}
    return bool(properties.get(HASH_PROPERTY) == digest)
