"""Finding and stopping the processes of a home."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import psutil
import pytest

from local import processes
from local.home import Home


@pytest.fixture
def child(tmp_path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process of a home that sleeps."""
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    with subprocess.Popen(command, env=processes.environment(Home(tmp_path))) as child:
        yield child
        child.kill()


def test_a_process_is_identified_by_id_and_start_time():
    pid = os.getpid()

    assert processes.living_process(pid, processes.start_time(pid)) == psutil.Process()
    assert processes.living_process(pid, 1.0) is None
    assert processes.living_process(None, None) is None


def test_the_processes_of_a_home_are_found_and_stopped(tmp_path, child):
    # A thread reads the exit code; otherwise the ended child stays a zombie.
    threading.Thread(target=child.wait, daemon=True).start()
    running = processes.processes_of(Home(tmp_path))
    assert [each.pid for each in running] == [child.pid]
    assert processes.processes_of(Home(tmp_path / "other")) == []

    processes.stop(running)
    assert processes.processes_of(Home(tmp_path)) == []


def test_a_new_process_may_listen_at_a_free_port() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", processes.free_port()))
        server.listen()
        assert server.getsockname()[0] == "127.0.0.1"
