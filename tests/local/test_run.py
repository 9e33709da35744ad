"""`mesh local run`: what is shown of a run, and how it ends."""

import io
import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from rich.console import Console

from local.client import Client
from local.home import Home, Status
from local.run import run_job, run_pipeline
from mesh.errors import OutsideError

FLOW = "transport/taxinyc/prep/revenue"


class FakeJobs:
    """A Jobs API with one job, whose run is at the next step each time it is asked for."""

    def __init__(self, *steps: dict[str, str], jobs: int = 1) -> None:
        self.steps = list(steps)
        self.jobs = jobs
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.interrupt: Callable[[], None] = lambda: None
        self.kinds: dict[str, dict[str, Any]] = {}
        self.below: dict[int, dict[str, Any]] = {}
        self.outputs: dict[int, dict[str, Any]] = {}

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request."""
        action = request.url.path.removeprefix("/api/2.2/jobs/")
        body = json.loads(request.content) if request.content else dict(request.url.params)
        self.asked.append((action, body))
        return httpx2.Response(200, json=getattr(self, action.replace("/", "_").replace("-", "_"))(body))

    def list(self, body: dict[str, Any]) -> dict[str, Any]:
        """List the jobs of a name."""
        return {"jobs": [{"job_id": number} for number in range(self.jobs)]}

    def run_now(self, body: dict[str, Any]) -> dict[str, Any]:
        """Start a run."""
        return {"run_id": 7}

    def runs_get(self, body: dict[str, Any]) -> dict[str, Any]:
        """Tell the run, and go on; or what is below a task of it."""
        if int(body["run_id"]) in self.below:
            return self.below[int(body["run_id"])]
        self.interrupt()
        step = dict(self.steps.pop(0) if len(self.steps) > 1 else self.steps[0])
        state = step.pop("", "RUNNING")
        tasks = [
            task(number, key, result, **self.kinds.get(key, {}))
            for number, (key, result) in enumerate(step.items())
        ]
        return {"run_id": 7, "state": told(state), "tasks": tasks, **TIMES}

    def runs_get_output(self, body: dict[str, Any]) -> dict[str, Any]:
        """Tell what a task gave."""
        number = int(body["run_id"])
        tables = [{"name": f"cat.sch.t{number}", "rows": number}]
        if number in self.outputs:
            return self.outputs[number]
        return {"tables": tables, "error": "ValueError: no", "error_trace": "Traceback: here"}

    def runs_cancel(self, body: dict[str, Any]) -> dict[str, Any]:
        """Cancel the run."""
        self.interrupt = lambda: None
        self.steps = [{"": "CANCELED", "a": "CANCELED"}]
        return {}


TIMES = {"start_time": 1_000, "end_time": 5_100}


def told(state: str) -> dict[str, str]:
    """A state as the API tells it."""
    if state in ("RUNNING", "PENDING"):
        return {"life_cycle_state": state}
    return {"life_cycle_state": "TERMINATED", "result_state": state}


def task(number: int, key: str, state: str, **settings: Any) -> dict[str, Any]:
    """A task as the API tells it."""
    return {"task_key": key, "run_id": number, "state": told(state), **TIMES, **settings}


@pytest.fixture
def run(tmp_path):
    """Run the flow against a fake; returns whether it succeeded and what was shown."""

    def it(
        jobs: FakeJobs, terminal: bool = False, known: str | None = None, **parameters: str
    ) -> tuple[bool, str]:
        home = Home(tmp_path)
        Status("http://127.0.0.1:1", "secret", 1, 1.0).write(home)
        shown = io.StringIO()
        console = Console(file=shown, width=100, force_terminal=terminal, color_system=None)
        client = Client(home, httpx2.MockTransport(jobs))
        try:
            succeeded = run_job(client, FLOW, "the_job", parameters, console, lambda: 5.1, known)
            return succeeded, shown.getvalue()
        except KeyboardInterrupt:
            return False, shown.getvalue() + "interrupted"

    return it


def test_a_line_for_each_event_is_printed_when_nobody_watches(run):
    jobs = FakeJobs({"a": "RUNNING", "b": "PENDING"}, {"a": "SUCCESS", "b": "RUNNING"})
    jobs.steps.append({"": "SUCCESS", "a": "SUCCESS", "b": "SUCCESS"})

    succeeded, shown = run(jobs)
    assert succeeded
    assert [line.rstrip() for line in shown.splitlines()] == [
        "transport/taxinyc/prep/revenue  run 7  local",
        "  running          a",
        "  success          a  4.1 s",
        "      0 rows  cat.sch.t0",
        "  running          b",
        "  success          b  4.1 s",
        "      1 row  cat.sch.t1",
        "run 7 succeeded after 4.1 s",
    ]


def test_a_pipeline_is_the_one_task_of_a_run(tmp_path):
    asked: list[dict[str, Any]] = []
    jobs = FakeJobs({"": "SUCCESS", "revenue": "SUCCESS"})

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/api/2.0/pipelines":
            known = [{"name": "taxi_dlt", "pipeline_id": "p-1"}, {"name": "taxi_dlt_2", "pipeline_id": "p-2"}]
            return httpx2.Response(200, json={"statuses": known})
        if request.url.path.endswith("/runs/submit"):
            asked.append(json.loads(request.content))
            return httpx2.Response(200, json={"run_id": 7})
        return jobs(request)

    Status("http://127.0.0.1:1", "secret", 1, 1.0).write(Home(tmp_path))
    client = Client(Home(tmp_path), httpx2.MockTransport(answer))
    shown = io.StringIO()

    assert run_pipeline(client, FLOW, "taxi_dlt", Console(file=shown, width=100), lambda: 5.1)
    assert asked == [
        {
            "run_name": "taxi_dlt",
            "tasks": [{"task_key": "revenue", "pipeline_task": {"pipeline_id": "p-1"}}],
        }
    ]
    assert "success          revenue  4.1 s" in shown.getvalue()
    with pytest.raises(OutsideError, match="is not deployed: there is no pipeline `other`"):
        run_pipeline(client, FLOW, "other", Console(file=shown))


def test_a_table_is_shown_on_a_terminal(run):
    succeeded, shown = run(FakeJobs({"": "SUCCESS", "a": "SUCCESS", "b": "SUCCESS"}), terminal=True)

    assert succeeded
    assert "transport/taxinyc/prep/revenue  run 7  local" in shown
    assert "✔" in shown
    assert "cat.sch.t0" in shown


def test_a_failed_task_shows_its_traceback(run):
    succeeded, shown = run(FakeJobs({"": "FAILED", "a": "FAILED", "b": "UPSTREAM_FAILED"}))

    assert not succeeded
    assert "a: ValueError: no" in shown
    assert "Traceback: here" in shown
    assert shown.splitlines()[-1] == "run 7 failed after 4.1 s"


@pytest.fixture
def branching() -> FakeJobs:
    """A run with a condition, a loop of which an iteration fails, another job's run, and what is left out."""
    jobs = FakeJobs({"": "FAILED", "if": "SUCCESS", "no": "EXCLUDED", "each": "FAILED", "other": "SUCCESS"})
    stats = {"task_run_stats": {"completed_iterations": 2, "total_iterations": 2}}
    long = {"zone": "NO2", "month": 1, "year": 2024}
    jobs.kinds = {
        "if": {"condition_task": {"outcome": "true"}},
        "no": {"depends_on": [{"task_key": "if", "outcome": "false"}]},
        "each": {"for_each_task": {"stats": stats}},
        "other": {"run_job_task": {"job_id": 3}},
    }
    jobs.below = {
        2: {"iterations": [task(20, "one", "SUCCESS", input="NO1"), task(21, "one", "FAILED", input=long)]},
        30: {"tasks": [task(31, "load", "SUCCESS")]},
    }
    jobs.outputs = {
        **{number: {} for number in (0, 1, 20)},
        2: {"error": "1 of 2 iterations failed."},
        3: {"run_job_output": {"run_id": 30}},
    }
    return jobs


def test_iterations_and_the_tasks_of_other_jobs_are_shown_below_the_task_they_belong_to(run, branching):
    succeeded, shown = run(branching)

    assert not succeeded
    assert [line.rstrip() for line in shown.splitlines()] == [
        "transport/taxinyc/prep/revenue  run 7  local",
        "  success          if  4.1 s  true",
        "  excluded         no  4.1 s  if is true",
        "  success          each #1 NO1  4.1 s",
        '  failed           each #2 {"zone": "NO2", "month": 1, "…  4.1 s',
        "     21 rows  cat.sch.t21",
        "  failed           each  4.1 s  2 of 2 iterations",
        "  success          other / load  4.1 s",
        "     31 rows  cat.sch.t31",
        "  success          other  4.1 s",
        "",
        "each: 1 of 2 iterations failed.",
        "",
        'each #2 {"zone": "NO2", "month": 1, "…: ValueError: no',
        "Traceback: here",
        "run 7 failed after 4.1 s",
    ]


def test_the_live_table_keeps_what_is_below_a_task_with_it(run, branching):
    _, shown = run(branching, terminal=True)

    order = [shown.index(label) for label in ("if ", "each ", "each #1", "each #2", "other ", "other / load")]
    assert order == sorted(order)


def test_of_many_iterations_a_terminal_shows_those_that_did_not_succeed(run, branching):
    many = [task(100 + number, "one", "SUCCESS") for number in range(20)]
    branching.below[2]["iterations"] += many
    _, shown = run(branching, terminal=True)

    assert "each #2" in shown
    assert "each #1" not in shown


def test_parameters_are_handed_to_the_run(run):
    jobs = FakeJobs({"": "SUCCESS"})
    run(jobs, catalog="mine")

    assert ("run-now", {"job_id": 0, "job_parameters": {"catalog": "mine"}}) in jobs.asked


def test_a_flow_that_is_not_deployed_says_how_to_deploy_it(run):
    with pytest.raises(OutsideError, match="there is no job `the_job`: deploy it with `mesh deploy`"):
        run(FakeJobs(jobs=0))


def test_two_jobs_of_one_name_are_told_instead_of_guessed(run):
    with pytest.raises(OutsideError, match="2 jobs are called `the_job`"):
        run(FakeJobs(jobs=2))
    with pytest.raises(OutsideError, match="2 jobs are called `the_job`"):
        run(FakeJobs(jobs=2), known="7")


def test_of_two_jobs_of_one_name_the_one_in_the_state_is_run(run):
    """Parts of one flow are called alike."""
    jobs = FakeJobs({"": "SUCCESS"}, jobs=2)
    run(jobs, known="1")

    assert ("run-now", {"job_id": 1, "job_parameters": {}}) in jobs.asked


def test_an_interrupt_cancels_the_run_and_waits_for_its_end(run):
    jobs = FakeJobs({"a": "RUNNING"})
    polls = iter(range(3))

    def interrupt_at_the_third() -> None:
        if next(polls, None) == 2:
            raise KeyboardInterrupt

    jobs.interrupt = interrupt_at_the_third
    _, shown = run(jobs)

    assert shown.endswith("cancelling run 7\ninterrupted")
    actions = [action for action, _ in jobs.asked]
    assert actions[-2:] == ["runs/cancel", "runs/get"]
