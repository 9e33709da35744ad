"""Sessions on the Spark Connect server."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from mesh.errors import OutsideError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ANSWER_SECONDS = 5.0
TASK = "MESH_TASK"
"""The variable with the job and task of this process, which tag its queries in Spark's event log."""
# A server on the same machine that has ended does not come back; the default policy retries for 10 minutes.
RETRIES, LONGEST_PAUSE_MS = 6, 2000

# References to all sessions. Garbage collection of a session joins the client's threads, which is a deadlock
# if one of these threads runs the collection.
_SESSIONS: list[Any] = []


def connect(remote: str, disk: Callable[[str], str] | None = None) -> "SparkSession":
    """Create a session, make it the active session, and return it.

    Args:
        remote: `sc://…`, the server's `SparkServer.remote`.
        disk: returns the path on disk of a path of a volume; None to send paths as they are.

    Raises:
        OutsideError: the server does not answer.
    """
    port = urlsplit(remote).port or 0
    if not is_listening(port, ANSWER_SECONDS):
        raise OutsideError(f"Spark does not answer on port {port} (check `mesh local status`)")
    from pyspark.sql.connect.client.core import DefaultChannelBuilder
    from pyspark.sql.connect.client.retries import DefaultPolicy
    from pyspark.sql.connect.session import SparkSession

    from local.spark.plan_paths import PlanPaths

    builder: Any = DefaultChannelBuilder(remote)
    if disk:
        builder.add_interceptor(PlanPaths(disk))
    # functions such as `sum` ask this variable, which pyspark's own builder sets, too
    os.environ["SPARK_CONNECT_MODE_ENABLED"] = "1"
    # Any: pyspark's annotations are those of a session without Spark Connect.
    spark: Any = SparkSession.builder.channelBuilder(builder).create()
    spark.client.set_retry_policies([DefaultPolicy(max_retries=RETRIES, max_backoff=LONGEST_PAUSE_MS)])
    if task := os.environ.get(TASK):
        spark.addTag(quote(task, safe="/"))
    _SESSIONS.append(spark)
    session: SparkSession = spark
    return session


def is_listening(port: int, seconds: float) -> bool:
    """Return whether a gRPC server answers on a port of this machine within the given seconds."""
    import grpc

    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        try:
            grpc.channel_ready_future(channel).result(timeout=seconds)
        except grpc.FutureTimeoutError:
            return False
        return True
