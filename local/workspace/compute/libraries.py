"""Libraries of clusters. Stores which libraries a cluster has; nothing is installed."""

from fastapi import APIRouter

from local.workspace.compute import clusters
from local.workspace.store import Json, StoreDependency

router = APIRouter(prefix="/api/{version}/libraries")


@router.get("/cluster-status")
async def cluster_status(version: str, cluster_id: str, store: StoreDependency) -> Json:
    """List the libraries of a cluster."""
    clusters.find({"cluster_id": cluster_id})
    libraries = store.table("libraries").get(cluster_id, [])
    statuses = [{"library": each, "status": "INSTALLED"} for each in libraries]
    return {"cluster_id": cluster_id, "library_statuses": statuses}


@router.post("/install")
async def install(version: str, body: Json, store: StoreDependency) -> Json:
    """Add libraries to a cluster."""
    libraries = store.table("libraries").setdefault(clusters.find(body)["cluster_id"], [])
    libraries += [each for each in body.get("libraries", []) if each not in libraries]
    return {}


@router.post("/uninstall")
async def uninstall(version: str, body: Json, store: StoreDependency) -> Json:
    """Remove libraries from a cluster."""
    cluster_id, removed = clusters.find(body)["cluster_id"], body.get("libraries", [])
    remaining = [each for each in store.table("libraries").get(cluster_id, []) if each not in removed]
    store.table("libraries")[cluster_id] = remaining
    return {}
