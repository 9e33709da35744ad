"""Runs flows on the local workspace, with the files of the checkout."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from local.client import Client
from local.home import Home
from local.run_display import Display
from local.run_flow import RunResult, job_id, pipeline_id, run_job, run_pipeline
from mesh.commands.local_run.checkout_files import FileChanges, bring, settings_changed
from mesh.commands.local_run.upstream import flows_read, with_upstream
from mesh.deployment.deployment import Deployment
from mesh.deployment.flow import FlowDeployment
from mesh.deployment.job import Job
from mesh.errors import UsageError
from mesh.finding import nearest
from mesh.load import load
from mesh.mesh import MeshDeployment
from mesh.terraform import state


@dataclass(frozen=True)
class RunOptions:
    """The options of a run.

    Args:
        parameters: values for parameters of jobs.
        task: the only task to run; None for all.
        full_refresh: whether streaming tables of pipelines restart empty.
    """

    parameters: Mapping[str, str] = field(default_factory=dict)
    task: str | None = None
    full_refresh: bool = False


@dataclass(frozen=True)
class SelectedFlow:
    """A flow that runs.

    Args:
        deployment: the deployment that it is part of.
        flow: the flow.
        reads: the paths of the flows that it reads.
    """

    deployment: Deployment
    flow: FlowDeployment
    reads: tuple[str, ...] = ()

    @property
    def project(self) -> str:
        """The path of its project."""
        return self.deployment.path


def require_local(deployed: MeshDeployment) -> None:
    """Checks that an environment is on this machine.

    Raises:
        UsageError: it is not.
    """
    if not deployed.embedded:
        raise UsageError(
            f"`{deployed.name}` is not on this machine (add `workspace: local` to the environment in org.yml)"
        )


def select(deployed: MeshDeployment, path: str, options: RunOptions) -> SelectedFlow:
    """Returns the flow at a path, which may omit leading levels.

    Raises:
        UsageError: there is no such flow, it has nothing to run, or the options do not fit it.
    """
    flow = deployed.flow(path)
    if not _runs(flow):
        raise UsageError(f"{path} has neither a job nor a pipeline")
    if options.parameters and not flow.jobs:
        raise UsageError(f"{path} is a pipeline, which takes no parameters (omit --param)")
    if options.task and not flow.jobs:
        raise UsageError(f"{path} is a pipeline, which has no tasks (omit --task)")
    if options.full_refresh and flow.jobs:
        raise UsageError(f"{path} is a job, and only pipelines have a full refresh (omit --full-refresh)")
    keys = [task["task_key"] for job in flow.jobs for task in job.settings.get("tasks", ())]
    if options.task and options.task not in keys:
        raise UsageError(f"{path} has no task `{options.task}` ({nearest(options.task, keys, 'tasks')})")
    deployment = next(one for one in deployed.deployments if flow in one.flows)
    return SelectedFlow(deployment, flow, flows_read(deployed, flow.path))


@dataclass(frozen=True)
class Selection:
    """The flows that a command names, read again from the checkout whenever they are asked for.

    Args:
        root: the mesh's root.
        env: the environment.
        path: the flow's path, which may omit leading levels; after a `+`, also the flows that it reads.
        options: the options of its run.
    """

    root: Path
    env: str
    path: str
    options: RunOptions

    def flows(self) -> list[SelectedFlow]:
        """The flows, each after those that it reads.

        Raises:
            MeshError: the mesh has errors.
            UsageError: there is no such flow on this machine, or the options do not fit it.
        """
        deployed = load(self.root).in_environment(self.env)
        require_local(deployed)
        path = self.path.removeprefix("+")
        last = select(deployed, path, self.options)
        if path == self.path:
            return [last]
        if self.options.task or self.options.parameters or self.options.full_refresh:
            raise UsageError(
                "--task, --param and --full-refresh fit one flow only (omit them, or the + before the flow)"
            )
        upstream = with_upstream(deployed, path)[:-1]
        flows = [select(deployed, one, self.options) for one in upstream if _runs(deployed.flow(one))]
        return [*flows, last]

    def places(self) -> list[Path]:
        """The files and folders whose changes may change the flows."""
        names = ("orgs", "domains", "org.yml", ".brickopscfg")
        return [place for name in names if (place := self.root / name).exists()]


def _runs(flow: FlowDeployment) -> bool:
    return bool(flow.jobs or flow.pipelines)


class FlowRunner:
    """Runs flows and shows them.

    Args:
        root: the mesh's root.
        client: the client of the local workspace.
        display: shows the runs.
    """

    def __init__(self, root: Path, client: Client, display: Display) -> None:
        self.root, self.client, self.display = root, client, display
        self.home = Home(root)

    def bring_files(self, selected: SelectedFlow) -> FileChanges:
        """Puts changed files of the flow's project into the workspace, and tells which.

        Also tells if settings changed, which only a deployment brings into the workspace.

        Raises:
            OutsideError: a job or pipeline of the flow is not deployed, or the workspace refuses a file.
        """
        list(self.ids(selected))  # without a deployment, there is nothing to bring files to
        changes = FileChanges()
        if not selected.deployment.environment.production:
            changes = bring(self.client, self.home, selected.deployment)
        if changes:
            self.display.print(f"updated {changes.text}: {_names(selected, changes)}")
        if settings_changed(self.home, selected.deployment, selected.flow):
            self.display.print(
                f"{selected.flow.file} or a file above it has changed since the deployment: run "
                f"`{deploy_command(selected)}` for its settings, this run uses the former ones"
            )
        return changes

    def bring_and_run(self, selected: SelectedFlow, options: RunOptions) -> bool:
        """Puts changed files into the workspace and runs the flow; returns whether it succeeded."""
        self.bring_files(selected)
        return all(result.succeeded for _, result in self.run(selected, options))

    def run(
        self, selected: SelectedFlow, options: RunOptions, only: Mapping[str, Collection[str]] | None = None
    ) -> Iterator[tuple[str, RunResult]]:
        """Runs the jobs of a flow, or its pipelines if it has no job, until one fails.

        Args:
            selected: the flow.
            options: the options.
            only: the tasks to run, by the id of their job; jobs that are left out do not run. None runs all.

        Yields:
            The id of each job or pipeline, with the result of its run.

        Raises:
            OutsideError: a job or pipeline is not deployed, or the workspace fails.
            KeyboardInterrupt: the run was cancelled.
        """
        flow = selected.flow
        for kind, one, id in self.ids(selected):
            if only is not None and one not in only:
                continue
            if isinstance(id, int):
                keys = _keys(next(each for each in flow.jobs if each.id == one))
                tasks = keys if only is None else [key for key in keys if key in only[one]]
                if options.task:
                    tasks = [key for key in tasks if key == options.task]
                if not tasks:
                    continue
                some = tasks if tasks != keys else ()
                result = run_job(self.client, flow.path, id, options.parameters, self.display, some)
            else:
                result = run_pipeline(
                    self.client, flow.path, kind, id, self.display, full_refresh=options.full_refresh
                )
            yield one, result
            if not result.succeeded:
                return

    def ids(self, selected: SelectedFlow) -> Iterator[tuple[str, str, int | str]]:
        """Name, Terraform name and id of each job, or of each pipeline if there is no job."""
        ids = deployed_ids(self.root, selected.deployment)
        path = selected.flow.path
        for job in selected.flow.jobs:
            deployed = ids.get(f"databricks_job.{job.id}")
            yield job.name, job.id, job_id(self.client, path, job.name, deployed)
        # the flow's jobs may run its pipelines
        for one in [] if selected.flow.jobs else selected.flow.pipelines:
            deployed = ids.get(f"databricks_pipeline.{one.id}")
            yield one.name, one.id, pipeline_id(self.client, path, one.name, deployed)


def deploy_command(selected: SelectedFlow) -> str:
    """The command that deploys the project of a flow."""
    environment = selected.deployment.environment.name
    return f"mesh deploy {selected.project}" + ("" if environment == "local" else f" --env {environment}")


def _keys(job: Job) -> list[str]:
    return [task["task_key"] for task in job.settings.get("tasks", ())]


def _names(selected: SelectedFlow, changes: FileChanges) -> str:
    """The changed files below the mesh's root, as far as they fit on a line."""
    uploads = selected.deployment.uploads
    folder = f"{uploads.folder}/" if uploads else ""
    names = [path.removeprefix(folder).rpartition("/")[2] for path in (*changes.written, *changes.removed)]
    return ", ".join(names[:_MOST_NAMES]) + (
        f" and {len(names) - _MOST_NAMES} more" if names[_MOST_NAMES:] else ""
    )


_MOST_NAMES = 5


def deployed_ids(root: Path, deployment: Deployment) -> dict[str, str]:
    """The ids of deployed resources by Terraform address; empty if the state is not on this machine."""
    if deployment.backend.kind != "local":
        return {}
    held = state.read_state(root / deployment.backend.arguments["path"]).held
    return {address: str(one.get("id")) for address, one in held.items()}
