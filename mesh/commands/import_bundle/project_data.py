"""Schemas, volumes, models, experiments and compute of a bundle, in the files of project and flows."""

from __future__ import annotations

from collections.abc import Mapping

from mesh.commands.import_bundle.fields import Conversion
from mesh.commands.import_bundle.flow_plan import PlannedFlow, schema_of
from mesh.commands.import_bundle.node import Node

_DATA = ("schemas", "volumes", "registered_models", "experiments")
_TAKEN = ("jobs", "pipelines", "clusters", "sql_warehouses", *_DATA)
# What the mesh does instead of a resource that no flow can hold
_INSTEAD = {
    "catalogs": "the naming templates name the catalog of each flow",
    "dashboards": "keep it in a bundle",
    "apps": "keep it in a bundle",
    "model_serving_endpoints": "keep it in a bundle, or serve the model from a task",
    "quality_monitors": "create it from a task of the flow that fills the table",
    "secret_scopes": "create it with the Databricks command line",
    "models": "use a registered model of Unity Catalog, in `registered_models` of project.yml",
}
_SCHEMA_FIELDS = ("comment", "properties", "storage_root", "grants")
_IN_SCHEMA_FIELDS = ("comment", "storage_location", "grants")
_NAMES = ("name", "catalog_name", "schema_name", "volume_type", "lifecycle")


def data_fields(flow: PlannedFlow, conversion: Conversion, reads: Mapping[str, str]) -> Node:
    """Returns the fields of a deployment.yml that declare the flow's data.

    Args:
        flow: the planned flow.
        conversion: the bundle in its first target.
        reads: the flows whose data it reads, by the prefix of the parameters.
    """
    resources = conversion.content.child("resources")
    result = resources.new({})
    schemas: dict[str, Node] = {}
    for key in conversion.data.of_flow(flow):
        declared = resources.child("schemas", key)
        schemas[conversion.data.schema_names[key]] = _settings(
            declared, _SCHEMA_FIELDS, f"schema `{key}`", conversion
        )
    if schemas:
        result = result.having(schemas=resources.new(schemas))
    if reads:
        result = result.having(reads=resources.new(dict(reads)))
    for key, owner in conversion.data.experiments.items():
        if owner == flow:
            declared = resources.child("experiments", key)
            fields = ("artifact_location", "description")
            settings = _settings(declared, fields, f"experiment `{key}`", conversion)
            now = "the deployment names it; its name is the job parameter `experiment`"
            conversion.remarks.changed(declared.place, f"experiment `{key}`", now)
            result = result.having(experiment=settings)
    return result


def project_fields(conversion: Conversion, schemas: Mapping[PlannedFlow, str]) -> Node:
    """Returns the fields of project.yml that declare volumes and models.

    Args:
        conversion: the bundle in its first target.
        schemas: the first schema of each flow.
    """
    resources = conversion.content.child("resources")
    result = resources.new({})
    for field, one in (("volumes", "volume"), ("registered_models", "registered model")):
        declared: dict[str, Node] = {}
        for key, node in resources.child(field).fields.items():
            label = f"{one} `{key}`"
            schema = _schema_name(node, conversion, schemas)
            if schema is None:
                remedy = f"add it to `{field}` of project.yml, with the schema of a flow"
                conversion.remarks.not_taken(node.place, f"{label} is in a schema that no flow fills", remedy)
                continue
            settings = _settings(node, _IN_SCHEMA_FIELDS, label, conversion)
            name = conversion.resolved(node).child("name").text
            name = name if name and "${" not in name and "." not in name else key
            declared[name] = Node({"schema": node.new(schema), **settings.fields}, node.place)
        if declared:
            result = result.having(**{field: resources.new(declared)})
    return result


def compute_fields(conversion: Conversion) -> Node:
    """Returns the fields of compute.yml that declare clusters and warehouses.

    Args:
        conversion: the bundle in its first target.
    """
    resources = conversion.content.child("resources")
    result = resources.new({})
    for field, name in (("clusters", "cluster_name"), ("sql_warehouses", "name")):
        declared = {}
        for key, node in resources.child(field).fields.items():
            one = conversion.with_names(conversion.resolved(node)).without(name, "lifecycle")
            declared[key] = conversion.swept(conversion.with_libraries(_levels(one))) or node.new({})
        if declared:
            result = result.having(**{field: resources.new(declared)})
    return result


def report_other_resources(conversion: Conversion) -> None:
    """Records the resources that no file of the mesh declares, and data without a flow.

    Args:
        conversion: the bundle in its first target.
    """
    for kind, resources in conversion.content.child("resources").fields.items():
        for key, node in resources.fields.items():
            if kind not in _TAKEN:
                remedy = _INSTEAD.get(kind, "keep it in a bundle")
                what = f"`{kind}.{key}`: the mesh does not deploy {kind.replace('_', ' ')}"
                conversion.remarks.not_taken(node.place, what, remedy)
            elif kind == "schemas" and key not in conversion.data.schemas:
                remedy = "add it to `schemas` of the flow that fills it"
                conversion.remarks.not_taken(node.place, f"no job or pipeline names schema `{key}`", remedy)
            elif kind == "experiments" and key not in conversion.data.experiments:
                remedy = "add `experiment: {}` to the flow that tracks its runs in it"
                conversion.remarks.not_taken(node.place, f"no job names experiment `{key}`", remedy)


def _settings(node: Node, fields: tuple[str, ...], what: str, conversion: Conversion) -> Node:
    """The fields of a data object that the mesh has; the others are recorded."""
    resolved = conversion.resolved(node)
    kept = {name: one for name, one in resolved.fields.items() if name in fields}
    for name, one in resolved.fields.items():
        if name not in (*fields, *_NAMES):
            conversion.remarks.not_taken(one.place, f"`{name}` of {what}", "the mesh does not set it")
    return conversion.swept(Node(kept, node.place)) or node.new({})


def _schema_name(node: Node, conversion: Conversion, schemas: Mapping[PlannedFlow, str]) -> str | None:
    """The name that a flow declares for the schema of a volume or model."""
    if key := schema_of(node, conversion.content, conversion.data):
        return conversion.data.schema_names[key]
    written = conversion.resolved(node).child("schema_name")
    if written.text in schemas.values():
        return written.text
    if len(schemas) == 1:
        [schema] = schemas.values()
        conversion.remarks.changed(
            written.place, f"schema `{written.text[:60]}`", f"the flow's schema `{schema}`"
        )
        return schema
    return None


def _levels(node: Node) -> Node:
    """A compute object with the mesh's spelling of permission levels."""
    listed = [one.renamed("level", "permission_level") for one in node.child("permissions").items]
    return node.having(permissions=node.new(listed)) if listed else node
