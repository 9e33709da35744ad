"""A workspace in this process, in an empty home, with a stand-in for the notebook runner."""

import base64
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from local.home import Home
from local.workspace.app import create_app

ORIGIN = "http://127.0.0.1:8000"
UC = "/api/2.1/unity-catalog"
FAKE_NOTEBOOK = (sys.executable, str(Path(__file__).with_name("fake_notebook.py")))
FAKE_PIPELINE = (sys.executable, str(Path(__file__).with_name("fake_pipeline.py")))
DEADLINE_SECONDS = 30


@dataclass(frozen=True)
class Workspace:
    """The API of a workspace under test; a call that is refused fails the test unless told otherwise."""

    http: TestClient
    home: Home

    def get(self, path: str, /, status: int = 200, **query: Any) -> Any:
        """GET and check the status."""
        return self._checked(self.http.get(path, params=query or None), status)

    def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        """POST and check the status."""
        return self._checked(self.http.post(path, json=body or {}), status)

    def patch(self, path: str, body: Any, status: int = 200) -> Any:
        """PATCH and check the status."""
        return self._checked(self.http.patch(path, json=body), status)

    def put(self, path: str, body: Any, status: int = 200) -> Any:
        """PUT and check the status."""
        return self._checked(self.http.put(path, json=body), status)

    def delete(self, path: str, status: int = 200) -> Any:
        """DELETE and check the status."""
        return self._checked(self.http.delete(path), status)

    def notebook(self, path: str, source: str) -> None:
        """Put a notebook into the workspace."""
        content = base64.b64encode(source.encode()).decode()
        body = {"path": path, "content": content, "format": "SOURCE", "language": "PYTHON", "overwrite": True}
        self.post("/api/2.0/workspace/import", body)

    def job(self, sources: dict[str, str], /, **settings: Any) -> int:
        """Make a job with a task for each key, whose notebook has the source given; return its id."""
        for key, source in sources.items():
            self.notebook(f"/nb/{key}", source)
        declared = settings.pop("tasks", {})
        listed = [
            {"task_key": key, "notebook_task": {"notebook_path": f"/nb/{key}"}, **declared.get(key, {})}
            for key in sources
        ]
        job_id: int = self.post("/api/2.1/jobs/create", {"name": "j", "tasks": listed, **settings})["job_id"]
        return job_id

    def run(self, job_id: int, **body: Any) -> dict[str, Any]:
        """Run a job to its end and return the run."""
        run_id = self.post("/api/2.1/jobs/run-now", {"job_id": job_id, **body})["run_id"]
        return self.ended(run_id)

    def ended(self, run_id: int) -> dict[str, Any]:
        """Wait for the end of a run and return it."""
        return self.until(run_id, lambda run: run["state"]["life_cycle_state"] in ENDED)

    def until(self, run_id: int, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait until something holds of a run and return it."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline:
            run: dict[str, Any] = self.get("/api/2.1/jobs/runs/get", run_id=run_id)
            if holds(run):
                return run
        raise AssertionError(f"it never held: {run}")

    def output(self, run: dict[str, Any], key: str) -> dict[str, Any]:
        """Return what a task of a run gave."""
        task = next(task for task in run["tasks"] if task["task_key"] == key)
        output: dict[str, Any] = self.get("/api/2.1/jobs/runs/get-output", run_id=task["run_id"])
        return output

    @staticmethod
    def _checked(response: Any, status: int) -> Any:
        assert response.status_code == status, response.text
        return response.json()


ENDED = ("TERMINATED", "SKIPPED", "INTERNAL_ERROR")


@contextmanager
def started(home: Home) -> Iterator[Workspace]:
    """A workspace of a home, up within the context."""
    app = create_app(home, FAKE_NOTEBOOK, FAKE_PIPELINE)
    headers = {"Authorization": f"Bearer {home.token()}"}
    with TestClient(app, base_url=ORIGIN, headers=headers) as http:
        yield Workspace(http, home)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return Home(tmp_path)


@pytest.fixture
def workspace(home: Home) -> Iterator[Workspace]:
    """A workspace with nothing in it."""
    with started(home) as it:
        yield it


@pytest.fixture
def start() -> Callable[[Home], Any]:
    """What starts a workspace again."""
    return started
