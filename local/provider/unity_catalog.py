"""Resource types of Unity Catalog: catalogs, schemas, volumes, models, storage."""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import override

from local.provider.api import Json, path_segment
from local.provider.behaviour import Behaviour
from local.provider.constraints import Constraints, at_least_one, at_most_one, excluded, one_of
from local.provider.resource_type import (
    CallContext,
    Known,
    ResourceType,
    RestResource,
    after_creation,
    changed,
)
from local.provider.suppression import (
    Rule,
    false_to_true,
    ignore_case,
    ignore_removal_and_trailing_slash,
    ignore_trailing_slash,
)
from local.provider.values import ObjectValue

UNITY = "/api/2.1/unity-catalog"


@dataclass(frozen=True, kw_only=True)
class SecurableResource(RestResource):
    """A securable of Unity Catalog. Its id is its full name.

    Attributes that a creation cannot set, such as the owner, are sent in a second request.

    Args:
        creatable: attributes and blocks that the request of the creation may have.
        updatable: attributes and blocks that the request of a change may have.
        follow_up: attributes that need a second request when they are set at the creation.
        resent: attributes that are sent when they change to false or zero.
        binding_kind: the securable's kind in bindings, if it can be isolated. An isolated securable is
            bound to this workspace, because without a binding no workspace can read it.
        without_effect: attributes whose change sends no request.
    """

    id_field: str = "full_name"
    creatable: frozenset[str]
    updatable: frozenset[str]
    follow_up: tuple[str, ...] = ("owner",)
    resent: tuple[str, ...] = ("comment",)
    binding_kind: str | None = None
    without_effect: frozenset[str] = frozenset()

    @override
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        resource_id = str(context.api.post(self.collection, self.creation(context, planned))[self.id_field])
        with after_creation(resource_id):
            self.finish(context, resource_id, planned)
        return resource_id

    def creation(self, context: CallContext, planned: ObjectValue) -> Json:
        """Return the body of the creation."""
        return self.body(context, planned, self.creatable)

    def finish(self, context: CallContext, resource_id: str, planned: ObjectValue) -> None:
        """Set the attributes that the creation cannot set."""
        if any(planned.get(name) for name in self.follow_up):
            context.api.patch(self.path(resource_id), self.body(context, planned, {*self.updatable, "owner"}))
            self._bind(context, resource_id, planned)

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        names = [*context.block.attributes, *context.block.blocks]
        differing = {name for name in names if changed(planned, prior, name)} - self.without_effect
        if "owner" in differing:
            context.api.patch(self.path(resource_id), {"owner": planned.get("owner")})
        if not differing - {"owner"}:
            return resource_id
        body = self.body(context, planned, self.updatable)
        for name in self.resent:
            if name in differing and name not in body:
                body[name] = "" if name == "comment" else bool(planned.get(name))
        return self.send_change(context, resource_id, body, planned)

    def send_change(self, context: CallContext, resource_id: str, body: Json, planned: ObjectValue) -> str:
        """Send a change of more than the owner; return the id, which may be a new one."""
        answer = context.api.patch(self.path(resource_id), body)
        self._bind(context, resource_id, planned)
        return str(answer.get(self.id_field) or resource_id)

    @override
    def delete(self, context: CallContext, resource_id: str, state: ObjectValue) -> None:
        context.api.delete(self.path(resource_id), force="true" if state.get("force_destroy") else None)

    def _bind(self, context: CallContext, resource_id: str, planned: ObjectValue) -> None:
        if self.binding_kind and planned.get("isolation_mode") in ("ISOLATED", "ISOLATION_MODE_ISOLATED"):
            workspace_id = _current_workspace(context)
            path = f"{UNITY}/bindings/{self.binding_kind}/{path_segment(resource_id)}"
            binding = {"binding_type": "BINDING_TYPE_READ_WRITE", "workspace_id": workspace_id}
            context.api.patch(path, {"add": [binding]})


def _current_workspace(context: CallContext) -> int:
    return int(context.api.get(f"{UNITY}/current-metastore-assignment")["workspace_id"])


@dataclass(frozen=True, kw_only=True)
class CatalogResource(SecurableResource):
    """A catalog; its automatic `default` schema is deleted, so that the catalog can be destroyed."""

    id_field: str = "name"

    @override
    def finish(self, context: CallContext, resource_id: str, planned: ObjectValue) -> None:
        if not planned.get("share_name") and not planned.get("connection_name"):
            context.api.delete(f"{UNITY}/schemas/{path_segment(f'{resource_id}.default')}")
        super().finish(context, resource_id, planned)

    @override
    def body(self, context: CallContext, planned: ObjectValue, only: object = None) -> Json:
        chosen = self.creatable if only is None else only
        body = super().body(context, planned, chosen)  # type: ignore[arg-type]
        if chosen is not self.creatable and "options" in body:
            # Only this option can change.
            kept = {name: text for name, text in body.pop("options").items() if name == "authorized_paths"}
            body |= {"options": kept} if kept else {}
        return body

    @override
    def delete(self, context: CallContext, resource_id: str, state: ObjectValue) -> None:
        if state.get("isolation_mode") == "ISOLATED":
            path = f"{UNITY}/workspace-bindings/catalogs/{path_segment(resource_id)}"
            context.api.patch(path, {"assign_workspaces": [_current_workspace(context)]})
        super().delete(context, resource_id, state)


class VolumeResource(SecurableResource):
    """A volume and the path of its files."""

    @override
    def read(self, context: CallContext, resource_id: str, known: Known) -> ObjectValue:
        answer = context.api.get(self.path(resource_id))
        path = "/Volumes/" + str(answer["full_name"]).replace(".", "/")
        return self.written(context, answer, known, volume_path=path)

    @override
    def send_change(self, context: CallContext, resource_id: str, body: Json, planned: ObjectValue) -> str:
        renamed = resource_id.rpartition(".")[2] != planned["name"]
        new_name = {"new_name": planned["name"]} if renamed else {}
        return super().send_change(context, resource_id, {**body, **new_name}, planned)


class ModelResource(SecurableResource):
    """A registered model; the provider sends each change of more than the owner twice."""

    @override
    def send_change(self, context: CallContext, resource_id: str, body: Json, planned: ObjectValue) -> str:
        names = {name: planned[name] for name in _MODEL_FIELDS if planned.get(name)}
        for _ in range(2):
            context.api.patch(self.path(resource_id), {**names, **body})
        return resource_id


# Sent with each change of a model, although it changes none of them.
_MODEL_FIELDS = (
    "catalog_name",
    "schema_name",
    "name",
    "metastore_id",
    "storage_location",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
)


class StorageResource(SecurableResource):
    """A storage credential or an external location."""

    @override
    def read(self, context: CallContext, resource_id: str, known: Known) -> ObjectValue:
        answer = context.api.get(self.path(resource_id))
        for block, secret in _SECRETS.items():
            # The workspace does not give secrets back.
            configured = (known.values.get(block) or [{}])[0].get(secret)
            if configured and isinstance(answer.get(block), dict):
                answer[block] = {**answer[block], secret: configured}
        return self.written(context, answer, known)

    @override
    def send_change(self, context: CallContext, resource_id: str, body: Json, planned: ObjectValue) -> str:
        force = {"force": True} if planned.get("force_update") else {}
        if not planned.get("enable_file_events"):
            body.pop("file_event_queue", None)
        super().send_change(context, resource_id, {**body, **force}, planned)
        return resource_id


_SECRETS = {"azure_service_principal": "client_secret", "cloudflare_api_token": "secret_access_key"}


_STORAGE = frozenset(
    {"comment", "credential_name", "enable_file_events", "encryption_details", "fallback"}
) | {
    "file_event_queue",
    "read_only",
    "skip_validation",
    "url",
}
_CREDENTIALS = frozenset({"aws_iam_role", "azure_managed_identity", "azure_service_principal", "comment"}) | {
    "cloudflare_api_token",
    "gcp_service_account_key",
    "read_only",
    "skip_validation",
}
_FORCE = frozenset({"force_destroy", "force_update", "skip_validation"})


_OPTIMIZATION = {"enable_predictive_optimization": one_of("DISABLE", "ENABLE", "INHERIT")}
_KEYS = (
    "aws_iam_role",
    "azure_service_principal",
    "azure_managed_identity",
    "gcp_service_account_key",
    "databricks_gcp_service_account",
    "cloudflare_api_token",
)
_QUEUES = ("managed_aqs", "managed_pubsub", "managed_sqs", "provided_aqs", "provided_pubsub", "provided_sqs")


def _ignoring_case(*names: str) -> dict[str, Rule]:
    return dict.fromkeys(names, ignore_case)


RESOURCE_TYPES: tuple[ResourceType, ...] = (
    CatalogResource(
        type="databricks_catalog",
        collection=f"{UNITY}/catalogs",
        binding_kind="catalog",
        behaviour=Behaviour(
            defaults={"force_destroy": False},
            forces_new=frozenset({"storage_root", "provider_name", "share_name", "connection_name"}),
            computed_blocks=frozenset({"effective_predictive_optimization_flag"}),
            suppressed={
                **_ignoring_case("name", "connection_name", "share_name", "provider_name"),
                "storage_root": ignore_trailing_slash,
            },
            constraints=Constraints(
                relations={
                    "": (
                        excluded("provider_name", "connection_name", "storage_root"),
                        excluded("share_name", "connection_name", "storage_root"),
                    )
                },
                values=_OPTIMIZATION,
            ),
        ),
        creatable=frozenset({"name", "comment", "properties", "options", "storage_root"})
        | {"connection_name", "provider_name", "share_name"},
        updatable=frozenset({"comment", "properties", "options", "isolation_mode"})
        | {"enable_predictive_optimization"},
        follow_up=("owner", "isolation_mode", "enable_predictive_optimization"),
        not_read=frozenset({"force_destroy"}),
        without_effect=frozenset({"force_destroy"}),
    ),
    SecurableResource(
        type="databricks_schema",
        collection=f"{UNITY}/schemas",
        behaviour=Behaviour(
            defaults={"force_destroy": False},
            forces_new=frozenset({"name", "catalog_name", "storage_root"}),
            suppressed={**_ignoring_case("name", "catalog_name"), "storage_root": ignore_trailing_slash},
            constraints=Constraints(values=_OPTIMIZATION),
        ),
        creatable=frozenset({"name", "catalog_name", "comment", "properties", "storage_root"}),
        updatable=frozenset({"comment", "properties", "enable_predictive_optimization"}),
        follow_up=("owner", "enable_predictive_optimization"),
        not_read=frozenset({"force_destroy"}),
        without_effect=frozenset({"force_destroy"}),
    ),
    VolumeResource(
        type="databricks_volume",
        collection=f"{UNITY}/volumes",
        behaviour=Behaviour(
            forces_new=frozenset({"catalog_name", "schema_name", "volume_type", "storage_location"}),
            suppressed={
                **_ignoring_case("name", "catalog_name", "schema_name"),
                "storage_location": ignore_removal_and_trailing_slash,
            },
            constraints=Constraints(values={"volume_type": one_of("MANAGED", "EXTERNAL")}),
        ),
        creatable=frozenset({"name", "catalog_name", "schema_name", "comment", "storage_location"})
        | {"volume_type"},
        updatable=frozenset({"comment"}),
        not_read=frozenset({"volume_path"}),
    ),
    ModelResource(
        type="databricks_registered_model",
        collection=f"{UNITY}/models",
        behaviour=Behaviour(
            forces_new=frozenset({"name", "catalog_name", "schema_name", "storage_location"}),
            suppressed=_ignoring_case("name", "catalog_name", "schema_name"),
        ),
        creatable=frozenset({"name", "catalog_name", "schema_name", "comment", "storage_location"})
        | {"aliases", "browse_only"},
        updatable=frozenset({"comment"}),
    ),
    StorageResource(
        type="databricks_external_location",
        collection=f"{UNITY}/external-locations",
        id_field="name",
        binding_kind="external_location",
        behaviour=Behaviour(
            forces_new=frozenset({"name"}),
            constraints=Constraints(relations={"file_event_queue": (at_most_one(*_QUEUES),)}),
            suppressed={
                "name": ignore_case,
                "url": ignore_trailing_slash,
                "skip_validation": false_to_true,
            },
        ),
        creatable=_STORAGE | {"name"},
        updatable=_STORAGE | {"isolation_mode"},
        follow_up=("owner", "isolation_mode"),
        resent=("read_only", "fallback", "enable_file_events"),
        not_read=_FORCE,
    ),
    StorageResource(
        type="databricks_storage_credential",
        collection=f"{UNITY}/storage-credentials",
        id_field="name",
        binding_kind="storage_credential",
        behaviour=Behaviour(
            forces_new=frozenset({"name"}),
            computed_blocks=frozenset({"databricks_gcp_service_account"}),
            constraints=Constraints(relations={"": (at_least_one(*_KEYS),)}),
            suppressed={
                "name": ignore_case,
                "skip_validation": false_to_true,
                "gcp_service_account_key": ignore_removal_and_trailing_slash,
            },
        ),
        creatable=_CREDENTIALS | {"name", "databricks_gcp_service_account"},
        updatable=_CREDENTIALS | {"isolation_mode"},
        follow_up=("owner", "isolation_mode"),
        resent=("read_only",),
        aliases={".storage_credential_id": "id"},
        not_read=_FORCE,
    ),
)
