"""Git folders (the Repos API). Stores the settings; nothing is cloned."""

from fastapi import APIRouter, Request

from local.workspace.errors import already_exists, invalid, not_found
from local.workspace.objects import permissions, workspace_objects
from local.workspace.store import Json, StoreDependency, current_user

router = APIRouter(prefix="/api/2.0/repos")


@router.post("")
async def create(body: Json, request: Request, store: StoreDependency) -> Json:
    """Create a Git folder and its empty directory."""
    url = str(body.get("url") or "")
    if not url:
        raise invalid("url is required")
    name = url.rstrip("/").rsplit("/", 1)[-1].removesuffix(".git")
    path = workspace_objects.normalize_path(body.get("path") or f"/Repos/{current_user()}/{name}")
    if any(each["path"] == path for each in store.table("repos").values()):
        raise already_exists("Repo", path)
    workspace_objects.disk_path(request.app.state.home, path).mkdir(parents=True, exist_ok=True)
    repo = {"branch": "main", **body, "id": store.next_id("repo"), "path": path, "url": url}
    store.table("repos")[str(repo["id"])] = repo
    return repo


@router.get("")
async def list_(store: StoreDependency, path_prefix: str = "/") -> Json:
    """List the Git folders below a path."""
    return {"repos": [each for each in store.table("repos").values() if each["path"].startswith(path_prefix)]}


@router.get("/{repo_id}")
async def get(repo_id: str, store: StoreDependency) -> Json:
    """Get a Git folder."""
    return _find(store.table("repos"), repo_id)


@router.patch("/{repo_id}")
async def update(repo_id: str, body: Json, store: StoreDependency) -> Json:
    """Switch a Git folder to another branch or tag."""
    repo = _find(store.table("repos"), repo_id)
    for field, other in (("branch", "tag"), ("tag", "branch")):
        if body.get(field):
            repo.pop(other, None)
            repo[field] = body[field]
    if "sparse_checkout" in body:
        repo["sparse_checkout"] = body["sparse_checkout"]
    return {}


@router.delete("/{repo_id}")
async def delete(repo_id: str, store: StoreDependency) -> Json:
    """Delete a Git folder."""
    _find(store.table("repos"), repo_id)
    del store.table("repos")[repo_id]
    permissions.delete(store, "repos", repo_id)
    return {}


def _find(repos: dict[str, Json], repo_id: str) -> Json:
    if repo_id not in repos:
        raise not_found("Repo", repo_id)
    return repos[repo_id]
