"""A pipeline."""

from __future__ import annotations

from collections.abc import Sequence

from datamesh.arguments import set_arguments
from datamesh.bindings import Construct, cdktf, databricks
from datamesh.job import Job
from datamesh.lookups import Lookups
from datamesh.permissions import Permissions
from datamesh.protection import lifecycle
from mesh.deployment import pipeline as model
from mesh.documents.provider_fields import shape, terraform_arguments


class Pipeline(Construct):
    """A pipeline with its permissions and schedule, created from settings in the format of the API."""

    def __init__(
        self,
        scope: Construct,
        pipeline: model.Pipeline,
        depends_on: Sequence[cdktf.ITerraformDependable] = (),
        lookups: Lookups | None = None,
    ) -> None:
        """Creates the pipeline.

        Args:
            scope: the flow's construct.
            pipeline: the pipeline.
            depends_on: the resources to create before the pipeline.
            lookups: the lookups of the stack; by default, new lookups for this pipeline.
        """
        super().__init__(scope, f"Pipeline {pipeline.id}")
        lookups = lookups or Lookups(self)
        self.resource = databricks.pipeline.Pipeline(
            self,
            "Resource",
            depends_on=list(depends_on) or None,
            lifecycle=lifecycle(protected=pipeline.protected),
        )
        self.resource.override_logical_id(pipeline.id)
        settings = lookups.resolve(pipeline.settings)
        address = f"databricks_pipeline.{pipeline.id}"
        set_arguments(self.resource, address, terraform_arguments(settings, shape("pipeline")))
        if pipeline.permissions:
            permissions = model.permissions_id(pipeline.id)
            Permissions(self, permissions, pipeline.permissions, pipeline_id=self.resource.id)
        if pipeline.schedule:
            Job(self, pipeline.schedule, lookups=lookups)
