"""A flow."""

from __future__ import annotations

from collections.abc import Sequence

from datamesh.bindings import Construct, cdktf
from datamesh.job import Job
from datamesh.lookups import Lookups
from datamesh.pipeline import Pipeline
from datamesh.schema import Schema
from mesh.deployment.flow import FlowDeployment


class Flow(Construct):
    """A flow: its schemas, and the job or pipeline that writes to them.

    Source: the flow's `deployment.yml`; names by `.brickopscfg/config.yml`.
    """

    def __init__(
        self,
        scope: Construct,
        flow: FlowDeployment,
        code: Sequence[cdktf.ITerraformDependable] = (),
        keeper: str | None = None,
        lookups: Lookups | None = None,
        from_git: bool = False,
    ) -> None:
        """Creates the flow.

        Args:
            scope: the project's construct.
            flow: the flow.
            code: the code files and the experiment of the flow in the same stack.
            keeper: the principal that may manage the schemas besides their owner.
            lookups: the lookups of the stack; by default, new lookups for each job and pipeline.
            from_git: True if jobs use none of these files; pipelines always use them.
        """
        super().__init__(scope, flow.id)
        self.schemas = {schema.id: Schema(self, schema, keeper) for schema in flow.schemas}
        schemas = [schema.resource for schema in self.schemas.values()]
        needed = [*schemas, *code]
        self.jobs = [Job(self, job, schemas if from_git else needed, lookups) for job in flow.jobs]
        self.pipelines = [Pipeline(self, pipeline, needed, lookups) for pipeline in flow.pipelines]
