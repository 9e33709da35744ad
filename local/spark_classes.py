"""The archive of Spark's classes, which Java maps at each start instead of reading and checking them again.

`python -m local.spark_classes [ROOT]` starts a workspace for a moment, runs statements as flows do, and keeps
the classes that were loaded (Java's dynamic class data sharing, JEP 350). Java ignores an archive of another
Java or of other jars.
"""

import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from local import supervisor
from local.client import Client
from local.home import Home
from local.spark import server
from local.spark.client import connect
from local.spark.server import ARCHIVE, SparkServer
from mesh.console import diagnostic
from mesh.errors import OutsideError

END_SECONDS = 300
# `make install` sends them when it is interrupted; the processes of the workspace would outlive this one
_SIGNALS = (signal.SIGINT, signal.SIGTERM)
STATEMENTS = (
    "create table acme.s.t as select id, id % 3 as k, cast(id as decimal(9, 2)) as d from range(9)",
    "insert into acme.s.t values (9, 0, 1.5)",
    "select k, sum(d) as sum, max(date'2024-01-01') from acme.s.t group by k order by 2",
    "select a.id, row_number() over (partition by a.k order by a.id) as n"
    " from acme.s.t a join acme.s.t b on a.id = b.k",
    "create or replace table acme.s.u using delta as select * from acme.s.t where d > 1",
    "merge into acme.s.t using acme.s.u u on t.id = u.id"
    " when matched then update set d = 0 when not matched then insert *",
    "describe table extended acme.s.t",
    "create or replace temporary view v as select explode(array(1, 2)) as i, current_timestamp() as now",
    "select upper('a'), v.* from v",
    "drop table acme.s.t",
)


def make(jars: Path, run: Callable[[Path], None]) -> str:
    """Make the archive beside the jars, and return what came of it.

    Args:
        jars: the folder of the jars.
        run: runs a Spark that writes its archive to the given path when it ends.

    Raises:
        OutsideError: the workspace or Spark did not start.
    """
    made = jars / f"{ARCHIVE}.new"
    made.unlink(missing_ok=True)
    run(made)
    if not made.exists():
        (jars / ARCHIVE).unlink(missing_ok=True)  # of other jars or another Java
        return "none: this Java keeps no classes"
    made.replace(jars / ARCHIVE)
    return "kept in .mesh/jars"


def run_once(made: Path) -> None:
    """Run a workspace until its Spark has ended, which writes the archive."""
    with tempfile.TemporaryDirectory(prefix="classes-") as folder:
        _run(Home(Path(folder)), made)


def _run(home: Home, made: Path) -> None:
    started: list[SparkServer] = []

    def start(home: Home, url: str, token: str) -> SparkServer:
        started.append(server.start(home, url, token, f"-XX:ArchiveClassesAtExit={made}"))
        return started[0]

    try:
        supervisor.up(home, lambda line: None, start)
        with Client(home) as client:
            client.post("/api/2.1/unity-catalog/catalogs", {"name": "acme"})
            client.post("/api/2.1/unity-catalog/schemas", {"name": "s", "catalog_name": "acme"})
        spark = connect(started[0].remote)
        for statement in STATEMENTS:
            spark.sql(statement).toPandas()
        spark.stop()
        started[0].process.terminate()
        try:
            started[0].process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            started[0].process.kill()
        if started[0].process.wait() == -signal.SIGKILL:  # in the middle of writing
            made.unlink(missing_ok=True)
    finally:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        supervisor.down(home, lambda line: None)


def main() -> int:
    """Make the archive in the given or the current folder; exit code 3 on an OutsideError."""
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    try:
        print(make(Home(root).jars, run_once))  # noqa: T201 - the installer's log
    except OutsideError as error:
        diagnostic(str(error))
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
