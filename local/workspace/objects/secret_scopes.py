"""Scopes of secrets: those of the file that `dbutils.secrets` reads, without values.

Source: Databricks REST API, "Secrets": the values can be read in notebooks only.
"""

from fastapi import APIRouter, Request

from local.home import Home
from local.notebook.secrets import Secrets
from local.workspace.errors import invalid, not_found, not_implemented
from local.workspace.store import Json

router = APIRouter(prefix="/api/2.0/secrets")


@router.get("/scopes/list")
async def list_scopes(request: Request) -> Json:
    """List the scopes of the file."""
    secrets = _secrets(request)
    return {"scopes": [{"name": name, "backend_type": "DATABRICKS"} for name in _names(secrets)]}


@router.get("/list")
async def list_secrets(scope: str, request: Request) -> Json:
    """List the keys of a scope."""
    secrets = _secrets(request)
    if scope not in _names(secrets):
        raise not_found("Scope", scope)
    return {"secrets": [{"key": one.key} for one in secrets.list(scope)]}


@router.api_route("/{path:path}", methods=["GET", "POST"])
async def refuse(path: str, request: Request) -> None:
    """Refuse to read values and permissions, and to change scopes, secrets and who may read them."""
    home: Home = request.app.state.home
    if path == "get":
        raise invalid("Values of secrets are read in notebooks only: dbutils.secrets.get(scope, key)")
    raise not_implemented(
        f"Secrets of the local workspace are in {home.secrets}: write `scope: {{key: value}}` there"
    )


def _secrets(request: Request) -> Secrets:
    home: Home = request.app.state.home
    return Secrets(home.secrets, set())


def _names(secrets: Secrets) -> list[str]:
    try:
        return [one.name for one in secrets.listScopes()]
    except ValueError as error:  # names the file, never its content
        raise invalid(str(error)) from None
