"""The processes of the local workspace: started together, told apart from strangers, stopped for good."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2
import psutil
import pytest

from local import processes, supervisor
from local.home import Home, Status, read_status
from mesh.errors import OutsideError

DEADLINE_SECONDS = 60
ME = "/api/2.0/preview/scim/v2/Me"
CATALOGS = "/api/2.1/unity-catalog/catalogs"


@dataclass(frozen=True)
class FakeSpark:
    """A process that does nothing, in Spark's place."""

    pid: int
    remote: str = "sc://127.0.0.1:1"


def sleeping(home: Home, url: str, token: str) -> FakeSpark:
    """Start what stands in for Spark."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    # Somebody must fetch the exit code, or the ended child stays as a zombie of the tests.
    threading.Thread(target=child.wait, daemon=True).start()
    return FakeSpark(child.pid)


def failing(home: Home, url: str, token: str) -> FakeSpark:
    """Start a process and then fail, as a Spark that never answers."""
    sleeping(home, url, token)
    raise OutsideError("Spark did not answer")


def up(home: Home, start: supervisor.StartSpark = sleeping) -> tuple[Status, bool]:
    """Start, telling nobody."""
    return supervisor.up(home, lambda line: None, start)


def up_as(home: Home, user: str) -> tuple[Status, list[str]]:
    """Start for a user, in a process of its own as a person would; the status and what was said."""
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from local.home import Home\n"
        "from tests.local.test_supervisor import sleeping, supervisor\n"
        "supervisor.up(Home(Path(sys.argv[1])), print, sleeping)\n"
    )
    command = [sys.executable, "-c", script, str(home.root)]
    said = home.path / "said"
    # Not a pipe: what is started holds it open for as long as it lives.
    with said.open("w") as stream:
        subprocess.run(command, env={**os.environ, "MESH_USER": user}, stdout=stream, check=True)
    status = read_status(home)
    assert status is not None
    return status, said.read_text().splitlines()


def down(home: Home) -> int:
    """Stop, telling nobody."""
    return supervisor.down(home, lambda line: None)


def within_deadline(holds: Callable[[], bool]) -> bool:
    """Whether something comes to hold in time."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        if holds():
            return True
    return False


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """An empty home, of which nothing runs afterwards."""
    it = Home(tmp_path)
    it.make()
    yield it
    down(it)


def call(status: Status, method: str, path: str, body: dict | None = None) -> httpx2.Response:
    """Call the workspace."""
    headers = {"Authorization": f"Bearer {status.token}"}
    return httpx2.request(method, status.url + path, headers=headers, json=body, trust_env=False)


def test_up_and_down_can_be_called_twice_and_leave_nothing(home):
    status, started = up(home)
    again, started_again = up(home)

    assert (started, started_again) == (True, False)
    assert again == status
    assert [each.state for each in supervisor.components(home)] == ["up", "up"]
    assert call(status, "GET", CATALOGS).json() == {"catalogs": []}
    assert home.status.stat().st_mode & 0o777 == 0o600

    assert down(home) == 2
    assert down(home) == 0
    assert processes.marked(home) == []
    assert not home.status.exists()
    assert not home.reattach.exists()
    assert [each.state for each in supervisor.components(home)] == ["down", "down"]


def test_up_again_for_another_user_changes_whom_callers_are_taken_for_without_a_restart(home):
    status, _ = up_as(home, "ola@acme.example")
    assert call(status, "GET", ME).json()["userName"] == "ola@acme.example"
    assert call(status, "POST", CATALOGS, {"name": "olas"}).json()["owner"] == "ola@acme.example"

    again, said = up_as(home, "kari@acme.example")
    assert again == status
    assert said == [
        "the workspace takes its callers for kari@acme.example from now on, no longer for ola@acme.example"
    ]
    assert call(status, "GET", ME).json()["userName"] == "kari@acme.example"
    made = call(status, "POST", CATALOGS, {"name": "karis"}).json()
    assert (made["owner"], made["created_by"]) == ("kari@acme.example", "kari@acme.example")
    assert call(status, "GET", f"{CATALOGS}/olas").json()["owner"] == "ola@acme.example"


def test_a_workspace_that_is_up_and_does_not_answer_is_named_and_left_alone(home):
    child = sleeping(home, "", "")
    started = processes.started(child.pid)
    Status("http://127.0.0.1:1", "t", child.pid, started, "sc://127.0.0.1:1", child.pid, started).write(home)

    with pytest.raises(OutsideError, match=r"the workspace at http://127\.0\.0\.1:1 does not answer"):
        up(home)
    assert processes.process(child.pid, started) is not None


def test_what_was_answered_survives_kill_9_and_up_starts_only_what_died(home):
    status, _ = up(home)
    assert call(status, "POST", CATALOGS, {"name": "kept"}).status_code == 200
    os.kill(status.workspace_pid, signal.SIGKILL)
    assert within_deadline(lambda: supervisor.components(home)[0].state == "dead")

    after, started = up(home)
    assert started
    assert [each["name"] for each in call(after, "GET", CATALOGS).json()["catalogs"]] == ["kept"]
    assert not psutil.pid_exists(status.spark_pid) or processes.process(status.spark_pid, 0) is None

    os.kill(after.spark_pid, signal.SIGKILL)
    assert within_deadline(lambda: supervisor.components(home)[1].state == "dead")
    again, _ = up(home)
    assert again.workspace_pid == after.workspace_pid
    assert again.spark_pid != after.spark_pid


def test_a_start_that_fails_half_way_leaves_nothing(home):
    with pytest.raises(OutsideError, match="Spark did not answer"):
        up(home, failing)

    assert processes.marked(home) == []
    assert not home.status.exists()


def test_a_workspace_that_cannot_start_says_why(home):
    (home.workspace / "state.json").write_text("{")

    with pytest.raises(OutsideError, match="move it away to start with an empty workspace"):
        up(home)
    assert processes.marked(home) == []


def test_a_number_that_another_process_has_now_is_not_taken_for_ours(home):
    me = os.getpid()
    status = Status("http://127.0.0.1:1", "t", me, 1.0, "sc://127.0.0.1:1", me, 1.0)
    status.write(home)

    assert [each.state for each in supervisor.components(home)] == ["dead", "dead"]
    assert down(home) == 0
    assert processes.process(me, processes.started(me)) is not None


def test_two_ups_at_once_start_one_workspace(home):
    found: list[Status] = []
    threads = [threading.Thread(target=lambda: found.append(up(home)[0])) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found[0] == found[1]
    assert len(processes.marked(home)) == 2


def test_sigterm_during_a_start_stops_what_was_started(home, tmp_path):
    script = (
        "import time\n"
        "from pathlib import Path\n"
        "from local import supervisor\n"
        "from local.home import Home\n"
        f"home = Home(Path({str(tmp_path)!r}))\n"
        "def slow(*_):\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(600)\n"
        "supervisor.up(home, lambda line: None, slow)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        pid = read_status(home).workspace_pid
        child.terminate()
        child.wait(DEADLINE_SECONDS)

    assert not psutil.pid_exists(pid)
    assert not home.status.exists()


def test_a_status_file_that_is_none_is_as_good_as_no_file(home):
    home.status.write_text("{")
    assert read_status(home) is None
    home.status.write_text('{"url": 1}')
    assert read_status(home) is None


def test_a_status_comes_back_as_it_was_written(home):
    status = Status("http://127.0.0.1:1", "t", 1, 2.0)
    replace(status, spark_pid=3).write(home)

    assert read_status(home) == replace(status, spark_pid=3)
