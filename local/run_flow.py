"""`mesh local run`: runs a flow's job or pipeline in the local workspace and shows its progress."""

import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from local.client import Client
from local.run_display import Display
from local.run_view import API, END_STATES, POLL_SECONDS, RunView, refresh, result
from mesh.errors import OutsideError

_CANCEL_SECONDS = 20.0


@dataclass(frozen=True)
class RunResult:
    """The result of a run.

    Args:
        run_id: the run's id.
        succeeded: True if the run succeeded.
        tasks: the result of each task.
    """

    run_id: int
    succeeded: bool
    tasks: Mapping[str, str]


def run_job(
    client: Client,
    flow: str,
    job_id: int,
    parameters: Mapping[str, str],
    display: Display,
    only: Sequence[str] = (),
) -> RunResult:
    """Run a flow's job and show its progress.

    Args:
        client: the client of the workspace.
        flow: the flow's path, for output.
        job_id: the job's id.
        parameters: values for the job's parameters.
        display: shows the run.
        only: the tasks to run; empty for all.

    Raises:
        OutsideError: the workspace failed.
        KeyboardInterrupt: Ctrl-C or SIGTERM; the run was cancelled.
    """
    body: dict[str, Any] = {"job_id": job_id, "job_parameters": dict(parameters)}
    if only:
        body["only"] = list(only)
    return follow(client, flow, client.post(f"{API}/run-now", body)["run_id"], display)


def run_pipeline(
    client: Client,
    flow: str,
    pipeline: str,
    pipeline_id: str,
    display: Display,
    *,
    full_refresh: bool = False,
) -> RunResult:
    """Run a flow's pipeline once and show its progress.

    The pipeline is the only task of a run without a job.

    Args:
        client: the client of the workspace.
        flow: the flow's path, for output.
        pipeline: the pipeline's name.
        pipeline_id: its id.
        display: shows the run.
        full_refresh: whether its streaming tables restart empty and read their sources from the beginning.

    Raises:
        OutsideError: the workspace failed.
        KeyboardInterrupt: Ctrl-C or SIGTERM; the run was cancelled.
    """
    settings = {"pipeline_id": pipeline_id, **({"full_refresh": True} if full_refresh else {})}
    task = {"task_key": flow.rpartition("/")[2], "pipeline_task": settings}
    run_id = client.post(f"{API}/runs/submit", {"run_name": pipeline, "tasks": [task]})["run_id"]
    return follow(client, flow, run_id, display)


def follow(client: Client, flow: str, run_id: int, display: Display) -> RunResult:
    """Show the progress of a run until it has ended; Ctrl-C cancels it.

    Args:
        client: the client of the workspace.
        flow: the flow's path, for output.
        run_id: the run's id.
        display: shows the run.

    Raises:
        OutsideError: the workspace failed.
        KeyboardInterrupt: Ctrl-C or SIGTERM; the run was cancelled.
    """
    view = RunView(
        f"{flow}  run {run_id}  local", {"run_id": run_id, "tasks": []}, [], readable=display.readable
    )
    with _cancelling(client, run_id, display):
        display.show(refresh(client, view), view)
    tasks = {task["task_key"]: result(task) for task in view.run["tasks"]}
    return RunResult(run_id, view.result == "SUCCESS", tasks)


def job_id(client: Client, flow: str, job: str, deployed_id: str | None = None) -> int:
    """Return the id of a flow's job.

    Args:
        client: the client of the workspace.
        flow: the flow's path, for errors.
        job: the job's name.
        deployed_id: the job's id from the deployment's state, if known: several jobs can have one name.

    Raises:
        OutsideError: the job is not deployed, or there are several.
    """
    jobs = client.get(f"{API}/list", name=job).get("jobs", [])
    return int(_select_id([each["job_id"] for each in jobs], deployed_id, "job", job, flow))


def pipeline_id(client: Client, flow: str, pipeline: str, deployed_id: str | None = None) -> str:
    """Return the id of a flow's pipeline; arguments and errors as for `job_id`."""
    pipelines = client.get("/api/2.0/pipelines").get("statuses", [])
    ids = [each["pipeline_id"] for each in pipelines if each["name"] == pipeline]
    return str(_select_id(ids, deployed_id, "pipeline", pipeline, flow))


def _select_id(ids: Sequence[Any], deployed_id: str | None, kind: str, name: str, flow: str) -> Any:
    if not ids:
        message = f"{flow} is not deployed: there is no {kind} `{name}` (deploy it with `mesh deploy`)"
        raise OutsideError(message)
    ids = [id for id in ids if str(id) == deployed_id] or ids
    if len(ids) > 1:
        listing = ", ".join(map(str, ids))
        raise OutsideError(f"{len(ids)} {kind}s have the name `{name}` (ids {listing}): delete all but one")
    return ids[0]


@contextmanager
def _cancelling(client: Client, run_id: int, display: Display) -> Iterator[None]:
    """Cancel the run on Ctrl-C or SIGTERM."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        display.print(f"cancelling run {run_id}")
        client.post(f"{API}/runs/cancel", {"run_id": run_id})
        deadline = time.monotonic() + _CANCEL_SECONDS
        while time.monotonic() < deadline:
            state = client.get(f"{API}/runs/get", run_id=run_id)["state"]
            if state["life_cycle_state"] in END_STATES:
                break
            time.sleep(POLL_SECONDS)
        raise
    finally:
        signal.signal(signal.SIGTERM, before)
