"""SQL warehouses. Stores the settings; DuckDB executes the statements of all of them."""

import uuid

from fastapi import APIRouter
from minilake.services import sql_warehouses

from local.workspace.errors import invalid, not_found
from local.workspace.objects import permissions
from local.workspace.store import Json, StoreDependency, current_user

router = APIRouter(prefix="/api/2.0/sql/warehouses")

# A new Databricks workspace has a starter warehouse, too.
STARTER = "starter"

# The API's defaults.
_DEFAULTS: Json = {
    "auto_stop_mins": 120,
    "cluster_size": "X-Small",
    "enable_photon": True,
    "enable_serverless_compute": False,
    "max_num_clusters": 1,
    "min_num_clusters": 1,
    "spot_instance_policy": "COST_OPTIMIZED",
    "warehouse_type": "PRO",
}


@router.post("")
async def create(body: Json) -> Json:
    """Create a warehouse."""
    warehouse_id = uuid.uuid4().hex[:16]
    _add(warehouse_id, body)
    return {"id": warehouse_id}


@router.get("")
async def list_() -> Json:
    """List the warehouses."""
    return {"warehouses": list(_warehouses().values())}


@router.get("/{warehouse_id}")
async def get(warehouse_id: str) -> Json:
    """Get a warehouse."""
    return _find(warehouse_id)


@router.post("/{warehouse_id}/edit")
async def edit(warehouse_id: str, body: Json) -> Json:
    """Change the settings of a warehouse."""
    _find(warehouse_id).update({name: value for name, value in body.items() if name != "id"})
    return {}


@router.post("/{warehouse_id}/start")
async def start(warehouse_id: str) -> Json:
    """Start a warehouse."""
    _find(warehouse_id)["state"] = "RUNNING"
    return {}


@router.post("/{warehouse_id}/stop")
async def stop(warehouse_id: str) -> Json:
    """Stop a warehouse; the next statement starts it again."""
    _find(warehouse_id)["state"] = "STOPPED"
    return {}


@router.delete("/{warehouse_id}")
async def delete(warehouse_id: str, store: StoreDependency) -> Json:
    """Delete a warehouse."""
    _find(warehouse_id)
    del _warehouses()[warehouse_id]
    permissions.delete(store, "warehouses", warehouse_id)
    return {}


def create_starter() -> None:
    """Create the starter warehouse, unless it exists."""
    if STARTER not in _warehouses():
        _add(STARTER, {"name": "Starter Warehouse"})


def _add(warehouse_id: str, body: Json) -> None:
    if not body.get("name"):
        raise invalid("name is required")
    if any(each["name"] == body["name"] for each in _warehouses().values()):
        raise invalid(f"SQL warehouse with name `{body['name']}` already exists")
    _warehouses()[warehouse_id] = {
        **_DEFAULTS,
        **{name: value for name, value in body.items() if value is not None},
        "id": warehouse_id,
        "state": "RUNNING",
        "num_clusters": 1,
        "creator_name": current_user(),
        "jdbc_url": f"jdbc:spark://localhost/sql/1.0/warehouses/{warehouse_id}",
        "odbc_params": {
            "hostname": "localhost",
            "path": f"/sql/1.0/warehouses/{warehouse_id}",
            "port": 443,
            "protocol": "https",
        },
    }


def _warehouses() -> dict[str, Json]:
    # minilake's SQL router finds a statement's warehouse here.
    records: dict[str, Json] = sql_warehouses._state["warehouses"]
    return records


def _find(warehouse_id: str) -> Json:
    if warehouse_id not in _warehouses():
        raise not_found("SQL warehouse", warehouse_id)
    return _warehouses()[warehouse_id]
