"""Settings that all jobs below a level share: what a defaults.yml, and a deployment.yml, may say of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, StrictBool, StrictInt

from mesh.documents.checked_model import CheckedModel
from mesh.documents.document import Document
from mesh.documents.passthrough import PassThrough
from mesh.documents.provider_fields import Shape, shape
from mesh.model.permission import (
    PermissionFile,
)

ParameterName = Annotated[str, Field(pattern=r"^[\w.-]+$")]


class Parameter(CheckedModel):
    """A job parameter; Databricks Jobs API, `parameters`."""

    name: ParameterName
    """What notebooks ask for as a widget."""

    default: str
    """Its value unless a run says otherwise."""


class EmailNotifications(PassThrough):
    """Who hears of a run; Databricks Jobs API, `email_notifications`."""

    @classmethod
    def shape(cls) -> Shape:
        """Lists of e-mail addresses by event."""
        return shape("job").inside("email_notifications")


class Retries(CheckedModel):
    """When a task is tried again; Databricks Jobs API, `tasks`."""

    max_retries: Annotated[StrictInt, Field(ge=-1)] | None = None
    """How often a task that failed is tried again; -1 without end, 0 never."""

    min_retry_interval_millis: Annotated[StrictInt, Field(ge=0)] | None = None
    """Milliseconds from the start of a run that failed to the next try."""

    retry_on_timeout: StrictBool | None = None
    """Whether a task that ran out of time is tried again."""


class SettingsFile(CheckedModel):
    """What every level may say of the jobs below it, and a flow of its own."""

    tags: Mapping[str, str] = Field(default_factory=dict)
    """Tags by key, beside those that the deployment adds."""

    parameters: tuple[Parameter, ...] = ()
    """Job parameters, before those that the deployment adds."""

    email_notifications: EmailNotifications | None = None
    """Who hears of a run; an empty list silences what a level above says of the same event."""

    max_concurrent_runs: Annotated[StrictInt, Field(ge=1, le=1000)] | None = None
    """How many runs of a job may overlap; by default 1."""

    timeout_seconds: Annotated[StrictInt, Field(ge=0)] | None = None
    """After how many seconds a run is cancelled; 0 never."""

    permissions: tuple[PermissionFile, ...] = ()
    """Who may see, run or manage jobs."""


class DefaultsFile(SettingsFile, Retries):
    """What a defaults.yml may say; of tasks, what holds for those that say nothing else."""


@dataclass(frozen=True)
class Defaults:
    """The defaults of one level.

    Args:
        document: its defaults.yml.
        declared: what that says.
    """

    document: Document
    declared: DefaultsFile


# Tags and parameters that say which deployment runs; brickops' `build_context_parameters`, `tags`
CONTEXT_TAGS = ("deployment", "git_url", "git_branch", "git_commit")


CONTEXT_PARAMETERS = ("pipeline_env", "git_url", "git_branch", "git_commit")
