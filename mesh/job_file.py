"""What a deployment.yml may say of a job: every field of the Jobs API, in its own spelling."""

from __future__ import annotations

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from mesh.flow_file import FlowFile
from mesh.job_shape import job_shape
from mesh.shape import Shape
from mesh.task import KEY


class JobFile(FlowFile):
    """A deployment.yml of a job, or one job of several."""

    @classmethod
    def shape(cls) -> Shape:
        """The fields of the job that only Databricks gives a meaning, and `tasks`."""
        return job_shape().without(*cls.model_fields)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        made = super().__get_pydantic_json_schema__(schema, handler)
        fields = made["properties"]
        fields["tasks"]["minItems"] = 1
        fields["tasks"]["items"]["properties"]["task_key"]["pattern"] = KEY
        for name in cls.shape().fields:  # an environment's `null` removes what holds elsewhere
            fields[name]["type"] = [fields[name]["type"], "null"]
        fields["environments"] = {
            "description": "What differs by environment, or the Jobs API's serverless environments.",
            "anyOf": [fields["environments"], {"type": "object", "additionalProperties": {"type": "object"}}],
        }
        for several in ("jobs", "pipelines"):
            text = f"Several {several}, each with its name."
            fields[several] = {"description": text, "type": "array", "minItems": 1}
        return made
