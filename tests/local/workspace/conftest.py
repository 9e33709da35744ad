"""Fixtures: a workspace in this process, in an empty home, with fake notebook and pipeline runners."""

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
from tests.local.workspace.sql_helpers import write_delta

ORIGIN = "http://127.0.0.1:8000"
UC = "/api/2.1/unity-catalog"
FAKE_NOTEBOOK = (sys.executable, str(Path(__file__).with_name("fake_notebook.py")))
FAKE_PIPELINE = (sys.executable, str(Path(__file__).with_name("fake_pipeline.py")))
DEADLINE_SECONDS = 30
# Between two questions: without a pause they would take the processor from what they wait for.
PAUSE_SECONDS = 0.01


@dataclass(frozen=True)
class Workspace:
    """The API of a workspace. A call with an unexpected status fails the test."""

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

    def import_notebook(self, path: str, source: str) -> None:
        """Import a notebook."""
        content = base64.b64encode(source.encode()).decode()
        body = {"path": path, "content": content, "format": "SOURCE", "language": "PYTHON", "overwrite": True}
        self.post("/api/2.0/workspace/import", body)

    def create_job(self, sources: dict[str, str], /, **settings: Any) -> int:
        """Create a job with a notebook task for each key and source; return its id."""
        for key, source in sources.items():
            self.import_notebook(f"/nb/{key}", source)
        task_settings = settings.pop("tasks", {})
        tasks = [
            {"task_key": key, "notebook_task": {"notebook_path": f"/nb/{key}"}, **task_settings.get(key, {})}
            for key in sources
        ]
        job_id: int = self.post("/api/2.1/jobs/create", {"name": "j", "tasks": tasks, **settings})["job_id"]
        return job_id

    def run(self, job_id: int, **body: Any) -> dict[str, Any]:
        """Run a job; return the run when it has ended."""
        run_id = self.post("/api/2.1/jobs/run-now", {"job_id": job_id, **body})["run_id"]
        return self.wait_for_end(run_id)

    def wait_for_end(self, run_id: int) -> dict[str, Any]:
        """Wait for the end of a run; return the run."""
        return self.wait_until(run_id, lambda run: run["state"]["life_cycle_state"] in END_STATES)

    def wait_until(self, run_id: int, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait until a condition holds for a run; return the run."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while time.monotonic() < deadline:
            run: dict[str, Any] = self.get("/api/2.1/jobs/runs/get", run_id=run_id)
            if condition(run):
                return run
            time.sleep(PAUSE_SECONDS)
        raise AssertionError(f"the condition never held: {run}")

    def output(self, run: dict[str, Any], key: str) -> dict[str, Any]:
        """Return the output of a task of a run."""
        task = next(task for task in run["tasks"] if task["task_key"] == key)
        output: dict[str, Any] = self.get("/api/2.1/jobs/runs/get-output", run_id=task["run_id"])
        return output

    @staticmethod
    def _checked(response: Any, status: int) -> Any:
        assert response.status_code == status, response.text
        return response.json()


END_STATES = ("TERMINATED", "SKIPPED", "INTERNAL_ERROR")


@contextmanager
def start_workspace(home: Home) -> Iterator[Workspace]:
    """A workspace that runs within the context."""
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
    """An empty workspace."""
    with start_workspace(home) as workspace:
        yield workspace


@pytest.fixture
def start() -> Callable[[Home], Any]:
    """A function that starts a workspace of a home."""
    return start_workspace


@pytest.fixture
def trips(workspace) -> str:
    """A Delta table `cat.ønske.trips` of two rows, as Spark writes it; returns its folder."""
    workspace.post(f"{UC}/catalogs", {"name": "cat"})
    workspace.post(f"{UC}/schemas", {"name": "ønske", "catalog_name": "cat"})
    folder = workspace.home.warehouse / "cat" / "ønske" / "trips"
    write_delta(folder, "select * from (values ('Queens', 10.5), ('Bronx', 20.25)) v(borough, amount)")
    workspace.post(
        f"{UC}/tables",
        {
            "name": "trips",
            "catalog_name": "cat",
            "schema_name": "ønske",
            "table_type": "EXTERNAL",
            "data_source_format": "DELTA",
            "storage_location": str(folder),
        },
    )
    return str(folder)
