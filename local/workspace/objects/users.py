"""The current user: the workspace treats all callers as one user. Tests can change this user at any time.

There is one token, so every caller can act as any user. This allows tests with several users in one
workspace. It grants no additional rights: the token already gives full access.
"""

import os
import re
import uuid

from fastapi import APIRouter, Request, Response
from minilake.services import identity, unity_catalog

from local import processes
from local.home import Home
from local.workspace.errors import invalid
from local.workspace.objects import principals, workspace_objects
from local.workspace.store import Json, current_user

router = APIRouter()

# Not below /api: a real workspace has no such endpoint.
USER_PATH = "/local/user"

_DEFAULT_USER = identity.USER_NAME
_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:"
# Every Databricks workspace has these groups.
_SYSTEM_GROUPS = ("admins", "users")


def initialize(home: Home) -> None:
    """Set the current user from the environment and create the system groups. Needs a loaded store."""
    seeded = _users().get(identity.USER_ID, {})
    if seeded.get("userName") == _DEFAULT_USER:
        del _users()[identity.USER_ID]
    set_current_user(home, os.environ.get(processes.USER_VARIABLE) or _DEFAULT_USER)
    existing = {each.get("displayName") for each in principals.records("Groups").values()}
    for name in _SYSTEM_GROUPS:
        if name not in existing:
            principals.add("Groups", {"displayName": name})


def set_current_user(home: Home, name: str) -> None:
    """Change the current user. Adds an unknown user and creates the user's folder."""
    # minilake reads the current user from this module variable.
    identity.USER_NAME = name
    record = _record(name)
    _users().setdefault(record["id"], record)
    workspace_objects.create_directory(home, f"/Users/{name}")


@router.get("/api/2.0/preview/scim/v2/Me")
async def me(response: Response) -> Json:
    """Get the current user; the response header has the workspace id."""
    response.headers["x-databricks-org-id"] = str(unity_catalog.WORKSPACE_ID)
    return principals.response(_record(current_user()))


@router.get(USER_PATH)
async def get_current_user() -> Json:
    """Get the name of the current user."""
    return {"user_name": current_user()}


@router.put(USER_PATH)
async def put_current_user(body: Json, request: Request) -> Json:
    """Change the current user."""
    name = str(body.get("user_name") or "")
    # The name becomes the name of a folder.
    if not name.strip(". ") or re.search(r"[/\x00-\x1f]", name) or len(name.encode()) > 255:
        raise invalid(f"user_name '{name}' is not a valid user name, such as ola@example.com")
    previous = current_user()
    set_current_user(request.app.state.home, name)
    return {"user_name": name, "previous": previous}


def _record(name: str) -> Json:
    """Return the record of a user, or a new record that is not stored yet."""
    for each in _users().values():
        if each.get("userName") == name:
            return each
    return {
        "id": str(uuid.uuid5(uuid.NAMESPACE_DNS, name)) if identity.USER_ID in _users() else identity.USER_ID,
        "userName": name,
        "displayName": name.partition("@")[0],
        "active": True,
        "emails": [{"value": name, "type": "work", "primary": True}],
        "schemas": [f"{_SCHEMA}User"],
    }


def _users() -> dict[str, Json]:
    return principals.records("Users")
