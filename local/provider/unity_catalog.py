"""Catalogs, schemas, volumes, models, and where their data is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from local.provider.api import ApiError, Json, part
from local.provider.resource import Resource, Rest, Target, made
from local.provider.values import Object

UNITY = "/api/2.1/unity-catalog"


@dataclass(frozen=True, kw_only=True)
class Securable(Rest):
    """A securable of Unity Catalog: its id is its full name, and its owner is set after it is made.

    Args:
        bound_as: its type where it can be isolated: then this workspace is bound to it, as an isolated
            one that nobody is bound to could not even be read again.
    """

    id_field: str = "full_name"
    bound_as: str | None = None

    @override
    def create(self, on: Target, wanted: Object) -> str:
        body = self.body(on, wanted)
        owner = body.pop("owner", None)
        identity = str(on.api.post(self.collection, body)[self.id_field])
        if owner is not None:
            with made(identity):
                on.api.patch(self.path(identity), {"owner": owner})
        with made(identity):
            self._bind(on, identity, wanted, {})
        return identity

    @override
    def update(self, on: Target, identity: str, wanted: Object, prior: Object) -> str:
        changes = self.changes(on, wanted, prior)
        if "name" in changes:
            changes["new_name"] = changes.pop("name")
        answer = on.api.patch(self.path(identity), changes) if changes else {}
        self._bind(on, identity, wanted, prior)
        if "new_name" not in changes:
            return identity
        renamed = str(answer.get(self.id_field, ""))
        if renamed.rpartition(".")[2] != changes["new_name"]:
            raise ApiError(
                400, "NOT_RENAMED", f"the workspace cannot rename {identity}", f"PATCH {self.path(identity)}"
            )
        return renamed

    @override
    def delete(self, on: Target, identity: str, state: Object) -> None:
        on.api.delete(self.path(identity), force="true" if state.get("force_destroy") else None)

    def _bind(self, on: Target, identity: str, wanted: Object, prior: Object) -> None:
        modes = [str(one.get("isolation_mode")).endswith("ISOLATED") for one in (wanted, prior)]
        if self.bound_as and modes == [True, False]:
            here = on.api.get(f"{UNITY}/current-metastore-assignment")["workspace_id"]
            path = f"{UNITY}/bindings/{self.bound_as}/{part(identity)}"
            on.api.patch(path, {"add": [{"workspace_id": here}]})


@dataclass(frozen=True, kw_only=True)
class Catalog(Securable):
    """A catalog; the `default` schema that each comes with is taken away, so that it can be destroyed."""

    id_field: str = "name"

    @override
    def create(self, on: Target, wanted: Object) -> str:
        identity = super().create(on, wanted)
        with made(identity):
            on.api.delete(f"{UNITY}/schemas/{part(f'{identity}.default')}")
        return identity

    @override
    def found(self, on: Target, answer: Mapping[str, Any], identity: str, **more: Any) -> Object:
        return super().found(on, answer, identity, full_name=answer.get("full_name", identity))


class Volume(Securable):
    """A volume and the path under which its files are seen."""

    @override
    def found(self, on: Target, answer: Mapping[str, Any], identity: str, **more: Any) -> Object:
        return super().found(on, answer, identity, volume_path="/Volumes/" + identity.replace(".", "/"))


class Storage(Securable):
    """A storage credential or an external location."""

    @override
    def body(self, on: Target, wanted: Object) -> Json:
        sent = super().body(on, wanted)
        # A block that says all by standing there.
        service_account = "databricks_gcp_service_account"
        return {**sent, service_account: {}} if wanted.get(service_account) else sent

    @override
    def changes(self, on: Target, wanted: Object, prior: Object) -> Json:
        new, old = self.body(on, wanted), self.body(on, prior)
        blocks = {name: new.get(name) for name in on.block.blocks if new.get(name) != old.get(name)}
        return super().changes(on, wanted, prior) | blocks


@dataclass(frozen=True, kw_only=True)
class WorkspaceBinding(Resource):
    """One workspace that may reach an isolated securable; the id is `<workspace>|<type>|<name>`."""

    @override
    def makes_new(self, wanted: Object) -> bool:
        return False

    @override
    def create(self, on: Target, wanted: Object) -> str:
        name = wanted.get("catalog_name") or wanted.get("securable_name")
        if not isinstance(name, str):
            raise ApiError(400, "INVALID", "set securable_name", "")
        binding = {name: wanted[name] for name in ("workspace_id", "binding_type")}
        identity = f"{wanted['workspace_id']}|{wanted['securable_type']}|{name}"
        on.api.patch(_bindings(identity), {"add": [binding]})
        return identity

    @override
    def read(self, on: Target, identity: str, state: Object) -> Object:
        number, kind, name = _split(identity)
        for one in on.api.get(_bindings(identity)).get("bindings") or []:
            if str(one["workspace_id"]) == number:
                return {"id": identity, **one, "securable_type": kind, "securable_name": name}
        raise ApiError(404, "NOT_FOUND", f"{kind} {name} is not bound to workspace {number}", "")

    @override
    def update(self, on: Target, identity: str, wanted: Object, prior: Object) -> str:
        return identity

    @override
    def delete(self, on: Target, identity: str, state: Object) -> None:
        number, _, _ = _split(identity)
        on.api.patch(_bindings(identity), {"remove": [{"workspace_id": int(number)}]})


def _split(identity: str) -> tuple[str, str, str]:
    number, kind, name = ([*identity.split("|", 2), "", ""])[:3]
    if not (number.isdecimal() and kind and name):
        text = f"{identity} is not <workspace id>|<securable type>|<securable name>"
        raise ApiError(400, "INVALID", text, "")
    return number, kind, name


def _bindings(identity: str) -> str:
    _, kind, name = _split(identity)
    return f"{UNITY}/bindings/{part(kind)}/{part(name)}"


RESOURCES = (
    Catalog(
        type="databricks_catalog",
        complete=True,
        collection=f"{UNITY}/catalogs",
        bound_as="catalog",
        defaults={"force_destroy": False},
        forces_new=frozenset({"storage_root", "provider_name", "share_name", "connection_name"}),
        follows={"name": ("id", "full_name")},
        unsent=frozenset({"force_destroy"}),
    ),
    Securable(
        type="databricks_schema",
        complete=True,
        collection=f"{UNITY}/schemas",
        defaults={"force_destroy": False},
        forces_new=frozenset({"name", "catalog_name", "storage_root"}),
        unsent=frozenset({"force_destroy"}),
    ),
    Volume(
        type="databricks_volume",
        complete=True,
        collection=f"{UNITY}/volumes",
        forces_new=frozenset({"catalog_name", "schema_name", "volume_type", "storage_location"}),
        kept=frozenset({"storage_location"}),
        follows={"name": ("id", "volume_path")},
    ),
    Securable(
        type="databricks_registered_model",
        complete=True,
        collection=f"{UNITY}/models",
        forces_new=frozenset({"name", "catalog_name", "schema_name", "storage_location"}),
        unsent=frozenset({"aliases"}),
    ),
    Storage(
        type="databricks_external_location",
        complete=True,
        collection=f"{UNITY}/external-locations",
        id_field="name",
        bound_as="external_location",
        defaults={"force_destroy": False, "force_update": False, "skip_validation": False},
        forces_new=frozenset({"name"}),
        unsent=frozenset({"force_destroy", "force_update", "skip_validation"}),
    ),
    Storage(
        type="databricks_storage_credential",
        collection=f"{UNITY}/storage-credentials",
        id_field="name",
        bound_as="storage_credential",
        defaults={"force_destroy": False, "force_update": False, "skip_validation": False},
        forces_new=frozenset({"name"}),
        aliases={".storage_credential_id": "id"},
        unsent=frozenset({"force_destroy", "force_update", "skip_validation"}),
    ),
    WorkspaceBinding(
        type="databricks_workspace_binding",
        defaults={"binding_type": "BINDING_TYPE_READ_WRITE", "securable_type": "catalog"},
        forces_new=frozenset(
            {"workspace_id", "securable_type", "securable_name", "catalog_name", "binding_type"}
        ),
    ),
)
