"""What a deployment.yml may say of a pipeline: every field of the Pipelines API, in its own spelling."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Annotated, Any, ClassVar

from pydantic import Field

from mesh.cluster import ClusterFields
from mesh.document import Document, Location
from mesh.finding import Finding
from mesh.flow_file import FlowFile
from mesh.job_shape import job_shape
from mesh.shape import Field as ShapeField
from mesh.shape import Shape, shape

# Where a pipeline's data goes is for the naming templates to say; `target` and `storage` are what pipelines
# outside Unity Catalog have instead
_BY_NAMING = ("catalog", "target", "storage")
# Terraform's provider reads these, and nobody sets them
_OF_THE_WORKSPACE = (
    "cause",
    "cluster_id",
    "creator_user_name",
    "health",
    "last_modified",
    "latest_updates",
    "run_as_user_name",
    "state",
    "timeouts",
    "url",
)
# brickops' `PipelineConfig`: what it has for every pipeline and Terraform does not know, with the values
# that it always had
_WITHOUT_EFFECT: Mapping[str, Any] = {"data_sampling": False, "pipeline_type": "WORKSPACE"}
_TASKS = Shape({"pipeline_key": ShapeField("pipeline_key", "pipeline_key", "string", "", required=True)})


class PipelineClusterFile(ClusterFields):
    """A cluster of a pipeline; Databricks chooses machines where nothing is said of them."""

    NAME = "cluster_name"
    NEEDS_NODE: ClassVar[bool] = False

    @classmethod
    def shape(cls) -> Shape:
        """The Pipelines API's `clusters`."""
        return shape("pipeline").inside("clusters")


class PipelineFile(FlowFile):
    """A deployment.yml of a pipeline, or one pipeline of several."""

    policy_name: Annotated[str, Field(min_length=1)] | None = None
    """The cluster policy of its cluster, by name, where it is not serverless."""

    @classmethod
    def shape(cls) -> Shape:
        """The fields of the pipeline that only Databricks gives a meaning, and brickops' own."""
        return pipeline_shape().without(*cls.model_fields)

    def check(self, document: Document, at: Location) -> Iterator[Finding]:
        """What is wrong with its fields, and with those that are not for it to say."""
        yield from super().check(document, at)
        for name in _BY_NAMING:
            if self.passed.get(name) is not None:
                message = f"`{name}` is for the naming templates and `schema` to say (remove it)"
                yield document.finding("name-given", (*at, name), message, at_key=True)
        for name, value in _WITHOUT_EFFECT.items():
            if self.passed.get(name, value) != value:
                message = f"`{name}` is no field of Terraform's databricks_pipeline (remove it)"
                yield document.finding("unknown-field", (*at, name), message, at_key=True)

    @property
    def own(self) -> dict[str, Any]:
        """The fields of the pipeline itself."""
        known = shape("pipeline").fields
        return {name: value for name, value in self.passed.items() if name in known and value is not None}


@cache
def pipeline_shape() -> Shape:
    """Every field of a pipeline that can be said, with the schedule that a job has for it."""
    known = shape("pipeline")
    clusters = replace(known.fields["clusters"], type=PipelineClusterFile.whole_shape())
    brickops = (
        ShapeField("pipeline_tasks", "pipeline_tasks", _TASKS, "[]"),
        ShapeField("data_sampling", "data_sampling", "bool"),
        ShapeField("pipeline_type", "pipeline_type", "string"),
        ShapeField("git_source", "git_source", job_shape().inside("git_source")),
    )
    schedule = job_shape().fields["schedule"]
    return known.without(*_OF_THE_WORKSPACE).adding(clusters, schedule, *brickops)
