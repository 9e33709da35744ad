"""Checks that the files which jobs and pipelines run are uploaded to the workspace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from mesh.files.files import Files
from mesh.finding import Finding
from mesh.model.code import WorkspaceCode
from mesh.model.entry import Entry
from mesh.model.notebook import NOTEBOOK_SUFFIXES
from mesh.model.pipeline import PipelineSource, matching, pipeline_sources
from mesh.model.project import Project
from mesh.model.task import with_inner
from mesh.model.task_file import TaskFile


def check_jobs_reach(project: Project, code: WorkspaceCode, root: Path) -> Iterator[Finding]:
    """Reports tasks of jobs whose file is not uploaded to the workspace.

    Args:
        project: the project, in its environment.
        code: the uploaded files.
        root: the mesh's root.
    """
    uploaded = {file.path for file in code.files}
    sources, top = {str(file.source) for file in code.files}, str(root).rstrip("/")
    for job in (job for flow in project.flows for job in flow.jobs):
        for task, run in ((each, file) for each in with_inner(job.tasks) for file in each.files):
            if not run.path:
                continue
            if f"{run.path}/".startswith(f"{project.folder}/"):
                if not any(_holds(f"{top}/{path}", sources) for path in run.candidates):
                    yield _not_uploaded(run, f"{run.what} `{run.path}`", job, code)
                continue
            place = code.notebook_path(run.path)
            if not any(path == place or path.startswith(f"{place}/") for path in uploaded):
                remedy = f"(move it to {project.folder}, or declare its folder as `code`)"
                message = f"{run.what} `{run.path}` is outside the project {remedy}"
                yield job.document.finding("notebook-outside-project", task.at, message)


def check_pipelines_reach(project: Project, code: WorkspaceCode, files: Files) -> Iterator[Finding]:
    """Reports sources of pipelines that are not uploaded, and notebooks declared as files.

    Args:
        project: the project, in its environment.
        code: the uploaded files.
        files: the files of the mesh.
    """
    sources = {file.source: file for file in code.files}
    for pipeline in (pipeline for flow in project.flows for pipeline in flow.pipelines):
        for source in pipeline_sources(pipeline.declared.passed, pipeline.file):
            if source.path is None:
                continue
            held = [sources[path] for path in _meant(source, files) if path in sources]
            if not held:
                yield _not_uploaded(source, f"{source.kind} `{source.path}`", pipeline, code)
            elif source.kind == "file" and held[0].language:
                message = f"`{source.path}` is a notebook, which has no suffix in the workspace"
                remedy = f"name it as `notebook: {{path: {source.written.rpartition('.')[0]}}}`"
                yield pipeline.document.finding("notebook-with-suffix", source.at, f"{message} ({remedy})")


def _meant(source: PipelineSource, files: Files) -> Iterable[Path]:
    """Returns the files that a source of a pipeline may refer to."""
    assert source.path is not None
    if source.kind == "glob":
        return [files.root / file for file in matching(source.path, files)]
    suffixes = NOTEBOOK_SUFFIXES if source.kind == "notebook" else ("",)
    return [files.root / f"{source.path}{suffix}" for suffix in suffixes]


def _holds(place: str, sources: set[str]) -> bool:
    return place in sources or any(source.startswith(f"{place}/") for source in sources)


def _not_uploaded(run: TaskFile | PipelineSource, what: str, entry: Entry, code: WorkspaceCode) -> Finding:
    if code.commit:
        why = f"is not in commit {code.commit[:8]}, or is a link (commit the file itself)"
    else:
        kinds = "a link, hidden, in `explore`, or a view or function"
        why = f"is not uploaded, because it is {kinds} (move the file)"
    return entry.document.finding("not-in-workspace", run.at, f"{what} {why}")
