"""The resource type of permissions on workspace objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from typing_extensions import override

from local.provider.api import ApiError, Json, path_segment
from local.provider.api_form import in_order_of_hashes
from local.provider.behaviour import Behaviour
from local.provider.constraints import Constraints, at_most_one
from local.provider.resource_type import CallContext, Known, ResourceType, exactly_one
from local.provider.values import ObjectValue, Value

_CURRENT_USER_PATH = "/api/2.0/preview/scim/v2/Me"
_PRINCIPALS = ("user_name", "group_name", "service_principal_name")
_FIELDS = ("group_name", "permission_level", "service_principal_name", "user_name")
_TOKENS = "/authorization/tokens"  # administrators keep CAN_MANAGE
_WORKSPACE_LEVELS = frozenset({"CAN_READ", "CAN_RUN", "CAN_EDIT", "CAN_MANAGE"})


@dataclass(frozen=True)
class ObjectKind:
    """One kind of object that has permissions.

    Args:
        collection: its segments in the API's path.
        object_type: its name in the API's answer and in the state.
        levels: the permission levels that it may have.
        keeps_manager: the user who sets permissions keeps CAN_MANAGE.
        manages_admins: the group `admins` may be configured, and is read.
        creator: path of the object in the API, the query parameter with its id (else the id is the last
            segment), and the field that holds its creator; for kinds with an owner.
    """

    collection: str
    object_type: str
    levels: frozenset[str]
    keeps_manager: bool = False
    manages_admins: bool = False
    creator: tuple[str, str | None, str] | None = None

    @property
    def has_owner(self) -> bool:
        """Whether an object of this kind always has an owner."""
        return "IS_OWNER" in self.levels


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
    def refusal(self, planned: ObjectValue) -> str:
        for attribute, kind in OBJECT_KINDS.items():
            if planned.get(attribute) == "passwords" and attribute == "authorization":
                kind = PASSWORDS
            for entry in planned.get("access_control") or [] if planned.get(attribute) else ():
                level = entry.get("permission_level")
                if isinstance(level, str) and level and level not in kind.levels:
                    return f"{attribute} has no level {level} (one of {', '.join(sorted(kind.levels))})"
        return ""

    @override
    def create(self, context: CallContext, planned: ObjectValue) -> str:
        attribute, value = exactly_one(planned, OBJECT_KINDS)
        if attribute.endswith("_path"):
            value = str(context.api.get("/api/2.0/workspace/get-status", path=value)["object_id"])
        if attribute == "authorization" and value not in ("tokens", "passwords"):
            raise ApiError(400, "INVALID", f"authorization is {value} (tokens or passwords)", "")
        resource_id = f"/{OBJECT_KINDS[attribute].collection}/{value}"
        return self.update(context, resource_id, planned, {})

    @override
    def read(self, context: CallContext, resource_id: str, known: Known) -> ObjectValue:
        attribute, kind = _kind_of(resource_id)
        me = self._current_user_name(context)
        answer = context.api.get(_path(resource_id))
        if answer.get("object_type", kind.object_type) != kind.object_type:
            text = f"{resource_id} is {answer['object_type']}, not {kind.object_type}"
            raise ApiError(400, "INVALID", text, "")
        configured = {_principal(entry) for entry in known.values.get("access_control") or []}
        includes_me = any(name == me for _, name in configured)
        entries = [
            entry
            for assigned in answer.get("access_control_list") or []
            if (kind.manages_admins or assigned.get("group_name") != "admins")
            and (includes_me or me not in (assigned.get("user_name"), assigned.get("service_principal_name")))
            for entry in _direct_entries(assigned)
        ]
        if not entries:
            raise ApiError(404, "NOT_FOUND", f"{resource_id} has no permissions of its own", "")
        result = self.written(context, {"access_control": entries}, known, object_type=kind.object_type)
        if not any(known.values.get(name) for name in OBJECT_KINDS):
            result[attribute] = resource_id.rpartition("/")[2]
        return result

    @override
    def update(self, context: CallContext, resource_id: str, planned: ObjectValue, prior: ObjectValue) -> str:
        _, kind = _kind_of(resource_id)
        elements = {key_of_entry(entry): entry for entry in planned["access_control"]}
        entries = [
            {name: elements[key][name] for name in _FIELDS if elements[key].get(name)}
            for key in in_order_of_hashes(elements, text=str)
        ]
        me = self._current_user_name(context)
        _check_entries(kind, entries, me)
        if kind.keeps_manager and not any(_name(entry) == me for entry in entries):
            entries.append({"user_name": me, "permission_level": "CAN_MANAGE"})
        self._put(context, resource_id, entries, me)
        return resource_id

    @override
    def delete(self, context: CallContext, resource_id: str, state: ObjectValue) -> None:
        _, kind = _kind_of(resource_id)
        if kind.collection == "pipelines":
            # The provider leaves the permissions of a pipeline as they are.
            return
        answer = context.api.get(_path(resource_id))
        admins = [
            each for each in answer.get("access_control_list") or [] if each.get("group_name") == "admins"
        ]
        entries = [entry for each in admins for entry in _direct_entries(each)[:1]]
        me = self._current_user_name(context) if kind.keeps_manager else ""
        if kind.keeps_manager and not any(_name(entry) == me for entry in entries):
            entries.append({"user_name": me, "permission_level": "CAN_MANAGE"})
        creator = self._creator(context, kind, resource_id.rpartition("/")[2])
        self._put(context, resource_id, entries, creator)

    def _creator(self, context: CallContext, kind: ObjectKind, number: str) -> str:
        """Return who created the object; empty for kinds without an owner."""
        if kind.creator is None:
            return ""
        path, parameter, field = kind.creator
        query = {parameter: number} if parameter else {}
        return str(context.api.get(path if parameter else f"{path}/{path_segment(number)}", **query)[field])

    def _put(self, context: CallContext, resource_id: str, entries: list[Json], owner: str) -> None:
        _, kind = _kind_of(resource_id)
        if resource_id == _TOKENS and not any(entry.get("group_name") == "admins" for entry in entries):
            entries = [*entries, {"group_name": "admins", "permission_level": "CAN_MANAGE"}]
        if kind.has_owner and not any(entry["permission_level"] == "IS_OWNER" for entry in entries):
            entries = [*entries, {"user_name": owner, "permission_level": "IS_OWNER"}]
        context.api.put(_path(resource_id), {"access_control_list": entries} if entries else {})

    def _current_user_name(self, context: CallContext) -> str:
        return str(context.api.get(_CURRENT_USER_PATH).get("userName"))


def _kind_of(resource_id: str) -> tuple[str, ObjectKind]:
    """Return the attribute that names the object, and its kind."""
    collection = resource_id.strip("/").rpartition("/")[0]
    if resource_id == "/authorization/passwords":
        return "authorization", PASSWORDS
    for attribute, kind in OBJECT_KINDS.items():
        if kind.collection == collection:
            return attribute, kind
    text = f"{resource_id}: the offline provider does not support permissions on {collection or resource_id}"
    raise ApiError(400, "INVALID", text, "")


def _check_entries(kind: ObjectKind, entries: list[Json], me: str) -> None:
    """Refuse permissions of administrators, and those that take CAN_MANAGE from the current user."""
    for entry in entries:
        if entry.get("group_name") == "admins" and not kind.manages_admins:
            text = (
                f"it is not possible to modify permissions of admins for {kind.object_type}: leave them out"
            )
            raise ApiError(400, "INVALID", text, "")
        managing = entry["permission_level"] in ("IS_OWNER", "CAN_MANAGE") or (
            kind.collection == "cluster-policies"
        )
        if _name(entry) == me and not managing:
            text = f"the current user {me} cannot lose CAN_MANAGE on {kind.object_type}"
            raise ApiError(400, "INVALID", text, "")


def _path(resource_id: str) -> str:
    return "/api/2.0/permissions/" + "/".join(map(path_segment, resource_id.strip("/").split("/")))


def _principal(entry: ObjectValue) -> tuple[str, str]:
    return next(((name, str(entry[name])) for name in _PRINCIPALS if entry.get(name)), ("", ""))


def _name(entry: ObjectValue) -> str:
    return str(entry.get("user_name") or entry.get("service_principal_name") or "")


def _direct_entries(assigned: Json) -> list[Json]:
    """Return an entry for each permission that a principal does not inherit."""
    principal = {name: assigned[name] for name in _PRINCIPALS if assigned.get(name)}
    return [
        {**principal, "permission_level": permission["permission_level"]}
        for permission in assigned.get("all_permissions") or []
        if not permission.get("inherited")
    ]


def key_of_entry(entry: Value) -> str:
    """Return the text that the provider's SDK hashes for an entry: each field's name and value."""
    return "".join(f"{name}:{entry.get(name) or ''};" for name in sorted(_FIELDS))


_MANAGED = frozenset({"CAN_ATTACH_TO", "CAN_MANAGE"})

# Attribute that names the object → its kind.
OBJECT_KINDS: Mapping[str, ObjectKind] = {
    "job_id": ObjectKind(
        "jobs",
        "job",
        frozenset({"CAN_VIEW", "CAN_MANAGE_RUN", "IS_OWNER", "CAN_MANAGE"}),
        creator=("/api/2.2/jobs/get", "job_id", "creator_user_name"),
    ),
    "pipeline_id": ObjectKind(
        "pipelines", "pipelines", frozenset({"CAN_VIEW", "CAN_RUN", "CAN_MANAGE", "IS_OWNER"})
    ),
    "cluster_id": ObjectKind("clusters", "cluster", _MANAGED | {"CAN_RESTART"}, keeps_manager=True),
    "cluster_policy_id": ObjectKind("cluster-policies", "cluster-policy", frozenset({"CAN_USE"})),
    "instance_pool_id": ObjectKind("instance-pools", "instance-pool", _MANAGED, keeps_manager=True),
    "sql_endpoint_id": ObjectKind(
        "sql/warehouses",
        "warehouses",
        frozenset({"CAN_USE", "CAN_MANAGE", "CAN_MONITOR", "CAN_VIEW", "IS_OWNER"}),
        keeps_manager=True,
        creator=("/api/2.0/sql/warehouses", None, "creator_name"),
    ),
    "notebook_id": ObjectKind("notebooks", "notebook", _WORKSPACE_LEVELS),
    "notebook_path": ObjectKind("notebooks", "notebook", _WORKSPACE_LEVELS),
    "directory_id": ObjectKind("directories", "directory", _WORKSPACE_LEVELS),
    "directory_path": ObjectKind("directories", "directory", _WORKSPACE_LEVELS),
    "workspace_file_id": ObjectKind("files", "file", _WORKSPACE_LEVELS),
    "workspace_file_path": ObjectKind("files", "file", _WORKSPACE_LEVELS),
    "repo_id": ObjectKind("repos", "repo", _WORKSPACE_LEVELS),
    "repo_path": ObjectKind("repos", "repo", _WORKSPACE_LEVELS),
    "experiment_id": ObjectKind(
        "experiments", "mlflowExperiment", frozenset({"CAN_READ", "CAN_EDIT", "CAN_MANAGE"})
    ),
    "registered_model_id": ObjectKind(
        "registered-models",
        "registered-model",
        frozenset({"CAN_READ", "CAN_EDIT", "CAN_MANAGE", "CAN_MANAGE_STAGING_VERSIONS"})
        | {"CAN_MANAGE_PRODUCTION_VERSIONS"},
        keeps_manager=True,
    ),
    "serving_endpoint_id": ObjectKind(
        "serving-endpoints",
        "serving-endpoint",
        frozenset({"CAN_VIEW", "CAN_QUERY", "CAN_MANAGE"}),
        keeps_manager=True,
    ),
    "authorization": ObjectKind("authorization", "tokens", frozenset({"CAN_USE", "CAN_MANAGE"})),
}

PASSWORDS = ObjectKind("authorization", "passwords", frozenset({"CAN_USE"}), manages_admins=True)
"""The kind of `authorization: passwords`; OBJECT_KINDS has that of tokens."""

RESOURCE_TYPES: tuple[ResourceType, ...] = (
    PermissionsResource(
        type="databricks_permissions",
        behaviour=Behaviour(
            forces_new=frozenset(OBJECT_KINDS),
            set_keys={"access_control": key_of_entry},
            constraints=Constraints(relations={"": (at_most_one(*OBJECT_KINDS),)}),
        ),
        not_read=frozenset(OBJECT_KINDS),
    ),
)
