"""Sessions on the Spark Connect server."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mesh.errors import OutsideError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

ANSWER_SECONDS = 5.0
# A server on the same machine that is gone does not come back: the client's own policy waits 10 minutes.
RETRIES, LONGEST_PAUSE_MS = 6, 2000

# A session that is collected waits for the client's threads, and for ever if one of them collects it.
_SESSIONS: list[Any] = []


def connect(remote: str) -> "SparkSession":
    """Return a new session, which is the active one from then on.

    Args:
        remote: `sc://…`, as the server's start returned it.

    Raises:
        OutsideError: no server answers there.
    """
    port = urlsplit(remote).port or 0
    if not answers(port, ANSWER_SECONDS):
        raise OutsideError(f"Spark does not answer on port {port}: `mesh local status` tells whether it runs")
    from pyspark.sql import SparkSession
    from pyspark.sql.connect.client.retries import DefaultPolicy

    # Any: pyspark's types are those of a session without a server.
    spark: Any = SparkSession.builder.remote(remote).create()
    spark.client.set_retry_policies([DefaultPolicy(max_retries=RETRIES, max_backoff=LONGEST_PAUSE_MS)])
    _SESSIONS.append(spark)
    session: SparkSession = spark
    return session


def answers(port: int, seconds: float) -> bool:
    """Whether a gRPC server talks on a port of this machine, or begins to within the time."""
    import grpc

    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        try:
            grpc.channel_ready_future(channel).result(timeout=seconds)
        except grpc.FutureTimeoutError:
            return False
        return True
