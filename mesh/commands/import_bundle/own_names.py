"""Replaces names of a bundle's catalogs, schemas, volumes and experiments by parameters of the job."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from mesh.commands.import_bundle.flow_plan import FlowData, PlannedFlow
from mesh.commands.import_bundle.node import Node, Place
from mesh.commands.import_bundle.remarks import Remarks

_RESOURCE = re.compile(
    r"\$\{resources\.(?P<kind>schemas|volumes|experiments|catalogs)\.(?P<key>[\w-]+)\.(?P<field>\w+)\}"
)
_VARIABLE = re.compile(r"\$\{var\.(?P<name>catalog|catalog_name|uc_catalog|schema|schema_name)\}")
# The fields of tasks whose texts Databricks replaces at run time
_AT_RUN_TIME = {
    "base_parameters",
    "named_parameters",
    "parameters",
    "job_parameters",
    "python_named_params",
    "inputs",
}


@dataclass
class OwnNames:
    """The names in the tasks of one flow.

    Args:
        flow: the flow.
        data: the flows of the bundle's data.
        experiment_texts: the experiments that the flow may name, by the text that declares their name.
        remarks: receives what changes.
        reads: filled with the flows whose data the tasks read, by the name of the parameters' prefix.
    """

    flow: PlannedFlow
    data: FlowData
    experiment_texts: dict[str, str]
    remarks: Remarks
    reads: dict[str, str] = field(default_factory=dict)

    def replaced(self, node: Node, at_run_time: bool = False) -> Node:
        """Returns a tree of tasks with the flow's parameters in place of names, where a run replaces them."""
        if isinstance(node.value, dict):
            return Node(
                {
                    key: self.replaced(one, at_run_time or key in _AT_RUN_TIME)
                    for key, one in node.fields.items()
                },
                node.place,
            )
        if isinstance(node.value, list):
            return Node([self.replaced(one, at_run_time) for one in node.items], node.place)
        if not at_run_time or "${" not in node.text:
            return node
        if node.text in self.experiment_texts and self.experiment_texts[node.text] in self._experiments():
            return node.new("{{job.parameters.experiment}}")
        text = _RESOURCE.sub(lambda found: self._resource(found) or found[0], node.text)
        return node.new(_VARIABLE.sub(self._variable(node.place), text))

    def _experiments(self) -> list[str]:
        return [key for key, owner in self.data.experiments.items() if owner == self.flow]

    def _resource(self, found: re.Match[str]) -> str | None:
        kind, key, name = found["kind"], found["key"], found["field"]
        if kind == "experiments":
            return "{{job.parameters.experiment}}" if key in self._experiments() else None
        if kind == "catalogs":
            return "{{job.parameters.catalog}}"
        if kind == "volumes":
            if key not in self.data.volumes:
                return None
            schema, volume = self.data.volumes[key]
            if name == "name":
                return volume
            places = self._places(schema)
            if places is None:
                return None
            catalog, schema_name = places
            return f"/Volumes/{catalog}/{schema_name}/{volume}" if name == "volume_path" else None
        places = self._places(key)
        if places is None:
            return None
        catalog, schema_name = places
        return {"name": schema_name, "catalog_name": catalog}.get(name, f"{catalog}.{schema_name}")

    def _places(self, schema: str) -> tuple[str, ...] | None:
        """The parameters with the catalog and the name of a schema; None if no parameter has it."""
        owner = self.data.schemas.get(schema)
        if owner is None or self.data.of_flow(owner)[0] != schema:
            return None  # parameters name the first schema of a flow
        if owner == self.flow:
            return "{{job.parameters.catalog}}", "{{job.parameters.schema}}"
        prefix = re.sub(r"\W", "_", schema)
        self.reads[prefix] = owner.path
        return f"{{{{job.parameters.{prefix}_catalog}}}}", f"{{{{job.parameters.{prefix}_schema}}}}"

    def _variable(self, place: Place) -> Callable[[re.Match[str]], str]:
        def replace(found: re.Match[str]) -> str:
            name = "catalog" if "catalog" in found["name"] else "schema"
            now = f"the flow's own {name}, {{{{job.parameters.{name}}}}}"
            if name == "schema":
                now += "; for the tables of another flow, name it in `reads`"
            self.remarks.changed(place, f"`{found[0]}`", now)
            return f"{{{{job.parameters.{name}}}}}"

        return replace
