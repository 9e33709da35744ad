"""Git folders: what was asked for is kept and told; nothing is cloned."""

from fastapi import APIRouter, Request

from local.workspace.errors import exists, invalid, missing
from local.workspace.objects import objects, permissions
from local.workspace.store import Json, StoreOf, user

router = APIRouter(prefix="/api/2.0/repos")


@router.post("")
async def create_repo(body: Json, request: Request, store: StoreOf) -> Json:
    """Create a git folder."""
    url = str(body.get("url") or "")
    if not url:
        raise invalid("url is required")
    name = url.rstrip("/").rsplit("/", 1)[-1].removesuffix(".git")
    path = objects.workspace_path(body.get("path") or f"/Repos/{user()}/{name}")
    if any(each["path"] == path for each in store.table("repos").values()):
        raise exists("Repo", path)
    objects.on_disk(request.app.state.home, path).mkdir(parents=True, exist_ok=True)
    repo = {"branch": "main", **body, "id": store.next_id("repo"), "path": path, "url": url}
    store.table("repos")[str(repo["id"])] = repo
    return repo


@router.get("")
async def list_repos(store: StoreOf, path_prefix: str = "/") -> Json:
    """List the git folders below a path."""
    return {"repos": [each for each in store.table("repos").values() if each["path"].startswith(path_prefix)]}


@router.get("/{repo_id}")
async def get_repo(repo_id: str, store: StoreOf) -> Json:
    """Get a git folder."""
    return _find(store.table("repos"), repo_id)


@router.patch("/{repo_id}")
async def update_repo(repo_id: str, body: Json, store: StoreOf) -> Json:
    """Switch a git folder to another branch or tag."""
    repo = _find(store.table("repos"), repo_id)
    for chosen, other in (("branch", "tag"), ("tag", "branch")):
        if body.get(chosen):
            repo.pop(other, None)
            repo[chosen] = body[chosen]
    if "sparse_checkout" in body:
        repo["sparse_checkout"] = body["sparse_checkout"]
    return {}


@router.delete("/{repo_id}")
async def delete_repo(repo_id: str, store: StoreOf) -> Json:
    """Delete a git folder."""
    _find(store.table("repos"), repo_id)
    del store.table("repos")[repo_id]
    permissions.forget(store, "repos", repo_id)
    return {}


def _find(repos: dict[str, Json], repo_id: str) -> Json:
    if repo_id not in repos:
        raise missing("Repo", repo_id)
    return repos[repo_id]
