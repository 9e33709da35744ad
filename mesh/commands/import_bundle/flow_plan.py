"""Which flow each job and pipeline of a bundle becomes, and which flow holds each object of its data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mesh.commands.import_bundle.node import Node, walk
from mesh.model.level import wrong_with_name


@dataclass(frozen=True)
class PlannedFlow:
    """A flow that an import writes.

    Args:
        kind: `jobs` or `pipelines`: the resource of the bundle.
        key: the name of the resource in the bundle.
        name: the name of the flow's folder.
        path: its path in the mesh.
    """

    kind: str
    key: str
    name: str
    path: str


@dataclass
class FlowData:
    """The data objects of the bundle, with the flow that declares each.

    Args:
        schemas: the flow of each schema, by the schema's key in the bundle.
        schema_names: the name under which a flow declares a schema, by the schema's key.
        experiments: the flow of each experiment, by its key.
        volumes: the schema key and the name of each volume, by its key.
    """

    schemas: dict[str, PlannedFlow] = field(default_factory=dict)
    schema_names: dict[str, str] = field(default_factory=dict)
    experiments: dict[str, PlannedFlow] = field(default_factory=dict)
    volumes: dict[str, tuple[str, str]] = field(default_factory=dict)

    def of_flow(self, flow: PlannedFlow) -> list[str]:
        """The keys of the schemas that a flow declares."""
        return [key for key, owner in self.schemas.items() if owner == flow]


def planned_flows(content: Node, above: str) -> dict[tuple[str, str], PlannedFlow]:
    """Returns the flows for the jobs and pipelines of a bundle, by kind and key.

    Args:
        content: the content of the bundle.
        above: the path of the project and the flow type.
    """
    planned: dict[tuple[str, str], PlannedFlow] = {}
    taken: set[str] = set()
    for kind in ("jobs", "pipelines"):
        for key in content.child("resources", kind).fields:
            name = folder_name(key)
            if name.lower() in taken:
                name = f"{name}_{kind.removesuffix('s')}"
            while name.lower() in taken:
                name += "_"
            taken.add(name.lower())
            planned[kind, key] = PlannedFlow(kind, key, name, f"{above}/{name}")
    return planned


def folder_name(key: str) -> str:
    """Returns a valid name of a folder, from the key of a resource or the name of a bundle."""
    name = re.sub(r"[^\w-]+", "_", key).strip("_-") or "flow"
    return f"{name}_" if wrong_with_name(name) else name


def planned_data(content: Node, flows: Mapping[tuple[str, str], PlannedFlow]) -> FlowData:
    """Returns which flow declares each schema and experiment, and the schema of each volume.

    That is the first flow that refers to it; in a bundle with one flow, that flow.

    Args:
        content: the content of the bundle, with references as written.
        flows: the flows, by kind and key.
    """
    data = FlowData()
    texts = {flow: _texts(content.child("resources", *at)) for at, flow in flows.items()}
    only = next(iter(flows.values())) if len(flows) == 1 else None
    for key, schema in content.child("resources", "schemas").fields.items():
        name = schema.child("name").text
        reference = f"resources.schemas.{key}."
        owner = _fills(content, flows, reference, name) or _first(texts, reference) or only
        declared = name if name and "${" not in name else key
        if owner:
            data.schemas[key] = owner
            data.schema_names[key] = declared if not wrong_with_name(declared) else folder_name(declared)
    for key, experiment in content.child("resources", "experiments").fields.items():
        name = experiment.child("name").text
        taken = data.experiments.values()
        owner = _first(texts, f"resources.experiments.{key}.", name if "${" in name else "") or only
        if owner and owner not in taken and owner.kind == "jobs":
            data.experiments[key] = owner
    for key, volume in content.child("resources", "volumes").fields.items():
        schema_key = schema_of(volume, content, data)
        if schema_key:
            data.volumes[key] = (schema_key, volume.child("name").text or key)
    return data


def schema_of(one: Node, content: Node, data: FlowData) -> str | None:
    """Returns the key of the schema that a volume or model is in; None if no flow declares it.

    Args:
        one: the volume or model, with references as written.
        content: the content of the bundle.
        data: the flows of its schemas.
    """
    written = one.child("schema_name").text
    for key in data.schemas:
        name = content.child("resources", "schemas", key, "name").text
        if f"resources.schemas.{key}." in written or (written and written == name):
            return key
    return None


def _first(texts: Mapping[PlannedFlow, set[str]], *references: str) -> PlannedFlow | None:
    """The first flow whose texts contain one of the references."""
    wanted = [one for one in references if one]
    return next(
        (flow for flow, found in texts.items() if any(one in text for one in wanted for text in found)), None
    )


def _fills(
    content: Node, flows: Mapping[tuple[str, str], PlannedFlow], reference: str, name: str
) -> PlannedFlow | None:
    """The pipeline that fills a schema."""
    for (kind, key), flow in flows.items():
        pipeline = content.child("resources", kind, key)
        for target in (pipeline.child("schema").text, pipeline.child("target").text):
            if kind == "pipelines" and target and (reference in target or target == name):
                return flow
    return None


def _texts(node: Node) -> set[str]:
    return {inner.text for _, inner in walk(node) if inner.text}
