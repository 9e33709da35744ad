"""The fields of a deployment.yml that belong to the flow, for jobs and pipelines alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field

from mesh.documents.document import Document, Location
from mesh.documents.passthrough import PassThrough
from mesh.finding import Finding
from mesh.model.access_policy import SchemaPolicyFile
from mesh.model.catalog_function import FunctionFile
from mesh.model.defaults import ParameterName, SettingsFile
from mesh.model.experiment import ExperimentFile
from mesh.model.grant import ScopedGrantFile
from mesh.model.level import Level, Name
from mesh.model.read import ReadFile, as_read
from mesh.model.schema import SchemaFile
from mesh.model.table import TableFile


def _by_name(declared: Any) -> Any:
    """Turns a list of names into a mapping of names to empty fields."""
    if not isinstance(declared, list) or not all(isinstance(item, str) for item in declared):
        return declared
    return {name: {} for name in declared}


def _listed(declared: Any) -> Any:
    return [declared] if isinstance(declared, str) else declared


class FlowFile(Level, SettingsFile, PassThrough):
    """The fields of a flow's data, and the settings of all its jobs and pipelines."""

    model_config = ConfigDict(extra="allow")

    schemas: (
        Annotated[
            Mapping[Name, SchemaFile],
            BeforeValidator(_by_name, json_schema_input_type=Mapping[Name, SchemaFile] | tuple[Name, ...]),
        ]
        | None
    ) = None
    """The schemas that the flow fills, by name; by default one schema with the flow's name."""

    grants: tuple[ScopedGrantFile, ...] = ()
    """Grants on the flow's data, or on one of its schemas."""

    renamed_from: Annotated[
        tuple[str, ...], BeforeValidator(_listed, json_schema_input_type=str | tuple[str, ...])
    ] = ()
    """The former name, or `flowtype/flow`; several names with the newest first. The data is kept."""

    reads: Mapping[
        ParameterName, Annotated[ReadFile, BeforeValidator(as_read, json_schema_input_type=str | ReadFile)]
    ] = Field(default_factory=dict)
    """Flows whose data it reads; each adds the parameters `<name>_catalog` and `<name>_schema`."""

    provides: (
        Annotated[tuple[str, ...], BeforeValidator(_listed, json_schema_input_type=str | tuple[str, ...])]
        | None
    ) = None
    """Contracts on its data, as files below its folder; by default the files in `contracts/`."""

    consumers: Annotated[
        tuple[str, ...], BeforeValidator(_listed, json_schema_input_type=str | tuple[str, ...])
    ] = ()
    """Domains, projects or flows that may read the tables of the contracts that they name in `reads`."""

    tables: Annotated[
        Mapping[Name, TableFile],
        BeforeValidator(_by_name, json_schema_input_type=Mapping[Name, TableFile] | tuple[Name, ...]),
    ] = Field(default_factory=dict)
    """Tables that the flow fills, by name: comments, keys, tags and grants on single tables."""

    functions: Mapping[Name, FunctionFile] = Field(default_factory=dict)
    """Functions that the flow creates, by name: grants on single functions."""

    policies: Mapping[Name, SchemaPolicyFile] = Field(default_factory=dict)
    """Row filters and column masks of the flow's tables, by name."""

    verify: bool | None = None
    """Whether the job verifies the contracts and the quality of the flow's data after its tasks; by default,
    the job of a flow with one job does."""

    describe: bool | None = None
    """Whether the job creates the flow's functions before its tasks, and after them its views, comments and
    keys of its tables; by default, the job of a flow with one job does."""

    experiment: ExperimentFile | None = None
    """The MLflow experiment of the flow; its jobs get the name as parameter `experiment`."""

    def check(self, document: Document, at: Location) -> Iterator[Finding]:
        """Checks the fields of the job or pipeline, and of the experiment."""
        yield from super().check(document, at)
        if self.experiment is not None:
            yield from self.experiment.check(document, (*at, "experiment"))
