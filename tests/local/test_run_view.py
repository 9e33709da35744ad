"""A run as the client sees it: what tasks print arrives piece by piece."""

from typing import Any

import httpx2

from local.client import Client
from local.home import Home, Status
from local.run_view import RunView, refresh

STEPS = ["RUNNING", "RUNNING", "TERMINATED"]
LOG = "one\ntwo\tÅ\x1b[2J\nthree\n"


def test_what_a_task_prints_is_read_once_and_made_readable(tmp_path):
    """Control characters of a task never reach the terminal."""
    asked: list[int] = []
    steps = iter(STEPS)
    ends = iter([4, 15, len(LOG.encode())])

    def answer(request: httpx2.Request) -> httpx2.Response:
        query: Any = request.url.params
        if request.url.path.endswith("/get"):
            state = {"life_cycle_state": next(steps)}
            return httpx2.Response(
                200,
                json={
                    "run_id": 7,
                    "state": state,
                    "tasks": [{"task_key": "a", "run_id": 8, "attempt_number": 0, "state": state}],
                },
            )
        start, end = int(query["logs_from"]), next(ends)
        asked.append(start)
        return httpx2.Response(
            200, json={"logs": LOG.encode()[start:end].decode(errors="replace"), "logs_end": end}
        )

    Status("http://127.0.0.1:1", "secret", 1, 1.0).write(Home(tmp_path))
    view = RunView("title", {"run_id": 7}, [], readable=lambda line: line.replace("two", "TWO"))
    for _ in refresh(Client(Home(tmp_path), httpx2.MockTransport(answer)), view):
        pass

    assert asked == [0, 4, 15]
    assert view.text(view.run["tasks"][0]).lines == ["one", "TWO     Å\\x1b[2J", "three"]
