"""Catalogs, schemas, volumes, and who may use them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from local.provider.api import ApiError, Json, part
from local.provider.resource import Resource, Rest, Target, made, the_one
from local.provider.values import Object

UNITY = "/api/2.1/unity-catalog"


@dataclass(frozen=True, kw_only=True)
class Securable(Rest):
    """A securable of Unity Catalog: its id is its full name, and its owner is set after it is made."""

    id_field: str = "full_name"

    @override
    def create(self, on: Target, wanted: Object) -> str:
        body = self.body(on, wanted)
        owner = body.pop("owner", None)
        identity = str(on.api.post(self.collection, body)[self.id_field])
        if owner is not None:
            with made(identity):
                on.api.patch(self.path(identity), {"owner": owner})
        return identity

    @override
    def update(self, on: Target, identity: str, wanted: Object, prior: Object) -> str:
        changes = self.changes(on, wanted, prior)
        if "name" in changes:
            changes["new_name"] = changes.pop("name")
        answer = on.api.patch(self.path(identity), changes) if changes else {}
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


@dataclass(frozen=True, kw_only=True)
class Grants(Resource):
    """All grants on one securable; what is granted otherwise is taken away.

    The id is `<kind>/<full name>`.
    """

    @override
    def makes_new(self, wanted: Object) -> bool:
        return False

    @override
    def create(self, on: Target, wanted: Object) -> str:
        identity = "/".join(the_one(wanted, GRANTED))
        self._set(on, identity, _privileges(wanted["grant"]))
        return identity

    @override
    def read(self, on: Target, identity: str, state: Object) -> Object:
        kind, _, name = identity.partition("/")
        assigned = self._assigned(on, identity)
        if not assigned:
            raise ApiError(404, "NOT_FOUND", f"nothing is granted on {kind} {name}", "")
        grants = [{"principal": who, "privileges": sorted(what)} for who, what in assigned.items()]
        return {"id": identity, kind: name, "grant": grants}

    @override
    def update(self, on: Target, identity: str, wanted: Object, prior: Object) -> str:
        self._set(on, identity, _privileges(wanted["grant"]))
        return identity

    @override
    def delete(self, on: Target, identity: str, state: Object) -> None:
        try:
            self._set(on, identity, {})
        except ApiError as error:
            if not error.gone:
                raise

    def _path(self, identity: str) -> str:
        kind, _, name = identity.partition("/")
        return f"{UNITY}/permissions/{GRANTED.get(kind, kind)}/{part(name)}"

    def _assigned(self, on: Target, identity: str) -> dict[str, set[str]]:
        return _privileges(on.api.get(self._path(identity)).get("privilege_assignments") or [])

    def _set(self, on: Target, identity: str, wanted: dict[str, set[str]]) -> None:
        now = self._assigned(on, identity)
        changes: list[Json] = []
        for who in sorted(now.keys() | wanted.keys()):
            add = sorted(wanted.get(who, set()) - now.get(who, set()))
            remove = sorted(now.get(who, set()) - wanted.get(who, set()))
            if add or remove:
                changes.append({"principal": who, "add": add, "remove": remove})
        if changes:
            on.api.patch(self._path(identity), {"changes": changes})


def _privileges(grants: list[Json]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for grant in grants:
        words = {str(word).upper().replace(" ", "_") for word in grant.get("privileges") or []}
        found[grant["principal"]] = found.get(grant["principal"], set()) | words
    return found


# The attribute that names a securable → its kind in the API.
GRANTED = {
    "catalog": "catalog",
    "schema": "schema",
    "table": "table",
    "volume": "volume",
    "function": "function",
    "model": "function",
    "metastore": "metastore",
    "external_location": "external_location",
    "storage_credential": "storage_credential",
    "credential": "credential",
    "foreign_connection": "connection",
    "pipeline": "pipeline",
    "recipient": "recipient",
    "share": "share",
}

RESOURCES = (
    Catalog(
        type="databricks_catalog",
        complete=True,
        collection=f"{UNITY}/catalogs",
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
    Grants(type="databricks_grants", forces_new=frozenset(GRANTED)),
)
