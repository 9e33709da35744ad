"""Resource types of privileges on Unity Catalog securables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from typing_extensions import override

from local.provider.api import ApiError, Json, path_segment
from local.provider.api_form import in_order_of_hashes
from local.provider.behaviour import Behaviour
from local.provider.constraints import Constraints, at_least_one, at_most_one
from local.provider.resource_type import CallContext, Known, ResourceType, exactly_one
from local.provider.unity_catalog import UNITY
from local.provider.values import ObjectValue, Value

Privileges = Mapping[str, frozenset[str]]


def normalized(privilege: str) -> str:
    """Return a privilege in the API's spelling: `use schema` is USE_SCHEMA."""
    return privilege.upper().replace(" ", "_")


def _grant_key(grant: Value) -> str:
    privileges = in_order_of_hashes(map(normalized, grant["privileges"] or []), text=str)
    return "|".join([str(grant["principal"]).lower(), *privileges])


@dataclass(frozen=True, kw_only=True)
class PrivilegeResource(ResourceType):
    """Base of the types that set privileges on one securable."""

    @override
    def can_roll_back(self, planned: ObjectValue) -> bool:
        return False

    def _path(self, resource_id: str) -> str:
        kind, name = ([*resource_id.split("/", 2), ""])[:2]
        return f"{UNITY}/permissions/{SECURABLE_KINDS.get(kind, kind)}/{path_segment(name)}"

    def _assignments(self, context: CallContext, resource_id: str) -> list[Json]:
        assignments: list[Json] = context.api.get(self._path(resource_id)).get("privilege_assignments") or []
        return assignments

    def _replace(
        self, context: CallContext, resource_id: str, current: Privileges, planned: Privileges
    ) -> None:
        changes: list[Json] = []
        for principal in sorted(current.keys() | planned.keys()):
            new, old = (each.get(principal, frozenset()) for each in (planned, current))
            change = {"add": new - old, "remove": old - new}
            if any(change.values()):
                ordered = {
                    verb: in_order_of_hashes(names, text=str) for verb, names in change.items() if names
                }
                changes.append({"principal": principal, **ordered})
        if changes:
            context.api.patch(self._path(resource_id), {"changes": changes})


def _privileges(grants: Iterable[Json]) -> Privileges:
    """Return the privileges by principal; of two grants for one principal the last counts."""
    return {
        str(grant["principal"]): frozenset(map(normalized, grant.get("privileges") or [])) for grant in grants
    }


class GrantsResource(PrivilegeResource):
    """All grants on one securable; other grants are revoked.

    The id is `<kind>/<full name>`.
    """

    @override
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        resource_id = "/".join(exactly_one(planned, SECURABLE_KINDS))
        return self.update(context, resource_id, planned, {})

    @override
    def read(self, context: CallContext, resource_id: str, known: Known) -> ObjectValue:
        kind, _, name = resource_id.partition("/")
        assignments = self._assignments(context, resource_id)
        if not assignments:
            raise ApiError(404, "NOT_FOUND", f"{kind} {name} has no grants", "")
        return {**self.written(context, {"grant": assignments}, known), kind: name}

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        grants = {_grant_key(grant): grant for grant in planned["grant"]}
        ordered = [grants[key] for key in in_order_of_hashes(grants, text=str)]
        current = _privileges(self._assignments(context, resource_id))
        self._replace(context, resource_id, current, _privileges(ordered))
        return resource_id

    @override
    def delete(self, context: CallContext, resource_id: str, state: ObjectValue) -> None:
        self._replace(context, resource_id, _privileges(self._assignments(context, resource_id)), {})


class GrantResource(PrivilegeResource):
    """The privileges of one principal on one securable; those of other principals are not changed.

    The id is `<kind>/<full name>/<principal>`.
    """

    @override
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        resource_id = "/".join([*exactly_one(planned, SECURABLE_KINDS), planned["principal"]])
        return self.update(context, resource_id, planned, {})

    @override
    def read(self, context: CallContext, resource_id: str, known: Known) -> ObjectValue:
        kind, name, principal = self._parse_id(resource_id)
        assignments = self._assignments(context, resource_id)
        assigned = next((each for each in assignments if each["principal"] == principal), None)
        if assigned is None:
            raise ApiError(404, "NOT_FOUND", f"{principal} has no privileges on {kind} {name}", "")
        return {**self.written(context, assigned, known), kind: name}

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        self._set(context, resource_id, planned["privileges"])
        return resource_id

    @override
    def delete(self, context: CallContext, resource_id: str, state: ObjectValue) -> None:
        self._set(context, resource_id, [])

    def _set(self, context: CallContext, resource_id: str, privileges: list[str]) -> None:
        _, _, principal = self._parse_id(resource_id)
        assigned = _privileges(self._assignments(context, resource_id)).get(principal, frozenset())
        planned = frozenset(map(normalized, privileges))
        self._replace(context, resource_id, {principal: assigned}, {principal: planned})

    def _parse_id(self, resource_id: str) -> tuple[str, str, str]:
        kind, name, principal = ([*resource_id.split("/", 2), "", ""])[:3]
        if not principal:
            raise ApiError(400, "INVALID", f"{resource_id} is not <kind>/<full name>/<principal>", "")
        return kind, name, principal


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

RESOURCE_TYPES: tuple[ResourceType, ...] = (
    GrantsResource(
        type="databricks_grants",
        behaviour=Behaviour(
            forces_new=frozenset(SECURABLE_KINDS),
            set_keys={"grant": _grant_key, "grant.privileges": normalized},
            constraints=Constraints(relations={"": (at_least_one(*SECURABLE_KINDS),)}),
        ),
    ),
    GrantResource(
        type="databricks_grant",
        behaviour=Behaviour(
            forces_new=frozenset({*SECURABLE_KINDS, "principal"}),
            set_keys={"privileges": normalized},
            constraints=Constraints(
                relations={"": (at_most_one(*SECURABLE_KINDS), at_least_one(*SECURABLE_KINDS))}
            ),
        ),
    ),
)
