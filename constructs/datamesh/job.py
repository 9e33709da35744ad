"""A Databricks job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_databricks.job import Job as JobResource
from constructs import Construct

from datamesh.lookups import Lookups
from datamesh.permissions import Permissions
from mesh import job as model

# Terraform's blocks are called in the singular, and a git source without its prefix; Terraform
# documentation of the Databricks provider, "databricks_job".
_BLOCKS = {"tasks": "task", "parameters": "parameter", "job_clusters": "job_cluster"}
_GIT_SOURCE = {"git_url": "url", "git_provider": "provider", "git_commit": "commit"}


class Job(Construct):
    """A job with its tasks and permissions, from the settings that the Jobs API would get."""

    def __init__(
        self,
        scope: Construct,
        job: model.Job,
        depends_on: Sequence[ITerraformDependable] = (),
        lookups: Lookups | None = None,
    ) -> None:
        """Make the job.

        Args:
            scope: the flow's construct.
            job: the job.
            depends_on: what has to be there before it.
            lookups: those of the stack; by default the job's own.
        """
        super().__init__(scope, "Job")
        self.resource = JobResource(self, "Resource", name=job.name, depends_on=list(depends_on) or None)
        self.resource.override_logical_id(job.id)
        settings = (lookups or Lookups(self)).resolve(job.settings)
        for field, value in self._arguments(settings).items():
            self.resource.add_override(field, value)
        Permissions(self, job.id, job.permissions, job_id=self.resource.id)

    def _arguments(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """The settings as arguments of `databricks_job`."""
        arguments = {_BLOCKS.get(field, field): value for field, value in settings.items() if field != "name"}
        if git_source := settings.get("git_source"):
            arguments["git_source"] = {_GIT_SOURCE[field]: value for field, value in git_source.items()}
        return arguments
