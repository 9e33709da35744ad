"""Whom the workspace takes its callers for: one user at a time, who may change while it runs.

There is one token, so whoever has it may act as anybody here. That is enough to try what happens
between two users on one workspace, and no more open than the token was.
"""

import os
import re
import uuid

from fastapi import APIRouter, Request, Response
from minilake.services import identity, scim, unity_catalog

from local import processes
from local.home import Home
from local.workspace.errors import invalid
from local.workspace.objects import objects
from local.workspace.store import Json, user

router = APIRouter()

# Not below /api: a real workspace has nothing like it.
USER_PATH = "/local/user"

_UNNAMED = identity.USER_NAME
_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:"
# What every Databricks workspace has from the start.
_SYSTEM_GROUPS = ("admins", "users")


def begin(home: Home) -> None:
    """Make the user that the workspace was started for the present one; needs a store that is loaded."""
    seeded = _users().get(identity.USER_ID, {})
    if seeded.get("userName") == _UNNAMED:
        del _users()[identity.USER_ID]
    become(home, os.environ.get(processes.USER) or _UNNAMED)
    known = {each.get("displayName") for each in scim._state["Groups"].values()}
    for name in _SYSTEM_GROUPS:
        if name not in known:
            scim._store("Groups", {"displayName": name, "schemas": [f"{_SCHEMA}Group"]})


def become(home: Home, name: str) -> None:
    """Take callers for this user from now on; one who is new to the workspace is added with a folder."""
    # Everything of minilake's that names a user asks its module for it.
    identity.USER_NAME = name
    record = _record(name)
    _users().setdefault(record["id"], record)
    objects.make_directory(home, f"/Users/{name}")


@router.get("/api/2.0/preview/scim/v2/Me")
async def get_me(response: Response) -> Json:
    """Get the current user; the header says which workspace this is."""
    response.headers["x-databricks-org-id"] = str(unity_catalog.WORKSPACE_ID)
    return _record(user())


@router.get(USER_PATH)
async def get_user() -> Json:
    """Say whom callers are taken for."""
    return {"user_name": user()}


@router.put(USER_PATH)
async def set_user(body: Json, request: Request) -> Json:
    """Take callers for another user from now on."""
    name = str(body.get("user_name") or "")
    # It becomes a folder's name.
    if not name.strip(". ") or re.search(r"[/\x00-\x1f]", name) or len(name.encode()) > 255:
        raise invalid(f"user_name '{name}' is not the name of a user, such as ola@example.com")
    previous = user()
    become(request.app.state.home, name)
    return {"user_name": name, "previous": previous}


def _record(name: str) -> Json:
    """Return the user of a name; a new one, not yet kept, when there is none."""
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
    records: dict[str, Json] = scim._state["Users"]
    return records
