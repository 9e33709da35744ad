"""Starts a local workspace without Spark, which a deployment does not need: `python -m … ROOT`."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from local import supervisor
from local.home import Home


@dataclass(frozen=True)
class Sleeper:
    """A fake for the process of Spark."""

    pid: int
    remote: str = "sc://nowhere"


def _sleep(home: Home, url: str, token: str) -> Sleeper:
    process = subprocess.Popen(
        [sys.executable, "-c", "import signal; signal.pause()"], start_new_session=True
    )
    return Sleeper(process.pid)


if __name__ == "__main__":
    supervisor.up(Home(Path(sys.argv[1])), report=print, start_spark=_sleep)
