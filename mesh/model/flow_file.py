"""What a deployment.yml may say of a flow as such, whether a job or a pipeline fills its data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field

from mesh.documents.document import Document, Location
from mesh.documents.passthrough import PassThrough
from mesh.finding import Finding
from mesh.model.defaults import ParameterName, SettingsFile
from mesh.model.experiment import ExperimentFile
from mesh.model.grant import ScopedGrantFile
from mesh.model.level import Level, Name
from mesh.model.schema import SchemaFile


def _by_name(declared: Any) -> Any:
    """A list of names is short for a mapping that says nothing more of them."""
    if not isinstance(declared, list) or not all(isinstance(item, str) for item in declared):
        return declared
    return {name: {} for name in declared}


def _listed(declared: Any) -> Any:
    return [declared] if isinstance(declared, str) else declared


class FlowFile(Level, SettingsFile, PassThrough):
    """What a deployment.yml may say of a flow's data, and of all that runs in it."""

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
    """Flows whose data it reads: it gets `<name>_catalog` and `<name>_schema` as parameters."""

    experiment: ExperimentFile | None = None
    """Where all parts of the flow track what they try: their jobs get its name as `experiment`."""

    def check(self, document: Document, at: Location) -> Iterator[Finding]:
        """What is wrong with the fields of what runs, and with those of the experiment."""
        yield from super().check(document, at)
        if self.experiment is not None:
            yield from self.experiment.check(document, (*at, "experiment"))
