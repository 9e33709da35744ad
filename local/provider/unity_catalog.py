"""Resource types of Unity Catalog: catalogs, schemas, volumes, models, storage, workspace bindings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from local.provider.api import ApiError, Json, path_segment
from local.provider.resource_type import CallContext, ResourceType, RestResource, after_creation
from local.provider.values import ObjectValue

UNITY = "/api/2.1/unity-catalog"


@dataclass(frozen=True, kw_only=True)
class SecurableResource(RestResource):
    """A securable of Unity Catalog. Its id is its full name; its owner is set after the creation.

    Args:
        binding_kind: the securable's kind in bindings, if it can be isolated. An isolated securable is
            bound to this workspace, because without a binding no workspace can read it.
    """

    id_field: str = "full_name"
    binding_kind: str | None = None

    @override
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        body = self.body(context, planned)
        owner = body.pop("owner", None)
        resource_id = str(context.api.post(self.collection, body)[self.id_field])
        if owner is not None:
            with after_creation(resource_id):
                context.api.patch(self.path(resource_id), {"owner": owner})
        with after_creation(resource_id):
            self._bind(context, resource_id, planned, {})
        return resource_id

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        changes = self.changes(context, planned, prior)
        if "name" in changes:
            changes["new_name"] = changes.pop("name")
        answer = context.api.patch(self.path(resource_id), changes) if changes else {}
        self._bind(context, resource_id, planned, prior)
        if "new_name" not in changes:
            return resource_id
        renamed = str(answer.get(self.id_field, ""))
        if renamed.rpartition(".")[2] != changes["new_name"]:
            raise ApiError(
                400,
                "NOT_RENAMED",
                f"the workspace did not rename {resource_id}",
                f"PATCH {self.path(resource_id)}",
            )
        return renamed

    @override
    def delete(self, context: CallContext, resource_id: str, state: ObjectValue) -> None:
        context.api.delete(self.path(resource_id), force="true" if state.get("force_destroy") else None)

    def _bind(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> None:
        isolated = [str(entry.get("isolation_mode")).endswith("ISOLATED") for entry in (planned, prior)]
        if self.binding_kind and isolated == [True, False]:
            workspace_id = context.api.get(f"{UNITY}/current-metastore-assignment")["workspace_id"]
            path = f"{UNITY}/bindings/{self.binding_kind}/{path_segment(resource_id)}"
            context.api.patch(path, {"add": [{"workspace_id": workspace_id}]})


@dataclass(frozen=True, kw_only=True)
class CatalogResource(SecurableResource):
    """A catalog; its automatic `default` schema is deleted, so that the catalog can be destroyed."""

    id_field: str = "name"

    @override
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        resource_id = super().create(context, planned)
        with after_creation(resource_id):
            context.api.delete(f"{UNITY}/schemas/{path_segment(f'{resource_id}.default')}")
        return resource_id

    @override
    def to_state(
        self, context: CallContext, answer: Mapping[str, Any], resource_id: str, **more: Any
    ) -> ObjectValue:
        return super().to_state(context, answer, resource_id, full_name=answer.get("full_name", resource_id))


class VolumeResource(SecurableResource):
    """A volume and the path of its files."""

    @override
    def to_state(
        self, context: CallContext, answer: Mapping[str, Any], resource_id: str, **more: Any
    ) -> ObjectValue:
        return super().to_state(
            context, answer, resource_id, volume_path="/Volumes/" + resource_id.replace(".", "/")
        )


class StorageResource(SecurableResource):
    """A storage credential or an external location."""

    @override
    def body(self, context: CallContext, planned: ObjectValue) -> Json:
        body = super().body(context, planned)
        # This block may be empty, and `to_api` omits empty blocks.
        service_account = "databricks_gcp_service_account"
        return {**body, service_account: {}} if planned.get(service_account) else body

    @override
    def changes(self, context: CallContext, planned: ObjectValue, prior: ObjectValue) -> Json:
        new, old = self.body(context, planned), self.body(context, prior)
        blocks = {name: new.get(name) for name in context.block.blocks if new.get(name) != old.get(name)}
        return super().changes(context, planned, prior) | blocks


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
    def read(self, context: CallContext, resource_id: str, state: ObjectValue) -> ObjectValue:
        workspace_id, kind, name = _parse_id(resource_id)
        for entry in context.api.get(_bindings_path(resource_id)).get("bindings") or []:
            if str(entry["workspace_id"]) == workspace_id:
                return {"id": resource_id, **entry, "securable_type": kind, "securable_name": name}
        raise ApiError(404, "NOT_FOUND", f"{kind} {name} is not bound to workspace {workspace_id}", "")

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        return resource_id

    @override
    def delete(self, context: CallContext, resource_id: str, state: ObjectValue) -> None:
        workspace_id, _, _ = _parse_id(resource_id)
        context.api.patch(_bindings_path(resource_id), {"remove": [{"workspace_id": int(workspace_id)}]})


def _parse_id(resource_id: str) -> tuple[str, str, str]:
    workspace_id, kind, name = ([*resource_id.split("|", 2), "", ""])[:3]
    if not (workspace_id.isdecimal() and kind and name):
        text = f"{resource_id} is not <workspace id>|<securable type>|<securable name>"
        raise ApiError(400, "INVALID", text, "")
    return workspace_id, kind, name


def _bindings_path(resource_id: str) -> str:
    _, kind, name = _parse_id(resource_id)
    return f"{UNITY}/bindings/{path_segment(kind)}/{path_segment(name)}"


RESOURCE_TYPES = (
    CatalogResource(
        type="databricks_catalog",
        authoritative=True,
        collection=f"{UNITY}/catalogs",
        binding_kind="catalog",
        defaults={"force_destroy": False},
        forces_new=frozenset({"storage_root", "provider_name", "share_name", "connection_name"}),
        recomputed={"name": ("id", "full_name")},
        not_sent=frozenset({"force_destroy"}),
    ),
    SecurableResource(
        type="databricks_schema",
        authoritative=True,
        collection=f"{UNITY}/schemas",
        defaults={"force_destroy": False},
        forces_new=frozenset({"name", "catalog_name", "storage_root"}),
        not_sent=frozenset({"force_destroy"}),
    ),
    VolumeResource(
        type="databricks_volume",
        authoritative=True,
        collection=f"{UNITY}/volumes",
        forces_new=frozenset({"catalog_name", "schema_name", "volume_type", "storage_location"}),
        keep_when_unset=frozenset({"storage_location"}),
        recomputed={"name": ("id", "volume_path")},
    ),
    SecurableResource(
        type="databricks_registered_model",
        authoritative=True,
        collection=f"{UNITY}/models",
        forces_new=frozenset({"name", "catalog_name", "schema_name", "storage_location"}),
        not_sent=frozenset({"aliases"}),
    ),
    StorageResource(
        type="databricks_external_location",
        authoritative=True,
        collection=f"{UNITY}/external-locations",
        id_field="name",
        binding_kind="external_location",
        defaults={"force_destroy": False, "force_update": False, "skip_validation": False},
        forces_new=frozenset({"name"}),
        not_sent=frozenset({"force_destroy", "force_update", "skip_validation"}),
    ),
    StorageResource(
        type="databricks_storage_credential",
        collection=f"{UNITY}/storage-credentials",
        id_field="name",
        binding_kind="storage_credential",
        defaults={"force_destroy": False, "force_update": False, "skip_validation": False},
        forces_new=frozenset({"name"}),
        aliases={".storage_credential_id": "id"},
        not_sent=frozenset({"force_destroy", "force_update", "skip_validation"}),
    ),
    WorkspaceBindingResource(
        type="databricks_workspace_binding",
        defaults={"binding_type": "BINDING_TYPE_READ_WRITE", "securable_type": "catalog"},
        forces_new=frozenset(
            {"workspace_id", "securable_type", "securable_name", "catalog_name", "binding_type"}
        ),
    ),
)
