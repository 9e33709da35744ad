"""Deployed pipelines and their updates as evidence: a pipeline counts as a job, an update as a run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from mesh.workshop.course.evidence import Job, Run, RunState

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

_MOST_PER_REQUEST = 100
_PATH = re.compile(r"orgs/([^/]+)/domains/([^/]+)/projects/([^/]+)/flows/(.+)/[^/]+$")
_FINAL_STATES: dict[str, RunState] = {"COMPLETED": "succeeded", "CANCELED": "cancelled", "FAILED": "failed"}


class PipelineUpdates:
    """Reads the updates of pipelines.

    Args:
        client: the workspace client.
    """

    def __init__(self, client: WorkspaceClient) -> None:
        self._client = client
        # a commit never changes, and a class that is watched is read again and again
        self._commits: dict[str, str | None] = {}

    def read(self, pipeline: str, most: int) -> list[Run]:
        """The newest updates of a pipeline, the newest first.

        Args:
            pipeline: the pipeline's id.
            most: the maximum number of updates.
        """
        return [self._run(pipeline, update) for update in islice(self._listed(pipeline, most), most)]

    def _listed(self, pipeline: str, most: int) -> Iterator[Any]:
        """All updates, page by page; the SDK's method returns one page."""
        token: str | None = None
        while True:
            page = self._client.pipelines.list_updates(
                pipeline, max_results=min(most, _MOST_PER_REQUEST), page_token=token
            )
            yield from page.updates or ()
            if not (token := page.next_page_token):
                return

    def _run(self, pipeline: str, update: Any) -> Run:
        state = _FINAL_STATES.get(str(getattr(update.state, "value", "")), "running")
        commit = self._commit(pipeline, str(update.update_id))
        return Run(_time(update.creation_time), "", state, commit=commit)

    def _commit(self, pipeline: str, update: str) -> str | None:
        """The commit in an update's settings, which the list of updates does not contain."""
        if update not in self._commits:
            settings = self._client.pipelines.get_update(pipeline, update).update
            config = settings.config if settings else None
            self._commits[update] = ((config and config.configuration) or {}).get("git_commit")
        return self._commits[update]


def pipeline_job(pipeline: Any) -> Job | None:
    """Converts a pipeline whose sources are in a flow of the mesh, without its updates.

    Returns:
        None for any other pipeline.
    """
    spec = pipeline.spec
    flow = next(filter(None, map(_flow_of_library, (spec and spec.libraries) or ())), None)
    if flow is None:
        return None
    creator = str(pipeline.creator_user_name or "").lower()
    return Job(
        id=str(pipeline.pipeline_id),
        flow=flow,
        created=_time(pipeline.last_modified),
        creator=creator,
        run_as=str(pipeline.run_as_user_name or creator).lower(),
        tags=dict(spec.tags or {}),
        schema=f"{spec.catalog or ''}.{spec.schema or spec.target or ''}",
    )


def flow_of(path: str) -> str | None:
    """The flow whose folder contains a file of the workspace: `<org>/<domain>/<project>/<flowtype>/<flow>`."""
    match = _PATH.search(path)
    return "/".join(match.groups()) if match else None


def _time(milliseconds: int | None) -> datetime:
    return datetime.fromtimestamp((milliseconds or 0) / 1000, UTC)


def _flow_of_library(library: Any) -> str | None:
    source = library.notebook or library.file
    return flow_of(str(source.path)) if source else None
