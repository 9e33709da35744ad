"""Users, groups, service principals, and who is in which group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from local.provider.api import Api, ApiError, Json, part
from local.provider.resource import Resource, Rest, Target, the_one
from local.provider.values import Object, Value
from local.provider.workspace_objects import WORKSPACE

SCIM = "/api/2.0/preview/scim/v2"
_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:"
_PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

# An attribute of Terraform's that says yes or no → the entitlement in the API.
_ENTITLEMENTS = {
    "allow_cluster_create": "allow-cluster-create",
    "allow_instance_pool_create": "allow-instance-pool-create",
    "databricks_sql_access": "databricks-sql-access",
    "workspace_access": "workspace-access",
    "workspace_consume": "workspace-consume",
}
ALIASES = {
    ".display_name": "displayName",
    ".external_id": "externalId",
    ".user_name": "userName",
    ".application_id": "applicationId",
}


def named(api: Api, collection: str, field: str, name: Value) -> Json | None:
    """The one with exactly that name, or None; compared here, because a filter cannot hold every name."""
    found: list[Json] = api.get(collection).get("Resources") or []
    return next((one for one in found if isinstance(name, str) and one.get(field) == name), None)


@dataclass(frozen=True, kw_only=True)
class Identity(Rest):
    """Somebody of SCIM: a user, a group, a service principal.

    Args:
        named_by: the attribute that tells two of them apart.
        principal: what `acl_principal_id` begins with.
    """

    named_by: str
    principal: str

    @override
    def makes_new(self, wanted: Object) -> bool:
        return not wanted.get("force")

    @override
    def create(self, on: Target, wanted: Object) -> str:
        try:
            return super().create(on, wanted)
        except ApiError as error:
            known = self._known(on, wanted) if error.exists and wanted.get("force") else None
            if known is None:
                raise
            return self.update(on, known, wanted, {})

    @override
    def update(self, on: Target, identity: str, wanted: Object, prior: Object) -> str:
        # In parts, because to replace a group would empty it.
        held: Json = {"entitlements": []} if any(prior.get(name) for name in _ENTITLEMENTS) else {}
        values = {**held, **self.body(on, wanted)}
        operations = [
            {"op": "replace", "path": name, "value": value}
            for name, value in values.items()
            if name != "schemas"
        ]
        on.api.patch(self.path(identity), {"schemas": [_PATCH], "Operations": operations})
        return identity

    @override
    def read(self, on: Target, identity: str, state: Object) -> Object:
        return self.found_as(on, on.api.get(self.path(identity)), identity)

    def found_as(self, on: Target, answer: Json, identity: str) -> Object:
        """An answer of SCIM in Terraform's form."""
        held = {one.get("value") for one in answer.get("entitlements") or []}
        flags = {name: word in held for name, word in _ENTITLEMENTS.items() if name in on.block.attributes}
        name = str(
            answer.get("applicationId") or answer.get("userName") or answer.get("displayName") or identity
        )
        return self.found(on, answer, identity, **flags, **self._places(on, name))

    @override
    def delete(self, on: Target, identity: str, state: Object) -> None:
        super().delete(on, identity, state)
        for place in ("home", "repos"):
            if state.get(f"force_delete_{place}" + ("_dir" if place == "home" else "")):
                try:
                    on.api.post(f"{WORKSPACE}/delete", {"path": state[place], "recursive": True})
                except ApiError as error:
                    if not error.gone:  # the other folder may still be there
                        raise

    @override
    def body(self, on: Target, wanted: Object) -> Json:
        sent = super().body(on, wanted)
        flags = {name: sent.pop(name) for name in _ENTITLEMENTS if name in sent}
        if flags:
            sent["entitlements"] = [{"value": _ENTITLEMENTS[name]} for name, given in flags.items() if given]
        return {**sent, "schemas": [_SCHEMA + self.collection.rpartition("/")[2].removesuffix("s")]}

    def _known(self, on: Target, wanted: Object) -> str | None:
        field = ALIASES[f".{self.named_by}"]
        one = named(on.api, self.collection, field, wanted.get(self.named_by))
        return str(one["id"]) if one else None

    def _places(self, on: Target, name: str) -> Object:
        places: dict[str, Any] = {"acl_principal_id": f"{self.principal}/{name}"}
        if "home" in on.block.attributes:
            places |= {"home": f"/Users/{name}", "repos": f"/Repos/{name}"}
        return places


class Group(Identity):
    """A group and the address of its page."""

    @override
    def found_as(self, on: Target, answer: Json, identity: str) -> Object:
        return {
            **super().found_as(on, answer, identity),
            "url": f"{on.api.host}/#setting/accounts/groups/{identity}",
        }


class ServicePrincipal(Identity):
    """A service principal, whose display name others may have too."""

    @override
    def twins(self, on: Target, wanted: Object) -> list[str]:
        known = self._known(on, wanted)
        return [known] if known else []


@dataclass(frozen=True, kw_only=True)
class GroupMember(Resource):
    """One member of one group; the id is `<group id>|<member id>`."""

    @override
    def makes_new(self, wanted: Object) -> bool:
        return False

    @override
    def create(self, on: Target, wanted: Object) -> str:
        group, member = wanted["group_id"], wanted["member_id"]
        self._patch(on, group, {"op": "add", "path": "members", "value": [{"value": member}]})
        return f"{group}|{member}"

    @override
    def read(self, on: Target, identity: str, state: Object) -> Object:
        group, _, member = identity.partition("|")
        members = on.api.get(f"{SCIM}/Groups/{part(group)}").get("members") or []
        if member not in [one.get("value") for one in members]:
            raise ApiError(404, "NOT_FOUND", f"{member} is not in group {group}", "")
        return {"id": identity, "group_id": group, "member_id": member}

    @override
    def update(self, on: Target, identity: str, wanted: Object, prior: Object) -> str:
        return identity

    @override
    def delete(self, on: Target, identity: str, state: Object) -> None:
        group, _, member = identity.partition("|")
        self._patch(on, group, {"op": "remove", "path": f'members[value eq "{member}"]'})

    def _patch(self, on: Target, group: str, operation: Json) -> None:
        on.api.patch(f"{SCIM}/Groups/{part(group)}", {"schemas": [_PATCH], "Operations": [operation]})


# The attribute that names whose entitlements they are → where SCIM keeps such principals.
_ENTITLED = {"group_id": "Groups", "service_principal_id": "ServicePrincipals", "user_id": "Users"}


class Entitlements(Resource):
    """All entitlements of one principal; the id is `group/<id>`, `spn/<id>` or `user/<id>`."""

    @override
    def makes_new(self, wanted: Object) -> bool:
        return False

    @override
    def create(self, on: Target, wanted: Object) -> str:
        attribute, principal = the_one(wanted, _ENTITLED)
        identity = f"{_KINDS[attribute]}/{principal}"
        return self.update(on, identity, wanted, {})

    @override
    def read(self, on: Target, identity: str, state: Object) -> Object:
        held = {one.get("value") for one in on.api.get(self._path(identity)).get("entitlements") or []}
        flags = {name: word in held for name, word in _ENTITLEMENTS.items() if name in on.block.attributes}
        attribute, principal = self._principal(identity)
        return {"id": identity, attribute: principal, **flags}

    @override
    def update(self, on: Target, identity: str, wanted: Object, prior: Object) -> str:
        self._set(on, identity, [word for name, word in _ENTITLEMENTS.items() if wanted.get(name)])
        return identity

    @override
    def delete(self, on: Target, identity: str, state: Object) -> None:
        self._set(on, identity, [])

    def _set(self, on: Target, identity: str, words: list[str]) -> None:
        value = [{"value": word} for word in words]
        operation = {"op": "replace", "path": "entitlements", "value": value}
        on.api.patch(self._path(identity), {"schemas": [_PATCH], "Operations": [operation]})

    def _path(self, identity: str) -> str:
        attribute, principal = self._principal(identity)
        return f"{SCIM}/{_ENTITLED[attribute]}/{part(principal)}"

    def _principal(self, identity: str) -> tuple[str, str]:
        kind, _, principal = identity.partition("/")
        attribute = next((name for name, word in _KINDS.items() if word == kind), None)
        if attribute is None or not principal:
            raise ApiError(400, "INVALID", f"{identity} is not <{'|'.join(_KINDS.values())}>/<id>", "")
        return attribute, principal


_KINDS = {"group_id": "group", "service_principal_id": "spn", "user_id": "user"}

_UNSENT = frozenset(
    {"acl_principal_id", "disable_as_user_deletion", "force", "force_delete_home_dir", "force_delete_repos"}
    | {"home", "repos", "url"}
)

RESOURCES: tuple[Resource, ...] = (
    Identity(
        type="databricks_user",
        collection=f"{SCIM}/Users",
        named_by="user_name",
        principal="users",
        defaults={"active": True},
        forces_new=frozenset({"user_name"}),
        aliases=ALIASES,
        unsent=_UNSENT,
    ),
    Group(
        type="databricks_group",
        collection=f"{SCIM}/Groups",
        named_by="display_name",
        principal="groups",
        follows={"display_name": ("acl_principal_id",)},
        aliases=ALIASES,
        unsent=_UNSENT,
    ),
    ServicePrincipal(
        type="databricks_service_principal",
        collection=f"{SCIM}/ServicePrincipals",
        named_by="display_name",
        principal="servicePrincipals",
        defaults={"active": True},
        forces_new=frozenset({"application_id"}),
        aliases=ALIASES,
        unsent=_UNSENT,
    ),
    GroupMember(type="databricks_group_member", forces_new=frozenset({"group_id", "member_id"})),
    Entitlements(type="databricks_entitlements", forces_new=frozenset(_ENTITLED)),
)
