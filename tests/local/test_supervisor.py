"""Starting and stopping the processes of the local workspace."""

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
from local.components import components
from local.home import Home, Status, read_status
from mesh.errors import OutsideError
from tests.support import forked_workspace

DEADLINE_SECONDS = 60
ME = "/api/2.0/preview/scim/v2/Me"
CATALOGS = "/api/2.1/unity-catalog/catalogs"


@dataclass(frozen=True)
class FakeSpark:
    """A process that does nothing, instead of Spark."""

    pid: int
    remote: str = "sc://127.0.0.1:1"


def sleeping(home: Home, url: str, token: str) -> FakeSpark:
    """Start a process instead of Spark."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
    # A thread reads the exit code; otherwise the ended child stays a zombie.
    threading.Thread(target=child.wait, daemon=True).start()
    return FakeSpark(child.pid)


def failing(home: Home, url: str, token: str) -> FakeSpark:
    """Start a process and fail, like a Spark that never answers."""
    sleeping(home, url, token)
    raise OutsideError("Spark did not answer")


def up(home: Home, start: supervisor.StartSpark = sleeping) -> tuple[Status, bool]:
    """Start without a report."""
    return supervisor.up(home, lambda line: None, start)


def up_forked(home: Home) -> Status:
    """Start a workspace that need not import, for tests of what it answers."""
    return supervisor.up(home, lambda line: None, sleeping, forked_workspace.start)[0]


def up_as(home: Home, user: str) -> tuple[Status, list[str]]:
    """Start for a user, in a separate process; return the status and the reported lines."""
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from local.home import Home\n"
        "from tests.local.test_supervisor import sleeping, supervisor\n"
        "supervisor.up(Home(Path(sys.argv[1])), print, sleeping)\n"
    )
    command = [sys.executable, "-c", script, str(home.root)]
    output = home.path / "output"
    # Not a pipe: the started processes would keep it open.
    with output.open("w") as stream:
        subprocess.run(command, env={**os.environ, "MESH_USER": user}, stdout=stream, check=True)
    status = read_status(home)
    assert status is not None
    return status, output.read_text().splitlines()


def down(home: Home) -> int:
    """Stop without a report."""
    return supervisor.down(home, lambda line: None)


def within_deadline(condition: Callable[[], bool]) -> bool:
    """True if a condition holds within the deadline."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return False


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """An empty home; its processes are stopped afterwards."""
    home = Home(tmp_path)
    home.create_folders()
    yield home
    down(home)


def call(status: Status, method: str, path: str, body: dict | None = None) -> httpx2.Response:
    """Send a request to the workspace."""
    headers = {"Authorization": f"Bearer {status.token}"}
    return httpx2.request(method, status.url + path, headers=headers, json=body, trust_env=False)


def test_up_and_down_can_be_called_twice_and_leave_no_process(home):
    status, started = up(home)
    again, started_again = up(home)

    assert (started, started_again) == (True, False)
    assert again == status
    assert [each.state for each in components(home)] == ["up", "up", "down"]
    assert call(status, "GET", CATALOGS).json() == {"catalogs": []}
    assert home.status.stat().st_mode & 0o777 == 0o600

    assert down(home) == 2
    assert down(home) == 0
    assert processes.processes_of(home) == []
    assert not home.status.exists()
    assert not home.reattach.exists()
    assert [each.state for each in components(home)] == ["down", "down", "down"]


def test_up_for_another_user_changes_the_current_user_without_a_restart(home):
    status, _ = up_as(home, "ola@acme.example")
    assert call(status, "GET", ME).json()["userName"] == "ola@acme.example"
    assert call(status, "POST", CATALOGS, {"name": "olas"}).json()["owner"] == "ola@acme.example"

    again, reported = up_as(home, "kari@acme.example")
    assert again == status
    assert reported == ["the user of the workspace is now kari@acme.example (was ola@acme.example)"]
    assert call(status, "GET", ME).json()["userName"] == "kari@acme.example"
    created = call(status, "POST", CATALOGS, {"name": "karis"}).json()
    assert (created["owner"], created["created_by"]) == ("kari@acme.example", "kari@acme.example")
    assert call(status, "GET", f"{CATALOGS}/olas").json()["owner"] == "ola@acme.example"


def test_a_running_workspace_that_does_not_answer_is_an_error_and_is_not_stopped(home):
    child = sleeping(home, "", "")
    started = processes.start_time(child.pid)
    Status("http://127.0.0.1:1", "t", child.pid, started, "sc://127.0.0.1:1", child.pid, started).write(home)

    with pytest.raises(OutsideError, match=r"the workspace at http://127\.0\.0\.1:1 does not answer"):
        up(home)
    assert processes.living_process(child.pid, started) is not None


def test_the_state_survives_kill_9_and_up_restarts_only_the_dead_process(home):
    status = up_forked(home)
    assert call(status, "POST", CATALOGS, {"name": "kept"}).status_code == 200
    os.kill(status.workspace_pid, signal.SIGKILL)
    assert within_deadline(lambda: components(home)[0].state == "dead")

    after, started = up(home)
    assert started
    assert [each["name"] for each in call(after, "GET", CATALOGS).json()["catalogs"]] == ["kept"]
    assert not psutil.pid_exists(status.spark_pid) or processes.living_process(status.spark_pid, 0) is None

    os.kill(after.spark_pid, signal.SIGKILL)
    assert within_deadline(lambda: components(home)[1].state == "dead")
    again, _ = up(home)
    assert again.workspace_pid == after.workspace_pid
    assert again.spark_pid != after.spark_pid


def test_a_failed_start_leaves_no_process(home):
    with pytest.raises(OutsideError, match="Spark did not answer"):
        up(home, failing)

    assert processes.processes_of(home) == []
    assert not home.status.exists()


def test_a_workspace_that_cannot_start_is_an_error_with_its_log(home):
    (home.workspace / "state.json").write_text("{")

    with pytest.raises(OutsideError, match="move the file away to start with an empty workspace"):
        up(home)
    assert processes.processes_of(home) == []


def test_a_process_that_reuses_the_id_is_not_stopped(home):
    me = os.getpid()
    status = Status("http://127.0.0.1:1", "t", me, 1.0, "sc://127.0.0.1:1", me, 1.0)
    status.write(home)

    assert [each.state for each in components(home)] == ["dead", "dead", "down"]
    assert down(home) == 0
    assert processes.living_process(me, processes.start_time(me)) is not None


def test_a_damaged_status_file_is_told_and_down_still_stops_every_process(home):
    up(home)
    home.status.write_text('{"workspace_pid": -1}')

    with pytest.raises(OutsideError, match="the status file is damaged"):
        components(home)
    reported: list[str] = []
    assert supervisor.down(home, reported.append) == 2
    assert reported == ["the status file is damaged: all processes of the local workspace are stopped"]
    assert processes.processes_of(home) == []


def test_with_a_damaged_status_file_up_starts_anew(home):
    before, _ = up(home)
    home.status.write_text("abc")

    after, started = up(home)
    assert started
    assert not psutil.pid_exists(before.workspace_pid)
    assert call(after, "GET", ME).status_code == 200


def test_a_workspace_with_an_emptied_token_file_answers_only_with_a_new_token(home):
    (home.path / "token").write_text("")

    status = up_forked(home)
    assert status.token
    assert call(status, "GET", ME).status_code == 200
    assert call(replace(status, token="x"), "GET", ME).status_code == 401
    assert httpx2.get(status.url + ME, trust_env=False).status_code == 401


def test_after_a_reset_the_workspace_is_empty(home):
    status = up_forked(home)
    call(status, "POST", CATALOGS, {"name": "gone"})

    assert supervisor.reset(home, lambda line: None)
    assert processes.living_process(status.workspace_pid, status.workspace_started) is None
    after = up_forked(home)
    assert call(after, "GET", CATALOGS).json()["catalogs"] == []
    assert after.token != status.token


def test_two_ups_at_once_start_one_workspace(home):
    statuses: list[Status] = []
    threads = [threading.Thread(target=lambda: statuses.append(up(home)[0])) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses[0] == statuses[1]
    assert len(processes.processes_of(home)) == 2


def test_sigterm_during_a_start_stops_the_started_processes(home, tmp_path):
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
