"""The resource type of workspace bindings."""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import override

from local.provider.api import ApiError, path_segment
from local.provider.behaviour import Behaviour
from local.provider.constraints import Constraints, exactly_one, one_of
from local.provider.resource_type import CallContext, Known, ResourceType
from local.provider.unity_catalog import UNITY
from local.provider.values import ObjectValue


@dataclass(frozen=True, kw_only=True)
class WorkspaceBindingResource(ResourceType):
    """The binding of a workspace to an isolated securable; the id is `<workspace>|<kind>|<name>`."""

    @override
    def can_roll_back(self, planned: ObjectValue) -> bool:
        return False

    @override
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        name = planned.get("catalog_name") or planned.get("securable_name")
        if not isinstance(name, str):
            raise ApiError(400, "INVALID", "set securable_name", "")
        binding = {name: planned[name] for name in ("workspace_id", "binding_type")}
        resource_id = f"{planned['workspace_id']}|{planned['securable_type']}|{name}"
        context.api.patch(_bindings_path(resource_id), {"add": [binding]})
        return resource_id

    @override
    def read(self, context: CallContext, resource_id: str, known: Known) -> ObjectValue:
        workspace_id, kind, name = _parse_id(resource_id)
        for entry in context.api.get(_bindings_path(resource_id)).get("bindings") or []:
            if str(entry["workspace_id"]) == workspace_id:
                more = {"securable_type": kind, "securable_name": name}
                return {**self.written(context, entry, known), **more, "workspace_id": int(workspace_id)}
        raise ApiError(404, "NOT_FOUND", f"{kind} {name} is not bound to workspace {workspace_id}", "")

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        return resource_id

    @override
    def delete(self, context: CallContext, resource_id: str, state: ObjectValue) -> None:
        binding = {name: state[name] for name in ("workspace_id", "binding_type") if state.get(name)}
        context.api.patch(_bindings_path(resource_id), {"remove": [binding]})


def _parse_id(resource_id: str) -> tuple[str, str, str]:
    workspace_id, kind, name = ([*resource_id.split("|", 2), "", ""])[:3]
    if not (workspace_id.isdecimal() and kind and name):
        text = f"{resource_id} is not <workspace id>|<securable type>|<securable name>"
        raise ApiError(400, "INVALID", text, "")
    return workspace_id, kind, name


def _bindings_path(resource_id: str) -> str:
    _, kind, name = _parse_id(resource_id)
    return f"{UNITY}/bindings/{path_segment(kind)}/{path_segment(name)}"


RESOURCE_TYPES: tuple[ResourceType, ...] = (
    WorkspaceBindingResource(
        type="databricks_workspace_binding",
        behaviour=Behaviour(
            defaults={"binding_type": "BINDING_TYPE_READ_WRITE", "securable_type": "catalog"},
            forces_new=frozenset({"workspace_id", "securable_type", "catalog_name", "binding_type"}),
            constraints=Constraints(
                relations={"": (exactly_one("catalog_name", "securable_name"),)},
                values={
                    "securable_type": one_of(
                        "catalog", "external_location", "storage_credential", "credential"
                    ),
                    "binding_type": one_of("BINDING_TYPE_READ_WRITE", "BINDING_TYPE_READ_ONLY"),
                },
            ),
        ),
        not_read=frozenset({"catalog_name", "securable_name", "securable_type"}),
    ),
)
