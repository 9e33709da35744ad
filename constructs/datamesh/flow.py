"""A flow."""

from __future__ import annotations

from collections.abc import Sequence

from cdktf import ITerraformDependable
from constructs import Construct

from datamesh.job import Job
from datamesh.lookups import Lookups
from datamesh.pipeline import Pipeline
from datamesh.schema import Schema
from mesh.deployment.deployment import DeployedFlow


class Flow(Construct):
    """One flow: the schemas it fills and the job or pipeline that fills them.

    Source: the flow's `deployment.yml`; names by `.brickopscfg/config.yml`.
    """

    def __init__(
        self,
        scope: Construct,
        flow: DeployedFlow,
        code: Sequence[ITerraformDependable] = (),
        keeper: str | None = None,
        lookups: Lookups | None = None,
        from_git: bool = False,
    ) -> None:
        """Make the flow.

        Args:
            scope: the project's construct.
            flow: the flow.
            code: the files that it runs, and where it tracks, as far as they are part of the stack.
            keeper: who may manage its data besides the owner.
            lookups: those of the stack; by default each job's and pipeline's own.
            from_git: whether its jobs, other than its pipelines, use none of these files.
        """
        super().__init__(scope, flow.id)
        self.schemas = {schema.id: Schema(self, schema, keeper) for schema in flow.schemas}
        schemas = [schema.resource for schema in self.schemas.values()]
        needed = [*schemas, *code]
        self.jobs = [Job(self, job, schemas if from_git else needed, lookups) for job in flow.jobs]
        self.pipelines = [Pipeline(self, pipeline, needed, lookups) for pipeline in flow.pipelines]
