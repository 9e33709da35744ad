"""Who may do what with what Unity Catalog holds."""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import override

from local.provider.api import ApiError, Json, part
from local.provider.resource import Resource, Target, the_one
from local.provider.unity_catalog import UNITY
from local.provider.values import Object


@dataclass(frozen=True, kw_only=True)
class Granting(Resource):
    """Privileges on one securable."""

    @override
    def makes_new(self, wanted: Object) -> bool:
        return False

    def _path(self, identity: str) -> str:
        kind, name = ([*identity.split("/", 2), ""])[:2]
        return f"{UNITY}/permissions/{GRANTED.get(kind, kind)}/{part(name)}"

    def _assigned(self, on: Target, identity: str) -> dict[str, set[str]]:
        return _privileges(on.api.get(self._path(identity)).get("privilege_assignments") or [])

    def _change(
        self, on: Target, identity: str, now: dict[str, set[str]], wanted: dict[str, set[str]]
    ) -> None:
        changes: list[Json] = []
        for who in sorted(now.keys() | wanted.keys()):
            add = sorted(wanted.get(who, set()) - now.get(who, set()))
            remove = sorted(now.get(who, set()) - wanted.get(who, set()))
            if add or remove:
                changes.append({"principal": who, "add": add, "remove": remove})
        if changes:
            on.api.patch(self._path(identity), {"changes": changes})


class Grants(Granting):
    """All grants on one securable; what is granted otherwise is taken away.

    The id is `<kind>/<full name>`.
    """

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
        self._set(on, identity, {})

    def _set(self, on: Target, identity: str, wanted: dict[str, set[str]]) -> None:
        self._change(on, identity, self._assigned(on, identity), wanted)


class Grant(Granting):
    """What one principal is granted on one securable; what others are is left alone.

    The id is `<kind>/<full name>/<principal>`.
    """

    @override
    def create(self, on: Target, wanted: Object) -> str:
        identity = "/".join([*the_one(wanted, GRANTED), wanted["principal"]])
        self._set(on, identity, wanted["privileges"])
        return identity

    @override
    def read(self, on: Target, identity: str, state: Object) -> Object:
        kind, name, who = self._split(identity)
        privileges = self._assigned(on, identity).get(who)
        if not privileges:
            raise ApiError(404, "NOT_FOUND", f"{who} is granted nothing on {kind} {name}", "")
        return {"id": identity, kind: name, "principal": who, "privileges": sorted(privileges)}

    @override
    def update(self, on: Target, identity: str, wanted: Object, prior: Object) -> str:
        self._set(on, identity, wanted["privileges"])
        return identity

    @override
    def delete(self, on: Target, identity: str, state: Object) -> None:
        self._set(on, identity, [])

    def _set(self, on: Target, identity: str, privileges: list[str]) -> None:
        _, _, who = self._split(identity)
        now = {who: self._assigned(on, identity).get(who, set())}
        self._change(on, identity, now, _privileges([{"principal": who, "privileges": privileges}]))

    def _split(self, identity: str) -> tuple[str, str, str]:
        kind, name, who = ([*identity.split("/", 2), "", ""])[:3]
        if not who:
            raise ApiError(400, "INVALID", f"{identity} is not <kind>/<full name>/<principal>", "")
        return kind, name, who


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
    Grants(type="databricks_grants", forces_new=frozenset(GRANTED)),
    Grant(type="databricks_grant", forces_new=frozenset({*GRANTED, "principal"})),
)
