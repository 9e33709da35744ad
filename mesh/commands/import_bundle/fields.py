"""Fields that jobs and pipelines of a bundle share, in the spelling of deployment.yml."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from mesh.commands.import_bundle.bundle_folder import BundleFolder
from mesh.commands.import_bundle.files import bundle_file
from mesh.commands.import_bundle.flow_plan import FlowData, PlannedFlow
from mesh.commands.import_bundle.node import Node
from mesh.commands.import_bundle.references import LOOKUPS, Lookup
from mesh.commands.import_bundle.remarks import Remarks
from mesh.documents.document import Location
from mesh.finding import nearest
from mesh.model.bundle import REFERENCE, our_word
from mesh.model.library import local_dependency

# The id fields of the APIs: the kind of resource in a bundle, the kind of lookup, the name field of the mesh
_IDS: Mapping[str, tuple[str, str, str]] = {
    "warehouse_id": ("sql_warehouses", "warehouse", "warehouse_name"),
    "existing_cluster_id": ("clusters", "cluster", "existing_cluster_name"),
    "policy_id": ("cluster_policies", "cluster_policy", "policy_name"),
    "instance_pool_id": ("instance_pools", "instance_pool", "instance_pool_name"),
    "driver_instance_pool_id": ("instance_pools", "instance_pool", "driver_instance_pool_name"),
    "job_id": ("jobs", "", "flow"),
    "pipeline_id": ("pipelines", "", "flow"),
}
_RESOURCE_ID = re.compile(
    r"\$\{resources\.(?P<kind>\w+)\.(?P<key>[\w-]+)\.(?:id|job_id|pipeline_id|cluster_id)\}"
)
_DEPLOYER = re.compile(r"\$\{workspace\.current_user\.\w+\}")
# Set by the deployment, or by the workspace
SET_BY_MESH = ("name", "deployment", "edit_mode", "format", "id", "url", "lifecycle", "modified_status")
# Databricks CLI, "permissions" of a bundle: the level of each kind of resource
_LEVELS = {"jobs": {"CAN_RUN": "CAN_MANAGE_RUN"}, "pipelines": {"CAN_MANAGE_RUN": "CAN_RUN"}}
_LIBRARIES = {"whl": "wheel", "jar": "jar", "egg": "egg", "requirements": "requirements file"}
# Lists of texts from which none can be left out
_IN_ORDER = ("commands", "parameters")
_EDITABLE = re.compile(r"(?:-e|--editable)\s*=?\s*.*")
_ROOT = re.compile(r"\$\{workspace\.(?:file_path|root_path)\}")


@dataclass(frozen=True)
class Conversion:
    """What the conversion of every resource needs.

    Args:
        folder: the bundle's folders.
        content: the content of the bundle with the overrides of one target.
        flows: the planned flows, by kind and key of the resource.
        data: the flows of the bundle's data.
        resolved: replaces the references that the bundle itself answers.
        remarks: receives what is not taken.
    """

    folder: BundleFolder
    content: Node
    flows: Mapping[tuple[str, str], PlannedFlow]
    data: FlowData
    resolved: Callable[[Node], Node]
    remarks: Remarks

    def known(self, node: Node, names: Collection[str], what: str) -> Node:
        """Returns the fields that a deployment.yml may have; records the others.

        Args:
            node: a job or pipeline.
            names: the names of these fields.
            what: `job` or `pipeline`.
        """
        kept = node.without(*SET_BY_MESH)
        for name, one in kept.fields.items():
            if name not in names:
                near = nearest(name, names, "fields") if len(name) > 3 else ""
                remedy = near if near.startswith("did you mean") else "the mesh's provider does not know it"
                self.remarks.not_taken(one.place, f"`{name}` is not a field of a {what}", remedy)
        return kept.without(*(name for name in kept.fields if name not in names))

    def with_names(self, node: Node) -> Node:
        """Returns a tree in which names replace the ids of compute, jobs, pipelines and principals."""
        if isinstance(node.value, list):
            return Node([self.with_names(one) for one in node.items], node.place)
        if not isinstance(node.value, dict):
            return node
        result: dict[str, Node] = {}
        for name, one in node.fields.items():
            name_field, value = self._by_name(name, one)
            result[name_field] = value if name_field != name else self.with_names(value)
        return Node(result, node.place)

    def _by_name(self, field: str, node: Node) -> tuple[str, Node]:
        if isinstance(node.value, Lookup):
            name_field = LOOKUPS.get(node.value.kind)
            if field == "service_principal_name" and node.value.kind == "service_principal":
                return field, node.new(node.value.name)
            expected = _IDS.get(field)
            if expected and expected[1] == node.value.kind and name_field:
                return expected[2], node.new(node.value.name)
            return field, node
        reference = _RESOURCE_ID.fullmatch(node.text.strip())
        expected = _IDS.get(field)
        if not reference or not expected or reference["kind"] != expected[0]:
            return field, node
        if expected[2] != "flow":
            return expected[2], node.new(reference["key"])
        flow = self.flows.get((reference["kind"], reference["key"]))
        if flow is None:
            what = f"`{reference[0]}` is not in the bundle"
            self.remarks.wrong(node.place, what, "declare it, or correct the name")
            return field, node
        return "flow", node.new(flow.path)

    def with_libraries(self, node: Node) -> Node:
        """Returns a task or pipeline with the wheels, jars and requirements of its `libraries` as files."""
        libraries = node.get("libraries")
        if libraries is None:
            return node
        listed = []
        for library in libraries.items:
            fields = dict(library.fields)
            for kind, what in _LIBRARIES.items():
                one = library.get(kind)
                if one and one.text and not one.text.startswith(("/", "dbfs:", "s3:", "abfss:", "gs:")):
                    file = bundle_file(one, self.folder, what, self.remarks)
                    fields[kind] = file or one
            listed.append(Node(fields, library.place))
        return node.having(libraries=Node(listed, libraries.place))

    def with_dependencies(self, spec: Node) -> Node:
        """Returns the spec of an environment with the files of its `dependencies`."""
        result = spec
        for field in ("dependencies", "java_dependencies"):
            lines = spec.get(field)
            if lines is None:
                continue
            kept: list[Node] = []
            for line in lines.items:
                text = _ROOT.sub(".", line.text)
                if _EDITABLE.fullmatch(text):
                    what = f"`{line.text[:120]}` installs the bundle's folder"
                    remedy = "move its packages to `libs/` of the project, or build a wheel"
                    self.remarks.not_taken(line.place, what, remedy)
                    continue
                local = local_dependency(text)
                if local is None:
                    kept.append(line)
                    continue
                option, path = local
                what = "requirements file" if option else "jar" if path.endswith(".jar") else "wheel"
                file = bundle_file(line, self.folder, what, self.remarks, option=option)
                kept.append(file or line)
            result = result.having(**{field: Node(kept, lines.place)})
        return result

    def with_permissions(self, node: Node, kind: str) -> Node:
        """Returns a job or pipeline with the permissions of the bundle and its own, which win."""
        declared = [*self.resolved(self.content.child("permissions")).items, *node.child("permissions").items]
        kept: dict[tuple[str, ...], Node] = {}
        for one in declared:
            if any(_DEPLOYER.fullmatch(name.text) for name in one.fields.values()):
                continue  # the deployer manages what it deploys
            if one.child("group_name").text == "admins":
                continue  # has all permissions
            level = one.child("level").text or one.child("permission_level").text
            now = one.without("level").having(permission_level=one.new(_LEVELS[kind].get(level, level)))
            kept[tuple(name.text for name in now.without("permission_level").fields.values())] = now
        return node.having(permissions=node.new([*kept.values()])) if kept else node.without("permissions")

    def with_run_as(self, node: Node) -> Node:
        """Returns a job or pipeline with the principal of the bundle, unless that is the deployer."""
        run_as = node.get("run_as") or self.resolved(self.content.child("run_as"))
        if not run_as.fields or any(_DEPLOYER.fullmatch(one.text) for one in run_as.fields.values()):
            return node.without("run_as")
        return node.having(run_as=run_as)

    def with_tags(self, node: Node) -> Node:
        """Returns a job or pipeline with the tags of the bundle's presets; its own win."""
        tags = self.resolved(self.content.child("presets", "tags"))
        if not tags.fields:
            return node
        return node.having(tags=Node({**tags.fields, **node.child("tags").fields}, tags.place))

    def swept(self, node: Node, at: Location = ()) -> Node | None:
        """Returns the tree without the values that only a bundle can compute, and records each.

        Args:
            node: the tree.
            at: its location.
        """
        if isinstance(node.value, dict):
            fields = {name: self.swept(one, (*at, name)) for name, one in node.fields.items()}
            kept = {name: one for name, one in fields.items() if one is not None}
            return None if node.fields and not kept else Node(kept, node.place)
        if isinstance(node.value, list):
            listed = [self.swept(one, (*at, index)) for index, one in enumerate(node.items)]
            left = [one for one in listed if one is not None]
            return None if node.items and not left else Node(left, node.place)
        if isinstance(node.value, Lookup):
            what = f"the id of {node.value.kind.replace('_', ' ')} `{node.value.name[:80]}`"
            self.remarks.not_taken(
                node.place, f"`{at[-1]}` is {what}, which the mesh does not look up", "write the id"
            )
            return None
        found = REFERENCE.search(node.text) if at and at[-1] not in ("description", "comment") else None
        if found is None:
            return node
        field = next((part for part in reversed(at) if isinstance(part, str)), "")
        what = f"`{field}` contains `{found[0]}`, which only a bundle replaces"
        if field in _IN_ORDER and isinstance(at[-1], int):  # the others would mean something else
            self.remarks.wrong(node.place, what, f"give its value: --var {found[0][2:-1]}=VALUE")
            return node
        self.remarks.not_taken(node.place, what, our_word(found[0], node.text, at))
        return None
