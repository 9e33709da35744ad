"""A Databricks job."""

from __future__ import annotations

from collections.abc import Sequence

from datamesh.arguments import set_arguments
from datamesh.bindings import Construct, cdktf, databricks
from datamesh.lookups import Lookups
from datamesh.permissions import Permissions
from mesh.deployment import job as model
from mesh.documents.provider_fields import shape, terraform_arguments


class Job(Construct):
    """A job with its tasks and permissions, created from settings in the format of the Jobs API."""

    def __init__(
        self,
        scope: Construct,
        job: model.Job,
        depends_on: Sequence[cdktf.ITerraformDependable] = (),
        lookups: Lookups | None = None,
    ) -> None:
        """Creates the job.

        Args:
            scope: the flow's construct.
            job: the job.
            depends_on: the resources to create before the job.
            lookups: the lookups of the stack; by default, new lookups for this job.
        """
        super().__init__(scope, f"Job {job.id}")
        self.resource = databricks.job.Job(
            self, "Resource", name=job.name, depends_on=list(depends_on) or None
        )
        self.resource.override_logical_id(job.id)
        settings = (lookups or Lookups(self)).resolve(job.settings)
        arguments = terraform_arguments(settings, shape("job"))
        address = f"databricks_job.{job.id}"
        set_arguments(
            self.resource, address, {field: value for field, value in arguments.items() if field != "name"}
        )
        if job.permissions:
            Permissions(self, job.id, job.permissions, job_id=self.resource.id)
