"""Resource types of users, groups, service principals, group members and entitlements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from local.provider.api import Api, ApiError, Json, path_segment
from local.provider.behaviour import Behaviour
from local.provider.constraints import Constraints, at_least_one, excluded, none_of
from local.provider.resource_type import CallContext, Known, ResourceType, RestResource, exactly_one
from local.provider.suppression import ignore_case, platform_default
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


def _granted(context: CallContext, answer: Json) -> ObjectValue:
    """Return the entitlements of a principal that are set; the provider never reads that one is missing."""
    granted = {entry.get("value") for entry in answer.get("entitlements") or []}
    return {
        name: True
        for name, entitlement in _ENTITLEMENTS.items()
        if name in context.block.attributes and entitlement in granted
    }


def _requested(planned: ObjectValue) -> list[Json]:
    """Return the entitlements as a request has them; without any it has one empty value."""
    granted: list[Json] = [{"value": value} for name, value in _ENTITLEMENTS.items() if planned.get(name)]
    return granted or [{}]


@dataclass(frozen=True, kw_only=True)
class PrincipalResource(RestResource):
    """A SCIM principal: a user, a group or a service principal.

    Args:
        name_attribute: the attribute that holds the name, by which an existing principal is adopted.
        acl_prefix: the first segment of `acl_principal_id`.
        acl_attribute: the attribute that holds the second segment of `acl_principal_id`.
        read_attributes: the fields of the API that a read asks for.
    """

    name_attribute: str
    acl_prefix: str
    acl_attribute: str
    read_attributes: str = "userName,displayName,active,externalId,entitlements"

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
        kept = context.api.get(self.path(resource_id), attributes="groups,roles")
        memberships = {name: kept[name] for name in ("groups", "roles") if kept.get(name)}
        context.api.put(self.path(resource_id), {**self.body(context, planned), **memberships})
        return resource_id

    @override
    def read(self, context: CallContext, resource_id: str, known: Known) -> ObjectValue:
        answer = context.api.get(self.path(resource_id), attributes=self.read_attributes)
        return self.principal_state(context, answer, resource_id)

    def principal_state(self, context: CallContext, answer: Json, resource_id: str) -> ObjectValue:
        """Convert a SCIM answer to Terraform's form."""
        name = str(answer.get(ALIASES[f".{self.acl_attribute}"]) or "")
        derived = {
            "acl_principal_id": f"{self.acl_prefix}/{name}",
            "home": f"/Users/{name}",
            "repos": f"/Repos/{name}",
            "url": f"{context.api.host}/#setting/accounts/groups/{resource_id}",
            "active": bool(answer.get("active")),
        }
        texts = {attribute.removeprefix("."): answer.get(field) or "" for attribute, field in ALIASES.items()}
        values = {
            name: value for name, value in {**derived, **texts}.items() if name in context.block.attributes
        }
        return {**values, **_granted(context, answer)}

    @override
    def delete(self, context: CallContext, resource_id: str, state: ObjectValue) -> None:
        if state.get("disable_as_user_deletion"):
            operation = {"op": "replace", "path": "active", "value": [{"value": "false"}]}
            context.api.patch(self.path(resource_id), {"schemas": [_PATCH], "Operations": [operation]})
            return
        super().delete(context, resource_id, state)
        for folder, setting in (("repos", "force_delete_repos"), ("home", "force_delete_home_dir")):
            if state.get(setting):
                try:
                    context.api.post(f"{WORKSPACE}/delete", {"path": state[folder], "recursive": True})
                except ApiError as error:
                    if not error.not_found:  # the other folder may still exist
                        raise

    @override
    def body(self, context: CallContext, planned: ObjectValue, only: Any = None) -> Json:
        body = super().body(context, planned, only)
        kept = {name: value for name, value in body.items() if name not in _ENTITLEMENTS}
        schema = _SCHEMA + self.collection.rpartition("/")[2].removesuffix("s")
        active = {"active": bool(planned.get("active"))} if "active" in context.block.attributes else {}
        return {**kept, **active, "entitlements": _requested(planned), "schemas": [schema]}

    def _existing_id(self, context: CallContext, planned: ObjectValue) -> str | None:
        field = ALIASES[f".{self.name_attribute}"]
        entry = find_by_name(context.api, self.collection, field, planned.get(self.name_attribute))
        return str(entry["id"]) if entry else None


class GroupResource(PrincipalResource):
    """A group; a change keeps its members."""

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        attributes = "displayName,entitlements,groups,members,externalId"
        kept = context.api.get(self.path(resource_id), attributes=attributes)
        members = {name: kept[name] for name in ("groups", "roles", "members") if kept.get(name)}
        context.api.put(self.path(resource_id), {**self.body(context, planned), **members})
        return resource_id


class ServicePrincipalResource(PrincipalResource):
    """A service principal; its display name need not be unique."""

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        # The application id is sent on Azure only.
        return super().update(context, resource_id, {**planned, "application_id": None}, prior)

    @override
    def namesakes(self, context: CallContext, planned: ObjectValue) -> list[str]:
        field, name = ALIASES[".display_name"], planned.get("display_name")
        entry = find_by_name(context.api, self.collection, field, name)
        return [str(entry["id"])] if entry else []


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
    def read(self, context: CallContext, resource_id: str, known: Known) -> ObjectValue:
        group, _, member = resource_id.partition("|")
        answer = context.api.get(f"{SCIM}/Groups/{path_segment(group)}", attributes="members")
        if member not in [entry.get("value") for entry in answer.get("members") or []]:
            raise ApiError(404, "NOT_FOUND", f"{member} is not in group {group}", "")
        return {"group_id": group, "member_id": member}

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
    def read(self, context: CallContext, resource_id: str, known: Known) -> ObjectValue:
        answer = context.api.get(self._path(resource_id), attributes="entitlements")
        flags = dict.fromkeys((name for name in _ENTITLEMENTS if name in context.block.attributes), False)
        attribute, principal_id = self._parse_id(resource_id)
        return {attribute: principal_id, **flags, **_granted(context, answer)}

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        self._patch(context, resource_id, "replace", planned)
        return resource_id

    @override
    def delete(self, context: CallContext, resource_id: str, state: ObjectValue) -> None:
        if any(state.get(name) for name in _ENTITLEMENTS):
            self._patch(context, resource_id, "remove", state)

    def _patch(self, context: CallContext, resource_id: str, verb: str, values: ObjectValue) -> None:
        operation = {"op": verb, "path": "entitlements", "value": _requested(values)}
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
_NO_ENTITLEMENTS = dict.fromkeys(_ENTITLEMENTS, False)
_CONSUMER = excluded("workspace_consume", "workspace_access", "databricks_sql_access")
_EXTERNAL_ID = {"external_id": platform_default("external_id")}

RESOURCE_TYPES: tuple[ResourceType, ...] = (
    PrincipalResource(
        type="databricks_user",
        collection=f"{SCIM}/Users",
        name_attribute="user_name",
        acl_prefix="users",
        acl_attribute="user_name",
        behaviour=Behaviour(
            defaults={"active": True, **_NO_ENTITLEMENTS},
            forces_new=frozenset({"user_name"}),
            suppressed={"user_name": ignore_case, **_EXTERNAL_ID},
            constraints=Constraints(relations={"": (_CONSUMER,)}),
        ),
        aliases=ALIASES,
        not_sent=_UNSENT,
    ),
    GroupResource(
        type="databricks_group",
        collection=f"{SCIM}/Groups",
        name_attribute="display_name",
        acl_prefix="groups",
        acl_attribute="display_name",
        read_attributes="displayName,externalId,entitlements",
        behaviour=Behaviour(
            defaults=_NO_ENTITLEMENTS,
            forces_new=frozenset({"external_id"}),
            suppressed=_EXTERNAL_ID,
            constraints=Constraints(
                relations={"": (_CONSUMER,)}, values={"display_name": none_of("users", "admins")}
            ),
        ),
        aliases=ALIASES,
        not_sent=_UNSENT,
    ),
    ServicePrincipalResource(
        type="databricks_service_principal",
        collection=f"{SCIM}/ServicePrincipals",
        name_attribute="application_id",
        acl_prefix="servicePrincipals",
        acl_attribute="application_id",
        behaviour=Behaviour(
            constraints=Constraints(
                relations={"": (_CONSUMER, at_least_one("application_id", "display_name"))}
            ),
            defaults={"active": True, **_NO_ENTITLEMENTS},
            forces_new=frozenset({"application_id"}),
            suppressed=_EXTERNAL_ID,
        ),
        aliases=ALIASES,
        not_sent=_UNSENT,
    ),
    GroupMemberResource(
        type="databricks_group_member",
        behaviour=Behaviour(forces_new=frozenset({"group_id", "member_id"})),
    ),
    EntitlementsResource(
        type="databricks_entitlements",
        behaviour=Behaviour(
            defaults=_NO_ENTITLEMENTS,
            forces_new=frozenset(_COLLECTIONS),
            constraints=Constraints(relations={"": (_CONSUMER, at_least_one(*_COLLECTIONS))}),
        ),
    ),
)
