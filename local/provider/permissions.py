"""Who may see, run and change the objects of the workspace."""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import override

from local.provider.api import ApiError, Json, part
from local.provider.resource import Resource, Target, the_one
from local.provider.values import Object

_ME = "/api/2.0/preview/scim/v2/Me"
# Kinds that always have an owner, and kinds that their maker must be able to change afterwards.
_OWNED = frozenset({"jobs", "pipelines", "sql/warehouses"})
_MANAGED = frozenset({"clusters", "instance-pools", "registered-models", "serving-endpoints"})
_PRINCIPALS = ("user_name", "group_name", "service_principal_name")


@dataclass(frozen=True, kw_only=True)
class Permissions(Resource):
    """All permissions on one object; the id is `/<kind>/<id>`.

    The caller keeps its own: ownership where nobody else is named owner, else the right to change. When
    they are destroyed, the object is again its maker's.
    """

    @override
    def makes_new(self, wanted: Object) -> bool:
        return False

    @override
    def create(self, on: Target, wanted: Object) -> str:
        attribute, value = the_one(wanted, OBJECTS)
        if attribute.endswith("_path"):
            value = str(on.api.get("/api/2.0/workspace/get-status", path=value)["object_id"])
        identity = f"/{OBJECTS[attribute]}/{value}"
        self._put(on, identity, wanted["access_control"])
        return identity

    @override
    def read(self, on: Target, identity: str, state: Object) -> Object:
        answer = on.api.get(_path(identity))
        kind = identity.strip("/").rpartition("/")[0]
        attribute = next((name for name in OBJECTS if state.get(name)), None)
        attribute = attribute or next((name for name, word in OBJECTS.items() if word == kind), None)
        if attribute is None:
            raise ApiError(
                400, "INVALID", f"{identity}: the offline provider knows no permissions on {kind}", ""
            )
        known = {_principal(one) for one in state.get("access_control") or []}
        ignored = {("group_name", "admins"), ("user_name", self._me(on))} - known
        entries = [one for one in map(_entry, answer.get("access_control_list") or []) if one]
        return {
            "id": identity,
            attribute: state.get(attribute) or identity.rpartition("/")[2],
            "object_type": answer.get("object_type"),
            "access_control": [one for one in entries if _principal(one) not in ignored],
        }

    @override
    def update(self, on: Target, identity: str, wanted: Object, prior: Object) -> str:
        self._put(on, identity, wanted["access_control"])
        return identity

    @override
    def delete(self, on: Target, identity: str, state: Object) -> None:
        self._put(on, identity, [], self._maker(on, identity))

    def _put(self, on: Target, identity: str, entries: list[Object], owner: str | None = None) -> None:
        sent = [{name: value for name, value in one.items() if value not in (None, "")} for one in entries]
        kind = identity.strip("/").rpartition("/")[0]
        me = self._me(on)
        _check(kind, sent, me)
        if kind in _OWNED and not any(one["permission_level"] == "IS_OWNER" for one in sent):
            owner = owner or me
            sent = [one for one in sent if one.get("user_name") != owner]
            sent.append({"user_name": owner, "permission_level": "IS_OWNER"})
        elif kind in _MANAGED and not any(one.get("user_name") == me for one in sent):
            sent.append({"user_name": me, "permission_level": "CAN_MANAGE"})
        on.api.put(_path(identity), {"access_control_list": sent})

    def _maker(self, on: Target, identity: str) -> str | None:
        """Who made the object, where it is of a kind that has an owner."""
        kind, _, number = identity.strip("/").rpartition("/")
        if kind == "jobs":
            return str(on.api.get("/api/2.2/jobs/get", job_id=number)["creator_user_name"])
        if kind == "pipelines":
            return str(on.api.get(f"/api/2.0/pipelines/{part(number)}")["creator_user_name"])
        if kind == "sql/warehouses":
            return str(on.api.get(f"/api/2.0/sql/warehouses/{part(number)}")["creator_name"])
        return None

    def _me(self, on: Target) -> str:
        return str(on.api.get(_ME).get("userName"))


def _check(kind: str, entries: list[Object], me: str) -> None:
    """Refuse what the real provider refuses: to take rights from the administrators or from the caller."""
    for one in entries:
        if one.get("group_name") == "admins" and kind != "authorization":
            raise ApiError(
                400,
                "INVALID",
                "it is not possible to restrict any permissions from `admins`: leave it out",
                "",
            )
        lowered = one["permission_level"] not in ("IS_OWNER", "CAN_MANAGE")
        if one.get("user_name") == me and lowered and kind in _OWNED | _MANAGED:
            text = f"it is not possible to decrease administrative permissions for the current user: {me}"
            raise ApiError(400, "INVALID", text, "")


def _path(identity: str) -> str:
    return "/api/2.0/permissions/" + "/".join(map(part, identity.strip("/").split("/")))


def _principal(entry: Object) -> tuple[str, str]:
    return next(((name, str(entry[name])) for name in _PRINCIPALS if entry.get(name)), ("", ""))


def _entry(answer: Json) -> Object | None:
    """One entry of the answer; None when it is only inherited."""
    direct = [one for one in answer.get("all_permissions") or [] if not one.get("inherited")]
    if not direct:
        return None
    who = {name: answer.get(name) or None for name in _PRINCIPALS}
    return {**who, "permission_level": direct[0]["permission_level"]}


# The attribute that names an object → its kind in the API.
OBJECTS = {
    "job_id": "jobs",
    "pipeline_id": "pipelines",
    "cluster_id": "clusters",
    "cluster_policy_id": "cluster-policies",
    "instance_pool_id": "instance-pools",
    "sql_endpoint_id": "sql/warehouses",
    "notebook_id": "notebooks",
    "notebook_path": "notebooks",
    "directory_id": "directories",
    "directory_path": "directories",
    "workspace_file_id": "files",
    "workspace_file_path": "files",
    "repo_id": "repos",
    "repo_path": "repos",
    "experiment_id": "experiments",
    "registered_model_id": "registered-models",
    "serving_endpoint_id": "serving-endpoints",
    "authorization": "authorization",
}

RESOURCES = (Permissions(type="databricks_permissions", forces_new=frozenset(OBJECTS)),)
