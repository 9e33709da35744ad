"""Resource types of privileges on Unity Catalog securables."""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import override

from local.provider.api import ApiError, Json, path_segment
from local.provider.resource_type import CallContext, ResourceType, exactly_one
from local.provider.unity_catalog import UNITY
from local.provider.values import ObjectValue


@dataclass(frozen=True, kw_only=True)
class PrivilegeResource(ResourceType):
    """Base of the types that set privileges on one securable."""

    @override
    def can_roll_back(self, planned: ObjectValue) -> bool:
        return False

    def _path(self, resource_id: str) -> str:
        kind, name = ([*resource_id.split("/", 2), ""])[:2]
        return f"{UNITY}/permissions/{SECURABLE_KINDS.get(kind, kind)}/{path_segment(name)}"

    def _current_privileges(self, context: CallContext, resource_id: str) -> dict[str, set[str]]:
        return _privileges(context.api.get(self._path(resource_id)).get("privilege_assignments") or [])

    def _patch_privileges(
        self,
        context: CallContext,
        resource_id: str,
        current: dict[str, set[str]],
        planned: dict[str, set[str]],
    ) -> None:
        changes: list[Json] = []
        for principal in sorted(current.keys() | planned.keys()):
            add = sorted(planned.get(principal, set()) - current.get(principal, set()))
            remove = sorted(current.get(principal, set()) - planned.get(principal, set()))
            if add or remove:
                changes.append({"principal": principal, "add": add, "remove": remove})
        if changes:
            context.api.patch(self._path(resource_id), {"changes": changes})


class GrantsResource(PrivilegeResource):
    """All grants on one securable; other grants are revoked.

    The id is `<kind>/<full name>`.
    """

    @override
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        resource_id = "/".join(exactly_one(planned, SECURABLE_KINDS))
        self._set(context, resource_id, _privileges(planned["grant"]))
        return resource_id

    @override
    def read(self, context: CallContext, resource_id: str, state: ObjectValue) -> ObjectValue:
        kind, _, name = resource_id.partition("/")
        assigned = self._current_privileges(context, resource_id)
        if not assigned:
            raise ApiError(404, "NOT_FOUND", f"{kind} {name} has no grants", "")
        grants = [
            {"principal": principal, "privileges": sorted(privileges)}
            for principal, privileges in assigned.items()
        ]
        return {"id": resource_id, kind: name, "grant": grants}

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        self._set(context, resource_id, _privileges(planned["grant"]))
        return resource_id

    @override
    def delete(self, context: CallContext, resource_id: str, state: ObjectValue) -> None:
        self._set(context, resource_id, {})

    def _set(self, context: CallContext, resource_id: str, planned: dict[str, set[str]]) -> None:
        self._patch_privileges(context, resource_id, self._current_privileges(context, resource_id), planned)


class GrantResource(PrivilegeResource):
    """The privileges of one principal on one securable; those of other principals are not changed.

    The id is `<kind>/<full name>/<principal>`.
    """

    @override
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        resource_id = "/".join([*exactly_one(planned, SECURABLE_KINDS), planned["principal"]])
        self._set(context, resource_id, planned["privileges"])
        return resource_id

    @override
    def read(self, context: CallContext, resource_id: str, state: ObjectValue) -> ObjectValue:
        kind, name, principal = self._parse_id(resource_id)
        privileges = self._current_privileges(context, resource_id).get(principal)
        if not privileges:
            raise ApiError(404, "NOT_FOUND", f"{principal} has no privileges on {kind} {name}", "")
        return {"id": resource_id, kind: name, "principal": principal, "privileges": sorted(privileges)}

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        self._set(context, resource_id, planned["privileges"])
        return resource_id

    @override
    def delete(self, context: CallContext, resource_id: str, state: ObjectValue) -> None:
        self._set(context, resource_id, [])

    def _set(self, context: CallContext, resource_id: str, privileges: list[str]) -> None:
        _, _, principal = self._parse_id(resource_id)
        current = {principal: self._current_privileges(context, resource_id).get(principal, set())}
        self._patch_privileges(
            context, resource_id, current, _privileges([{"principal": principal, "privileges": privileges}])
        )

    def _parse_id(self, resource_id: str) -> tuple[str, str, str]:
        kind, name, principal = ([*resource_id.split("/", 2), "", ""])[:3]
        if not principal:
            raise ApiError(400, "INVALID", f"{resource_id} is not <kind>/<full name>/<principal>", "")
        return kind, name, principal


def _privileges(grants: list[Json]) -> dict[str, set[str]]:
    by_principal: dict[str, set[str]] = {}
    for grant in grants:
        privileges = {str(privilege).upper().replace(" ", "_") for privilege in grant.get("privileges") or []}
        principal = grant["principal"]
        by_principal[principal] = by_principal.get(principal, set()) | privileges
    return by_principal


# Attribute that names the securable → kind of securable in the API.
SECURABLE_KINDS = {
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

RESOURCE_TYPES = (
    GrantsResource(type="databricks_grants", forces_new=frozenset(SECURABLE_KINDS)),
    GrantResource(type="databricks_grant", forces_new=frozenset({*SECURABLE_KINDS, "principal"})),
)
