"""Row filters and column masks: recorded here, and applied by no query of this workspace."""

import uuid

from fastapi import APIRouter

from local.workspace.errors import already_exists, invalid, not_found
from local.workspace.store import Json, current_user, now_ms
from local.workspace.unity_catalog import securable

router = APIRouter(prefix="/api/2.1/unity-catalog/policies")

_FUNCTIONS = {"POLICY_TYPE_ROW_FILTER": "row_filter", "POLICY_TYPE_COLUMN_MASK": "column_mask"}
_KINDS = {"CATALOG": "catalogs", "SCHEMA": "schemas"}
_READ_ONLY = ("id", "on_securable_type", "on_securable_fullname", "created_at", "created_by")


@router.post("")
async def create(body: Json) -> Json:
    """Create a policy; its function has to exist."""
    kind, full_name, name = (
        str(body.get(field) or "") for field in ("on_securable_type", "on_securable_fullname", "name")
    )
    _check_new(_of(kind, full_name), full_name, name)
    _check(body)
    policies = _of(kind, full_name, new=True)
    moment = {"created_at": now_ms(), "created_by": current_user()}
    policies[name] = {**body, "id": str(uuid.uuid4()), **moment, **_updated()}
    return policies[name]


@router.get("/{kind}/{full_name}")
async def list_(kind: str, full_name: str) -> Json:
    """List the policies of a catalog or schema."""
    return {"policies": list(_of(kind, full_name).values())}


@router.get("/{kind}/{full_name}/{name}")
async def get(kind: str, full_name: str, name: str) -> Json:
    """Get a policy."""
    return _policy(kind, full_name, name)


@router.patch("/{kind}/{full_name}/{name}")
async def update(kind: str, full_name: str, name: str, body: Json) -> Json:
    """Change the fields of a policy that the request has; null removes a field."""
    policy = _policy(kind, full_name, name)
    changed: Json = {**policy, **{field: one for field, one in body.items() if field not in _READ_ONLY}}
    _check(changed)
    policies = _of(kind, full_name)
    if changed["name"] != name:
        _check_new(policies, full_name, str(changed["name"]))
    del policies[name]
    kept = {field: value for field, value in changed.items() if value is not None}
    policies[str(changed["name"])] = {**kept, **_updated()}
    return policies[str(changed["name"])]


@router.delete("/{kind}/{full_name}/{name}")
async def delete(kind: str, full_name: str, name: str) -> Json:
    """Delete a policy."""
    _policy(kind, full_name, name)
    _of(kind, full_name).pop(name)
    return {}


def _updated() -> Json:
    return {"updated_at": now_ms(), "updated_by": current_user()}


def _policy(kind: str, full_name: str, name: str) -> Json:
    policies = _of(kind, full_name)
    if name not in policies:
        raise not_found("Policy", f"{full_name}, {name}", "POLICY_DOES_NOT_EXIST")
    return policies[name]


def _of(kind: str, full_name: str, *, new: bool = False) -> dict[str, Json]:
    """Return the policies of a securable by name; `new` if one is added.

    Raises:
        DatabricksError: 400, the kind has no policies here; 404, the securable does not exist.
    """
    if kind not in _KINDS:
        raise invalid(f"on_securable_type '{kind}' is not one of {', '.join(_KINDS)}")
    securable.find(_KINDS[kind], full_name)
    return securable.policies(_KINDS[kind], full_name, new=new)


def _check_new(policies: dict[str, Json], full_name: str, name: str) -> None:
    if name in policies:
        raise already_exists("Policy", f"{full_name}, {name}", "POLICY_ALREADY_EXISTS")


def _check(body: Json) -> None:
    field = _FUNCTIONS.get(str(body.get("policy_type")))
    function = body.get(field) if field else None
    if not body.get("name") or not body.get("to_principals") or not isinstance(function, dict):
        raise invalid("a policy needs name, to_principals, policy_type and the function of that type")
    securable.find("functions", str(function.get("function_name")))
