"""A flow: a folder with a deployment.yml and the notebooks that it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import PurePosixPath
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from mesh.defaults import ParameterName, SettingsFile
from mesh.document import Document
from mesh.grant import ScopedGrantFile
from mesh.job_shape import job_shape
from mesh.level import Level, Name
from mesh.schema import SchemaFile
from mesh.shape import Shape
from mesh.shaped import Shaped
from mesh.task import KEY, Task, declared_tasks


def _by_name(declared: Any) -> Any:
    """A list of names is short for a mapping that says nothing more of them."""
    if not isinstance(declared, list) or not all(isinstance(item, str) for item in declared):
        return declared
    return {name: {} for name in declared}


def _listed(declared: Any) -> Any:
    return [declared] if isinstance(declared, str) else declared


class FlowFile(Level, SettingsFile, Shaped):
    """What a deployment.yml may say: of the flow's data, and every field of its job in the API's spelling."""

    model_config = ConfigDict(extra="allow")

    schemas: (
        Annotated[
            Mapping[Name, SchemaFile],
            BeforeValidator(_by_name, json_schema_input_type=Mapping[Name, SchemaFile] | tuple[Name, ...]),
        ]
        | None
    ) = None
    """The schemas that the flow fills, by their own names; by default one, named like the flow."""

    grants: tuple[ScopedGrantFile, ...] = ()
    """Who may do what with the flow's data, or with one of its schemas."""

    renamed_from: Annotated[
        tuple[str, ...], BeforeValidator(_listed, json_schema_input_type=str | tuple[str, ...])
    ] = ()
    """What it was called before, or `flowtype/flow`; of several names the newest first. Its data stays."""

    reads: Mapping[ParameterName, str] = Field(default_factory=dict)
    """Flows whose data it reads: its job gets `<name>_catalog` and `<name>_schema` as parameters."""

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
        fields["jobs"] = {"description": "Several jobs, each with its name.", "type": "array", "minItems": 1}
        return made


@dataclass(frozen=True)
class Flow:
    """A flow as its folder declares it.

    Args:
        org: the org's name; None where `domains/` is at the root.
        domain: the domain's name.
        project: the project's name.
        flowtype: `prep`, `ml` or what the folder is called.
        name: the flow's name.
        part: the folders below it, as in `ml/taximodel/training`.
        document: its deployment.yml.
        declared: what that says.
        former_project: domain and project that its data is named after, where these were others once.
        otherwise: the flow in the environments that deployment.yml says more of.
        overrides: its deployment.yml as it is written, where it says more of environments.
        several: document and declaration of each job by its name, where it has several.
        job_name: the name of the one job that this is, of several.
    """

    org: str | None
    domain: str
    project: str
    flowtype: str
    name: str
    part: tuple[str, ...]
    document: Document
    declared: FlowFile
    former_project: tuple[str, str] | None = None
    otherwise: Mapping[str, Flow] = field(default_factory=dict)
    overrides: Document | None = None
    several: Mapping[str, tuple[Document, FlowFile]] = field(default_factory=dict)
    job_name: str | None = None

    def in_environment(self, name: str) -> Flow:
        """The flow as it is declared for one environment."""
        return self.otherwise.get(name, self)

    @cached_property
    def jobs(self) -> tuple[Flow, ...]:
        """The flow once for each of its jobs, with what is said of that one."""
        if not self.several:
            return (self,) if self.tasks else ()
        made = (
            replace(self, document=document, declared=declared, several={}, job_name=name)
            for name, (document, declared) in self.several.items()
        )
        return tuple(job for job in made if job.tasks)

    @property
    def job_id(self) -> str:
        """The Terraform name of its job."""
        return "_".join(part for part in (self.id, self.job_name) if part)

    @property
    def file(self) -> str:
        """Its deployment.yml, from the mesh's root."""
        return self.document.file

    @property
    def path(self) -> str:
        """Where it is in the mesh, for example `acme/transport/taxinyc/prep/revenue`."""
        levels = (self.org, self.domain, self.project, self.flowtype, self.name, *self.part)
        return "/".join(level for level in levels if level)

    @property
    def path_in_project(self) -> str:
        """Where it is in its project, for example `prep/revenue`."""
        return "/".join((self.flowtype, self.name, *self.part))

    @property
    def id(self) -> str:
        """Its Terraform name, for example `prep_revenue`."""
        return "_".join((self.flowtype, self.name, *self.part))

    @cached_property
    def tasks(self) -> tuple[Task, ...]:
        """What its job does; without tasks there is no job."""
        return declared_tasks(self.declared.passed, self.file)

    @property
    def job_clusters(self) -> dict[str, int]:
        """The job clusters that it declares itself: by key, where in their list they stand."""
        listed = self.declared.passed.get("job_clusters")
        entries = enumerate(listed if isinstance(listed, list) else [])
        keys = ((one.get("job_cluster_key") if isinstance(one, Mapping) else None, at) for at, one in entries)
        return {key: at for key, at in keys if isinstance(key, str)}

    @property
    def schemas(self) -> tuple[str, ...]:
        """The own names of the schemas that it fills, before the naming template."""
        if self.declared.schemas is not None:
            return tuple(self.declared.schemas)
        return (self.data_name,) if self.document.data else ()

    @property
    def former(self) -> tuple[tuple[str, ...], ...]:
        """Where it was in its project before, newest first, for example `(("prep", "income"),)`."""
        steps = (tuple(old.split("/")) for old in self.declared.renamed_from)
        return tuple(path if len(path) > 1 else (self.flowtype, *path, *self.part) for path in steps)

    @property
    def data_name(self) -> str:
        """The name that its data keeps: the oldest one."""
        return self.former[-1][1] if self.former else self.name

    @property
    def name_fields(self) -> Mapping[str, str | None]:
        """What naming templates may use of its path; brickops' `parsepath`."""
        return {
            "org": self.org,
            "domain": self.domain,
            "project": self.project,
            "activity": "flows",
            "flowtype": self.flowtype,
            "flow": self.name,
            "file": "/" + self.file,
        }

    @property
    def data_fields(self) -> Mapping[str, str | None]:
        """What naming templates of catalogs and schemas may use: as `name_fields`, before all renaming."""
        domain, project = self.former_project or (self.domain, self.project)
        flowtype = self.former[-1][0] if self.former else self.flowtype
        return {
            **self.name_fields,
            "domain": domain,
            "project": project,
            "flowtype": flowtype,
            "flow": self.data_name,
        }

    @property
    def folder(self) -> PurePosixPath:
        """Its folder, from the mesh's root."""
        return PurePosixPath(self.file).parent
