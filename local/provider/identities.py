"""Resource types of users, groups, service principals, group members and entitlements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from local.provider.api import Api, ApiError, Json, path_segment
from local.provider.resource_type import CallContext, ResourceType, RestResource, exactly_one
from local.provider.values import ObjectValue, Value
from local.provider.workspace_objects import WORKSPACE

SCIM = "/api/2.0/preview/scim/v2"
_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:"
_PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

# Boolean attribute in Terraform → entitlement in the API.
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


def find_by_name(api: Api, collection: str, field: str, name: Value) -> Json | None:
    """Return the principal with exactly that name, or None.

    Names are compared here, because a SCIM filter cannot express every name.
    """
    principals: list[Json] = api.get(collection).get("Resources") or []
    return next((entry for entry in principals if isinstance(name, str) and entry.get(field) == name), None)


@dataclass(frozen=True, kw_only=True)
class PrincipalResource(RestResource):
    """A SCIM principal: a user, a group or a service principal.

    Args:
        name_attribute: the attribute that holds the name.
        acl_prefix: the first segment of `acl_principal_id`.
    """

    name_attribute: str
    acl_prefix: str

    @override
    def can_roll_back(self, planned: ObjectValue) -> bool:
        return not planned.get("force")

    @override
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        try:
            return super().create(context, planned)
        except ApiError as error:
            adopt = error.already_exists and planned.get("force")
            existing = self._existing_id(context, planned) if adopt else None
            if existing is None:
                raise
            return self.update(context, existing, planned, {})

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        # One operation per field: replacing a whole group would remove its members.
        cleared: Json = {"entitlements": []} if any(prior.get(name) for name in _ENTITLEMENTS) else {}
        values = {**cleared, **self.body(context, planned)}
        operations = [
            {"op": "replace", "path": name, "value": value}
            for name, value in values.items()
            if name != "schemas"
        ]
        context.api.patch(self.path(resource_id), {"schemas": [_PATCH], "Operations": operations})
        return resource_id

    @override
    def read(self, context: CallContext, resource_id: str, state: ObjectValue) -> ObjectValue:
        return self.principal_state(context, context.api.get(self.path(resource_id)), resource_id)

    def principal_state(self, context: CallContext, answer: Json, resource_id: str) -> ObjectValue:
        """Convert a SCIM answer to Terraform's form."""
        granted = {entry.get("value") for entry in answer.get("entitlements") or []}
        flags = {
            name: entitlement in granted
            for name, entitlement in _ENTITLEMENTS.items()
            if name in context.block.attributes
        }
        name = str(
            answer.get("applicationId") or answer.get("userName") or answer.get("displayName") or resource_id
        )
        return self.to_state(context, answer, resource_id, **flags, **self._derived(context, name))

    @override
    def delete(self, context: CallContext, resource_id: str, state: ObjectValue) -> None:
        super().delete(context, resource_id, state)
        for folder, setting in (("home", "force_delete_home_dir"), ("repos", "force_delete_repos")):
            if state.get(setting):
                try:
                    context.api.post(f"{WORKSPACE}/delete", {"path": state[folder], "recursive": True})
                except ApiError as error:
                    if not error.not_found:  # the other folder may still exist
                        raise

    @override
    def body(self, context: CallContext, planned: ObjectValue) -> Json:
        body = super().body(context, planned)
        flags = {name: body.pop(name) for name in _ENTITLEMENTS if name in body}
        if flags:
            body["entitlements"] = [{"value": _ENTITLEMENTS[name]} for name, flag in flags.items() if flag]
        return {**body, "schemas": [_SCHEMA + self.collection.rpartition("/")[2].removesuffix("s")]}

    def _existing_id(self, context: CallContext, planned: ObjectValue) -> str | None:
        field = ALIASES[f".{self.name_attribute}"]
        entry = find_by_name(context.api, self.collection, field, planned.get(self.name_attribute))
        return str(entry["id"]) if entry else None

    def _derived(self, context: CallContext, name: str) -> ObjectValue:
        derived: dict[str, Any] = {"acl_principal_id": f"{self.acl_prefix}/{name}"}
        if "home" in context.block.attributes:
            derived |= {"home": f"/Users/{name}", "repos": f"/Repos/{name}"}
        return derived


class GroupResource(PrincipalResource):
    """A group and the address of its page."""

    @override
    def principal_state(self, context: CallContext, answer: Json, resource_id: str) -> ObjectValue:
        return {
            **super().principal_state(context, answer, resource_id),
            "url": f"{context.api.host}/#setting/accounts/groups/{resource_id}",
        }


class ServicePrincipalResource(PrincipalResource):
    """A service principal; its display name need not be unique."""

    @override
    def namesakes(self, context: CallContext, planned: ObjectValue) -> list[str]:
        existing = self._existing_id(context, planned)
        return [existing] if existing else []


@dataclass(frozen=True, kw_only=True)
class GroupMemberResource(ResourceType):
    """One member of one group; the id is `<group id>|<member id>`."""

    @override
    def can_roll_back(self, planned: ObjectValue) -> bool:
        return False

    @override
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        group, member = planned["group_id"], planned["member_id"]
        self._patch(context, group, {"op": "add", "path": "members", "value": [{"value": member}]})
        return f"{group}|{member}"

    @override
    def read(self, context: CallContext, resource_id: str, state: ObjectValue) -> ObjectValue:
        group, _, member = resource_id.partition("|")
        members = context.api.get(f"{SCIM}/Groups/{path_segment(group)}").get("members") or []
        if member not in [entry.get("value") for entry in members]:
            raise ApiError(404, "NOT_FOUND", f"{member} is not in group {group}", "")
        return {"id": resource_id, "group_id": group, "member_id": member}

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        return resource_id

    @override
    def delete(self, context: CallContext, resource_id: str, state: ObjectValue) -> None:
        group, _, member = resource_id.partition("|")
        self._patch(context, group, {"op": "remove", "path": f'members[value eq "{member}"]'})

    def _patch(self, context: CallContext, group: str, operation: Json) -> None:
        context.api.patch(
            f"{SCIM}/Groups/{path_segment(group)}", {"schemas": [_PATCH], "Operations": [operation]}
        )


# Attribute that names the principal → SCIM collection of such principals.
_COLLECTIONS = {"group_id": "Groups", "service_principal_id": "ServicePrincipals", "user_id": "Users"}


class EntitlementsResource(ResourceType):
    """All entitlements of one principal; the id is `group/<id>`, `spn/<id>` or `user/<id>`."""

    @override
    def can_roll_back(self, planned: ObjectValue) -> bool:
        return False

    @override
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        attribute, principal_id = exactly_one(planned, _COLLECTIONS)
        resource_id = f"{_ID_PREFIXES[attribute]}/{principal_id}"
        return self.update(context, resource_id, planned, {})

    @override
    def read(self, context: CallContext, resource_id: str, state: ObjectValue) -> ObjectValue:
        granted = {
            entry.get("value") for entry in context.api.get(self._path(resource_id)).get("entitlements") or []
        }
        flags = {
            name: entitlement in granted
            for name, entitlement in _ENTITLEMENTS.items()
            if name in context.block.attributes
        }
        attribute, principal_id = self._parse_id(resource_id)
        return {"id": resource_id, attribute: principal_id, **flags}

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        self._set(
            context,
            resource_id,
            [entitlement for name, entitlement in _ENTITLEMENTS.items() if planned.get(name)],
        )
        return resource_id

    @override
    def delete(self, context: CallContext, resource_id: str, state: ObjectValue) -> None:
        self._set(context, resource_id, [])

    def _set(self, context: CallContext, resource_id: str, entitlements: list[str]) -> None:
        value = [{"value": entitlement} for entitlement in entitlements]
        operation = {"op": "replace", "path": "entitlements", "value": value}
        context.api.patch(self._path(resource_id), {"schemas": [_PATCH], "Operations": [operation]})

    def _path(self, resource_id: str) -> str:
        attribute, principal_id = self._parse_id(resource_id)
        return f"{SCIM}/{_COLLECTIONS[attribute]}/{path_segment(principal_id)}"

    def _parse_id(self, resource_id: str) -> tuple[str, str]:
        prefix, _, principal_id = resource_id.partition("/")
        attribute = next((name for name, value in _ID_PREFIXES.items() if value == prefix), None)
        if attribute is None or not principal_id:
            raise ApiError(
                400, "INVALID", f"{resource_id} is not <{'|'.join(_ID_PREFIXES.values())}>/<id>", ""
            )
        return attribute, principal_id


_ID_PREFIXES = {"group_id": "group", "service_principal_id": "spn", "user_id": "user"}

_UNSENT = frozenset(
    {"acl_principal_id", "disable_as_user_deletion", "force", "force_delete_home_dir", "force_delete_repos"}
    | {"home", "repos", "url"}
)

RESOURCE_TYPES: tuple[ResourceType, ...] = (
    PrincipalResource(
        type="databricks_user",
        collection=f"{SCIM}/Users",
        name_attribute="user_name",
        acl_prefix="users",
        defaults={"active": True},
        forces_new=frozenset({"user_name"}),
        aliases=ALIASES,
        not_sent=_UNSENT,
    ),
    GroupResource(
        type="databricks_group",
        collection=f"{SCIM}/Groups",
        name_attribute="display_name",
        acl_prefix="groups",
        recomputed={"display_name": ("acl_principal_id",)},
        aliases=ALIASES,
        not_sent=_UNSENT,
    ),
    ServicePrincipalResource(
        type="databricks_service_principal",
        collection=f"{SCIM}/ServicePrincipals",
        name_attribute="display_name",
        acl_prefix="servicePrincipals",
        defaults={"active": True},
        forces_new=frozenset({"application_id"}),
        aliases=ALIASES,
        not_sent=_UNSENT,
    ),
    GroupMemberResource(type="databricks_group_member", forces_new=frozenset({"group_id", "member_id"})),
    EntitlementsResource(type="databricks_entitlements", forces_new=frozenset(_COLLECTIONS)),
)
