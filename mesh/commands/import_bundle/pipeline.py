"""A pipeline of a bundle as the fields of a deployment.yml."""

from __future__ import annotations

import re

from mesh.commands.import_bundle.fields import SET_BY_MESH, Conversion
from mesh.commands.import_bundle.files import ROOT_FOLDER, bundle_file
from mesh.commands.import_bundle.flow_plan import PlannedFlow
from mesh.commands.import_bundle.job import DATA_PARAMETERS
from mesh.commands.import_bundle.node import Node
from mesh.model.defaults import CONTEXT_PARAMETERS
from mesh.model.level import wrong_with_name
from mesh.model.pipeline import PipelineFile

_SCHEMA = re.compile(r"\$\{resources\.schemas\.(?P<key>[\w-]+)\.\w+\}")
_SOURCES = {"notebook": "path", "file": "path", "glob": "include"}
_LABELS = {"notebook": "notebook", "file": "source file", "glob": "source file"}


def pipeline_fields(flow: PlannedFlow, conversion: Conversion) -> Node:
    """Returns the fields of the flow's deployment.yml in one target.

    Args:
        flow: the planned flow of the pipeline.
        conversion: the bundle in that target.
    """
    written = conversion.content.child("resources", "pipelines", flow.key)
    schema = _schema(written, flow, conversion)
    of_naming = ("catalog", "schema", "target", "storage")
    for name in ("catalog", "storage"):
        if one := written.get(name):
            conversion.remarks.changed(
                one.place, f"`{name}` of a pipeline", "the naming templates set the catalog"
            )
    names = {*PipelineFile.shape().fields, *PipelineFile.model_fields}
    pipeline = conversion.known(
        conversion.resolved(written.without(*of_naming, *SET_BY_MESH)), names, "pipeline"
    )
    pipeline = conversion.with_names(pipeline)
    if schema is not None:
        pipeline = pipeline.having(schema=schema)
    development = conversion.content.get("presets", "pipelines_development")
    if development and pipeline.get("development") is None:
        pipeline = pipeline.having(development=development)
    pipeline = _with_sources(conversion.with_libraries(pipeline), conversion)
    pipeline = _with_configuration(pipeline, conversion)
    if environment := pipeline.get("environment"):
        pipeline = pipeline.having(environment=conversion.with_dependencies(environment))
    pipeline = conversion.with_run_as(conversion.with_permissions(pipeline, "pipelines"))
    return conversion.swept(conversion.with_tags(pipeline)) or pipeline.new({})


def _schema(written: Node, flow: PlannedFlow, conversion: Conversion) -> Node | None:
    """The name of the pipeline's schema as the flow declares it; None for the flow's own."""
    one = written.get("schema") or written.get("target")
    if one is None:
        return None
    found = _SCHEMA.fullmatch(one.text.strip())
    if found and conversion.data.schemas.get(found["key"]) == flow:
        return one.new(conversion.data.schema_names[found["key"]])
    if "${" in one.text or wrong_with_name(one.text):
        now = "the flow's own schema; name it in `schemas` if it should have another name"
        conversion.remarks.changed(one.place, f"schema `{one.text[:80]}`", now)
        return None
    for key in conversion.data.of_flow(flow):
        if conversion.data.schema_names[key] == one.text:
            return one
    return None if conversion.data.of_flow(flow) else one


def _with_sources(pipeline: Node, conversion: Conversion) -> Node:
    libraries = pipeline.get("libraries")
    if libraries is not None:
        listed = []
        for library in libraries.items:
            fields = dict(library.fields)
            for kind, field in _SOURCES.items():
                node = library.get(kind, field)
                if node and node.text and not node.text.startswith("/"):
                    remarks, label = conversion.remarks, _LABELS[kind]
                    file = bundle_file(node, conversion.folder, label, remarks, notebook=kind == "notebook")
                    fields[kind] = library.child(kind).having(**{field: file or node})
            listed.append(Node(fields, library.place))
        pipeline = pipeline.having(libraries=Node(listed, libraries.place))
    root_path = pipeline.get("root_path")
    if root_path and root_path.text and not root_path.text.startswith("/"):
        folder = bundle_file(root_path, conversion.folder, ROOT_FOLDER, conversion.remarks)
        pipeline = pipeline.having(root_path=folder or root_path)
    return pipeline


def _with_configuration(pipeline: Node, conversion: Conversion) -> Node:
    """The pipeline without the entries of its configuration that the deployment sets."""
    configuration = pipeline.get("configuration")
    if configuration is None:
        return pipeline
    given = [name for name in configuration.fields if name in (*DATA_PARAMETERS, *CONTEXT_PARAMETERS)]
    for name in given:
        place = configuration.fields[name].place
        conversion.remarks.changed(place, f"`{name}` in the configuration", "the deployment sets it")
    left = configuration.without(*given)
    return pipeline.having(configuration=left) if left.fields else pipeline.without("configuration")
