"""The resource type of permissions on workspace objects."""

from __future__ import annotations

from dataclasses import dataclass

from typing_extensions import override

from local.provider.api import ApiError, Json, path_segment
from local.provider.resource_type import CallContext, ResourceType, exactly_one
from local.provider.values import ObjectValue

_CURRENT_USER_PATH = "/api/2.0/preview/scim/v2/Me"
# Kinds of object that always have an owner, and kinds on which the current user keeps CAN_MANAGE.
_KINDS_WITH_OWNER = frozenset({"jobs", "pipelines", "sql/warehouses"})
_KINDS_WITH_MANAGER = frozenset({"clusters", "instance-pools", "registered-models", "serving-endpoints"})
_PRINCIPALS = ("user_name", "group_name", "service_principal_name")


@dataclass(frozen=True, kw_only=True)
class PermissionsResource(ResourceType):
    """All permissions on one object; the id is `/<kind>/<id>`.

    The current user keeps access: ownership if no other owner is set, else CAN_MANAGE. Destroying the
    permissions makes the creator of the object its owner again.
    """

    @override
    def can_roll_back(self, planned: ObjectValue) -> bool:
        return False

    @override
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        attribute, value = exactly_one(planned, OBJECT_KINDS)
        if attribute.endswith("_path"):
            value = str(context.api.get("/api/2.0/workspace/get-status", path=value)["object_id"])
        resource_id = f"/{OBJECT_KINDS[attribute]}/{value}"
        self._put(context, resource_id, planned["access_control"])
        return resource_id

    @override
    def read(self, context: CallContext, resource_id: str, state: ObjectValue) -> ObjectValue:
        answer = context.api.get(_path(resource_id))
        kind = resource_id.strip("/").rpartition("/")[0]
        attribute = next((name for name in OBJECT_KINDS if state.get(name)), None)
        attribute = attribute or next(
            (name for name, object_kind in OBJECT_KINDS.items() if object_kind == kind), None
        )
        if attribute is None:
            raise ApiError(
                400,
                "INVALID",
                f"{resource_id}: the offline provider does not support permissions on {kind}",
                "",
            )
        configured = {_principal(entry) for entry in state.get("access_control") or []}
        ignored = {("group_name", "admins"), ("user_name", self._current_user_name(context))} - configured
        entries = [entry for entry in map(_entry, answer.get("access_control_list") or []) if entry]
        return {
            "id": resource_id,
            attribute: state.get(attribute) or resource_id.rpartition("/")[2],
            "object_type": answer.get("object_type"),
            "access_control": [entry for entry in entries if _principal(entry) not in ignored],
        }

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        self._put(context, resource_id, planned["access_control"])
        return resource_id

    @override
    def delete(self, context: CallContext, resource_id: str, state: ObjectValue) -> None:
        self._put(context, resource_id, [], self._creator(context, resource_id))

    def _put(
        self, context: CallContext, resource_id: str, entries: list[ObjectValue], owner: str | None = None
    ) -> None:
        body = [
            {name: value for name, value in entry.items() if value not in (None, "")} for entry in entries
        ]
        kind = resource_id.strip("/").rpartition("/")[0]
        me = self._current_user_name(context)
        _check_entries(kind, body, me)
        if kind in _KINDS_WITH_OWNER and not any(entry["permission_level"] == "IS_OWNER" for entry in body):
            owner = owner or me
            body = [entry for entry in body if entry.get("user_name") != owner]
            body.append({"user_name": owner, "permission_level": "IS_OWNER"})
        elif kind in _KINDS_WITH_MANAGER and not any(entry.get("user_name") == me for entry in body):
            body.append({"user_name": me, "permission_level": "CAN_MANAGE"})
        context.api.put(_path(resource_id), {"access_control_list": body})

    def _creator(self, context: CallContext, resource_id: str) -> str | None:
        """Return the creator of an object whose kind has an owner, else None."""
        kind, _, number = resource_id.strip("/").rpartition("/")
        if kind == "jobs":
            return str(context.api.get("/api/2.2/jobs/get", job_id=number)["creator_user_name"])
        if kind == "pipelines":
            return str(context.api.get(f"/api/2.0/pipelines/{path_segment(number)}")["creator_user_name"])
        if kind == "sql/warehouses":
            return str(context.api.get(f"/api/2.0/sql/warehouses/{path_segment(number)}")["creator_name"])
        return None

    def _current_user_name(self, context: CallContext) -> str:
        return str(context.api.get(_CURRENT_USER_PATH).get("userName"))


def _check_entries(kind: str, entries: list[ObjectValue], me: str) -> None:
    """Refuse, as the real provider does, to restrict the administrators or the current user."""
    for entry in entries:
        if entry.get("group_name") == "admins" and kind != "authorization":
            raise ApiError(
                400,
                "INVALID",
                "it is not possible to restrict any permissions from `admins`: leave it out",
                "",
            )
        reduced = entry["permission_level"] not in ("IS_OWNER", "CAN_MANAGE")
        if entry.get("user_name") == me and reduced and kind in _KINDS_WITH_OWNER | _KINDS_WITH_MANAGER:
            text = f"it is not possible to decrease administrative permissions for the current user: {me}"
            raise ApiError(400, "INVALID", text, "")


def _path(resource_id: str) -> str:
    return "/api/2.0/permissions/" + "/".join(map(path_segment, resource_id.strip("/").split("/")))


def _principal(entry: ObjectValue) -> tuple[str, str]:
    return next(((name, str(entry[name])) for name in _PRINCIPALS if entry.get(name)), ("", ""))


def _entry(answer: Json) -> ObjectValue | None:
    """Convert one entry of the answer; None if the principal only has inherited permissions."""
    direct = [entry for entry in answer.get("all_permissions") or [] if not entry.get("inherited")]
    if not direct:
        return None
    principal = {name: answer.get(name) or None for name in _PRINCIPALS}
    return {**principal, "permission_level": direct[0]["permission_level"]}


# Attribute that names the object → kind of object in the API.
OBJECT_KINDS = {
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

RESOURCE_TYPES = (PermissionsResource(type="databricks_permissions", forces_new=frozenset(OBJECT_KINDS)),)
