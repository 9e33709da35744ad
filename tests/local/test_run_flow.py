"""`mesh local run`: the output of a run, and its result."""

import io
import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from rich.console import Console

from local.client import Client
from local.home import Home, Status
from local.run_display import Display
from local.run_flow import job_id, pipeline_id, run_job, run_pipeline
from mesh.errors import OutsideError

FLOW = "transport/taxinyc/prep/revenue"


class FakeJobs:
    """A Jobs API with one job; each request for the run returns its next step."""

    def __init__(self, *steps: dict[str, str], jobs: int = 1) -> None:
        self.steps = list(steps)
        self.jobs = jobs
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.interrupt: Callable[[], None] = lambda: None
        self.kinds: dict[str, dict[str, Any]] = {}
        self.nested: dict[int, dict[str, Any]] = {}
        self.outputs: dict[int, dict[str, Any]] = {}

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        """Answer a request."""
        action = request.url.path.removeprefix("/api/2.2/jobs/")
        body = json.loads(request.content) if request.content else dict(request.url.params)
        self.requests.append((action, body))
        return httpx2.Response(200, json=getattr(self, action.replace("/", "_").replace("-", "_"))(body))

    def list(self, body: dict[str, Any]) -> dict[str, Any]:
        """List the jobs of a name."""
        return {"jobs": [{"job_id": number} for number in range(self.jobs)]}

    def run_now(self, body: dict[str, Any]) -> dict[str, Any]:
        """Start a run."""
        return {"run_id": 7}

    def runs_get(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the run at its next step, or the iterations or tasks below a task."""
        if int(body["run_id"]) in self.nested:
            return self.nested[int(body["run_id"])]
        self.interrupt()
        step = dict(self.steps.pop(0) if len(self.steps) > 1 else self.steps[0])
        state = step.pop("", "RUNNING")
        tasks = [
            task(number, key, result, **self.kinds.get(key, {}))
            for number, (key, result) in enumerate(step.items())
        ]
        return {"run_id": 7, "state": state_of(state), "tasks": tasks, **TIMES}

    def runs_get_output(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the output of a task."""
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


def state_of(state: str) -> dict[str, str]:
    """A state in the form of the API."""
    if state in ("RUNNING", "PENDING"):
        return {"life_cycle_state": state}
    return {"life_cycle_state": "TERMINATED", "result_state": state}


def task(number: int, key: str, state: str, **settings: Any) -> dict[str, Any]:
    """A task in the form of the API."""
    return {"task_key": key, "run_id": number, "state": state_of(state), **TIMES, **settings}


@pytest.fixture
def run(tmp_path):
    """A function that runs the flow against a fake; returns whether it succeeded and the output."""

    def run_it(
        jobs: FakeJobs,
        terminal: bool = False,
        deployed_id: str | None = None,
        show_output: bool = False,
        **parameters: str,
    ) -> tuple[bool, str]:
        home = Home(tmp_path)
        Status("http://127.0.0.1:1", "secret", 1, 1.0).write(home)
        output = io.StringIO()
        console = Console(file=output, width=100, force_terminal=terminal, color_system=None)
        client = Client(home, httpx2.MockTransport(jobs))
        try:
            id = job_id(client, FLOW, "the_job", deployed_id)
            display = Display(console, show_output, clock=lambda: 5.1)
            return run_job(client, FLOW, id, parameters, display).succeeded, output.getvalue()
        except KeyboardInterrupt:
            return False, output.getvalue() + "interrupted"

    return run_it


def test_without_a_terminal_each_event_is_a_line(run):
    jobs = FakeJobs({"a": "RUNNING", "b": "PENDING"}, {"a": "SUCCESS", "b": "RUNNING"})
    jobs.steps.append({"": "SUCCESS", "a": "SUCCESS", "b": "SUCCESS"})

    succeeded, output = run(jobs)
    assert succeeded
    assert [line.rstrip() for line in output.splitlines()] == [
        "transport/taxinyc/prep/revenue  run 7  local",
        "  running          a",
        "  success          a  4.1 s",
        "      0 rows  cat.sch.t0",
        "  running          b",
        "  success          b  4.1 s",
        "      1 row  cat.sch.t1",
        "run 7 succeeded after 4.1 s",
    ]


def test_a_pipeline_is_the_only_task_of_a_run(tmp_path):
    submitted: list[dict[str, Any]] = []
    jobs = FakeJobs({"": "SUCCESS", "revenue": "SUCCESS"})

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/api/2.0/pipelines":
            pipelines = [
                {"name": "taxi_dlt", "pipeline_id": "p-1"},
                {"name": "taxi_dlt_2", "pipeline_id": "p-2"},
            ]
            return httpx2.Response(200, json={"statuses": pipelines})
        if request.url.path.endswith("/runs/submit"):
            submitted.append(json.loads(request.content))
            return httpx2.Response(200, json={"run_id": 7})
        return jobs(request)

    Status("http://127.0.0.1:1", "secret", 1, 1.0).write(Home(tmp_path))
    client = Client(Home(tmp_path), httpx2.MockTransport(answer))
    output = io.StringIO()

    display = Display(Console(file=output, width=100), clock=lambda: 5.1)
    found = pipeline_id(client, FLOW, "taxi_dlt")
    assert run_pipeline(client, FLOW, "taxi_dlt", found, display, full_refresh=True).succeeded
    assert submitted == [
        {
            "run_name": "taxi_dlt",
            "tasks": [{"task_key": "revenue", "pipeline_task": {"pipeline_id": "p-1", "full_refresh": True}}],
        }
    ]
    assert "success          revenue  4.1 s" in output.getvalue()
    with pytest.raises(OutsideError, match="is not deployed: there is no pipeline `other`"):
        pipeline_id(client, FLOW, "other")


def test_a_terminal_shows_a_live_table(run):
    succeeded, output = run(FakeJobs({"": "SUCCESS", "a": "SUCCESS", "b": "SUCCESS"}), terminal=True)

    assert succeeded
    assert "transport/taxinyc/prep/revenue  run 7  local" in output
    assert "✔" in output
    assert "cat.sch.t0" in output


def test_a_failed_task_shows_its_traceback(run):
    succeeded, output = run(FakeJobs({"": "FAILED", "a": "FAILED", "b": "UPSTREAM_FAILED"}))

    assert not succeeded
    assert "a: ValueError: no" in output
    assert "Traceback: here" in output
    assert output.splitlines()[-1] == "run 7 failed after 4.1 s"


@pytest.fixture
def branching() -> FakeJobs:
    """A run with a condition, an excluded task, a loop with a failed iteration, and a run of another job."""
    jobs = FakeJobs({"": "FAILED", "if": "SUCCESS", "no": "EXCLUDED", "each": "FAILED", "other": "SUCCESS"})
    stats = {"task_run_stats": {"completed_iterations": 2, "total_iterations": 2}}
    long = {"zone": "NO2", "month": 1, "year": 2024}
    jobs.kinds = {
        "if": {"condition_task": {"outcome": "true"}},
        "no": {"depends_on": [{"task_key": "if", "outcome": "false"}]},
        "each": {"for_each_task": {"stats": stats}},
        "other": {"run_job_task": {"job_id": 3}},
    }
    jobs.nested = {
        2: {"iterations": [task(20, "one", "SUCCESS", input="NO1"), task(21, "one", "FAILED", input=long)]},
        30: {"tasks": [task(31, "load", "SUCCESS")]},
    }
    jobs.outputs = {
        **{number: {} for number in (0, 1, 20)},
        2: {"error": "1 of 2 iterations failed."},
        3: {"run_job_output": {"run_id": 30}},
    }
    return jobs


def test_iterations_and_tasks_of_other_jobs_are_shown_with_their_task(run, branching):
    succeeded, output = run(branching)

    assert not succeeded
    assert [line.rstrip() for line in output.splitlines()] == [
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


def test_the_live_table_shows_nested_lines_below_their_task(run, branching):
    _, output = run(branching, terminal=True)

    order = [
        output.index(label) for label in ("if ", "each ", "each #1", "each #2", "other ", "other / load")
    ]
    assert order == sorted(order)


def test_the_live_table_omits_successful_iterations_if_there_are_many(run, branching):
    many = [task(100 + number, "one", "SUCCESS") for number in range(20)]
    branching.nested[2]["iterations"] += many
    _, output = run(branching, terminal=True)

    assert "each #2" in output
    assert "each #1" not in output


def test_parameters_are_passed_to_the_run(run):
    jobs = FakeJobs({"": "SUCCESS"})
    run(jobs, catalog="mine")

    assert ("run-now", {"job_id": 0, "job_parameters": {"catalog": "mine"}}) in jobs.requests


def test_a_flow_that_is_not_deployed_is_an_error_with_a_remedy(run):
    with pytest.raises(OutsideError, match=r"there is no job `the_job` \(deploy it with `mesh deploy`\)"):
        run(FakeJobs(jobs=0))


def test_two_jobs_of_the_same_name_are_an_error(run):
    with pytest.raises(OutsideError, match="2 jobs have the name `the_job`"):
        run(FakeJobs(jobs=2))
    with pytest.raises(OutsideError, match="2 jobs have the name `the_job`"):
        run(FakeJobs(jobs=2), deployed_id="7")


def test_the_id_in_the_state_selects_one_of_two_jobs_of_the_same_name(run):
    """The jobs of a flow can have the same name."""
    jobs = FakeJobs({"": "SUCCESS"}, jobs=2)
    run(jobs, deployed_id="1")

    assert ("run-now", {"job_id": 1, "job_parameters": {}}) in jobs.requests


def test_an_interrupt_cancels_the_run_and_waits_for_its_end(run):
    jobs = FakeJobs({"a": "RUNNING"})
    polls = iter(range(3))

    def interrupt_at_the_third() -> None:
        if next(polls, None) == 2:
            raise KeyboardInterrupt

    jobs.interrupt = interrupt_at_the_third
    _, output = run(jobs)

    assert output.endswith("cancelling run 7\ninterrupted")
    actions = [action for action, _ in jobs.requests]
    assert actions[-2:] == ["runs/cancel", "runs/get"]
