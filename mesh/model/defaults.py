"""Settings that all jobs below a level share, in defaults.yml and deployment.yml."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StrictBool, StrictInt

from mesh.documents.checked_model import CheckedModel
from mesh.documents.document import Document
from mesh.documents.passthrough import PassThrough
from mesh.documents.provider_fields import Shape, shape
from mesh.model.permission import (
    PermissionFile,
)

# The origin of values that no file declares
BUILT_IN_ORIGIN = "built in"

ParameterName = Annotated[str, Field(pattern=r"^[\w.-]+$")]


def parameter_text(value: Any) -> Any:
    """Returns the text that Databricks makes of a parameter's value: brickops sends numbers and booleans.

    YAML reads numbers before anything else does: `007` is 7, `1_000` is 1000, `yes` is true.
    """
    return json.dumps(value) if isinstance(value, bool | int | float) else value


ParameterText = Annotated[
    str, BeforeValidator(parameter_text, json_schema_input_type=str | int | float | bool)
]


class Parameter(CheckedModel):
    """A job parameter; Databricks Jobs API, `parameters`."""

    name: ParameterName
    """The name of the widget in notebooks."""

    default: ParameterText
    """The value, unless a run sets another; a number or boolean becomes text, as YAML reads it."""


class EmailNotifications(PassThrough):
    """E-mail notifications of runs; Databricks Jobs API, `email_notifications`."""

    @classmethod
    def shape(cls) -> Shape:
        """The fields: a list of e-mail addresses for each event."""
        return shape("job").inside("email_notifications")


class Queue(CheckedModel):
    """The queue of a job's runs; Databricks Jobs API, `queue`."""

    enabled: StrictBool
    """True lets a run wait until there is capacity for it; false skips it."""


class Retries(CheckedModel):
    """Retries of tasks; Databricks Jobs API, `tasks`."""

    max_retries: Annotated[StrictInt, Field(ge=-1)] | None = None
    """The number of retries of a failed task; -1 for no limit, 0 for none."""

    min_retry_interval_millis: Annotated[StrictInt, Field(ge=0)] | None = None
    """Milliseconds from the start of a failed run to the next attempt."""

    retry_on_timeout: StrictBool | None = None
    """True retries a task that timed out."""


class SettingsFile(CheckedModel):
    """Job settings that every level may declare, and a flow for its own jobs."""

    tags: Mapping[str, str] = Field(default_factory=dict)
    """Tags by key; the deployment adds its own."""

    parameters: tuple[Parameter, ...] = ()
    """Job parameters; the deployment adds its own."""

    email_notifications: EmailNotifications | None = None
    """E-mail notifications; an empty list turns off an event that a level above declares."""

    max_concurrent_runs: Annotated[StrictInt, Field(ge=0, le=1000)] | None = None
    """The maximum number of concurrent runs; by default 1. Databricks skips all runs if it is 0."""

    timeout_seconds: Annotated[StrictInt, Field(ge=0)] | None = None
    """The timeout of a run in seconds; 0 for none."""

    queue: Queue | None = None
    """Whether runs wait while the maximum number of runs is active; by default, they are skipped."""

    permissions: tuple[PermissionFile, ...] = ()
    """Permissions on jobs."""


class DefaultsFile(SettingsFile, Retries):
    """The fields of a defaults.yml; retries apply to tasks that do not set retries."""


@dataclass(frozen=True)
class Defaults:
    """The defaults of one level.

    Args:
        document: its defaults.yml.
        declared: the fields of that file.
    """

    document: Document
    declared: DefaultsFile


# Tags and parameters that identify the deployment; brickops' `build_context_parameters`, `tags`
CONTEXT_TAGS = ("deployment", "git_url", "git_branch", "git_commit")


CONTEXT_PARAMETERS = ("pipeline_env", "git_url", "git_branch", "git_commit")
