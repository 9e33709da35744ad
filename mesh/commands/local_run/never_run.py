"""Flows that a flow reads and that have never succeeded on this machine: their tables are not there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from local.run_view import API
from mesh.commands.local_run.flow_run import FlowRunner, RunOptions, SelectedFlow, Selection
from mesh.errors import OutsideError


def upstream(selection: Selection) -> list[SelectedFlow]:
    """The flows that a selected flow reads, directly or not; none if they ran with it, after a `+`."""
    if selection.path.startswith("+"):
        return []
    return replace(selection, path=f"+{selection.path}", options=RunOptions()).flows()[:-1]


def never_run_hint(path: str, read: Sequence[SelectedFlow], runner: FlowRunner) -> str | None:
    """Returns which flows have never succeeded here, with the command that runs them first.

    Args:
        path: the path of the flow that failed.
        read: the flows that it reads.
        runner: knows the deployed jobs and pipelines.
    """
    missing = [one.flow.path for one in read if not _has_succeeded(runner, one)]
    if not missing:
        return None
    have = "has" if len(missing) == 1 else "have"
    names = " and ".join(missing)
    return f"{names}, which it reads, {have} never succeeded here: run `mesh local run +{path}`"


def _has_succeeded(runner: FlowRunner, selected: SelectedFlow) -> bool:
    """True if each of its jobs, or of its pipelines, has succeeded once."""
    try:
        return all(_once(runner, id) for _, _, id in runner.ids(selected))
    except OutsideError:  # it is not deployed
        return False


def _once(runner: FlowRunner, id: int | str) -> bool:
    if isinstance(id, str):
        updates = runner.client.get(f"/api/2.0/pipelines/{id}/updates").get("updates", [])
        return any(one.get("state") == "COMPLETED" for one in updates)
    listed = runner.client.get(f"{API}/runs/list", job_id=id, completed_only="true")
    runs = listed.get("runs", [])
    # one that ran so often that the answer has several pages counts as having succeeded
    return bool(listed.get("has_more")) or any(one["state"].get("result_state") == "SUCCESS" for one in runs)
