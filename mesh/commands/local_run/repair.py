"""`mesh local repair`: runs failed tasks of a run again, with the files of the checkout."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from local.client import Client
from local.run_flow import follow
from local.run_view import API
from mesh.commands.local_run.flow_run import FlowRunner, SelectedFlow, deployed_ids, require_local
from mesh.mesh import MeshDeployment


def runs_flow(root: Path, client: Client, deployed: MeshDeployment, run_id: int) -> SelectedFlow | None:
    """Returns the flow whose job or pipeline a run runs; None if the mesh does not declare it.

    Args:
        root: the mesh's root.
        client: the client of the workspace.
        deployed: the mesh in an environment on this machine.
        run_id: the run.

    Raises:
        OutsideError: there is no such run.
        UsageError: the environment is not on this machine.
    """
    require_local(deployed)
    run = client.get(f"{API}/runs/get", run_id=run_id)
    for one in deployed.deployments:
        ids = deployed_ids(root, one)
        for flow in one.flows:
            for job in flow.jobs:
                known = ids.get(f"databricks_job.{job.id}")
                # several jobs can have one name; a state elsewhere does not tell their ids
                if str(run.get("job_id")) == known or (not ids and run.get("run_name") == job.name):
                    return SelectedFlow(one, flow)
            if not run.get("job_id") and run.get("run_name") in [
                pipeline.name for pipeline in flow.pipelines
            ]:
                return SelectedFlow(one, flow)
    return None


def repair_run(runner: FlowRunner, selected: SelectedFlow | None, run_id: int, tasks: Sequence[str]) -> bool:
    """Repairs a run: failed tasks and their dependent tasks run again; returns whether it succeeded then.

    Args:
        runner: shows the run.
        selected: the flow of the run, whose files are brought first; None to bring none.
        run_id: the run.
        tasks: the tasks to run again; empty for all that failed.

    Raises:
        OutsideError: the run is active, or there is nothing to run again.
        KeyboardInterrupt: the run was cancelled.
    """
    if selected:
        runner.bring_files(selected)
    chosen = {"rerun_tasks": list(tasks)} if tasks else {"rerun_all_failed_tasks": True}
    runner.client.post(f"{API}/runs/repair", {"run_id": run_id, "rerun_dependent_tasks": True, **chosen})
    title = selected.flow.path if selected else "repair"
    return follow(runner.client, title, run_id, runner.display).succeeded
