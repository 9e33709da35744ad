"""Node types and Spark versions: fixed lists, modelled on Azure.

No machine is behind them. Clusters that select a node type by size or a runtime by version need the lists.
"""

from typing import Any

from fastapi import APIRouter

from local.workspace.store import Json

router = APIRouter(prefix="/api")

# Name, category, cores, memory in GB, GPUs, local disk in GB.
_NODE_TYPES = (
    ("Standard_F4s", "Compute Optimized", 4, 8, 0, 16),
    ("Standard_DS3_v2", "General Purpose", 4, 14, 0, 28),
    ("Standard_D4ds_v5", "General Purpose", 4, 16, 0, 150),
    ("Standard_E4ds_v5", "Memory Optimized", 4, 32, 0, 150),
    ("Standard_F8s", "Compute Optimized", 8, 16, 0, 32),
    ("Standard_DS4_v2", "General Purpose", 8, 28, 0, 56),
    ("Standard_D8ds_v5", "General Purpose", 8, 32, 0, 300),
    ("Standard_E8ds_v5", "Memory Optimized", 8, 64, 0, 300),
    ("Standard_L8s_v3", "Storage Optimized", 8, 64, 0, 1920),
    ("Standard_NC4as_T4_v3", "GPU Accelerated", 4, 28, 1, 180),
    ("Standard_D16ds_v5", "General Purpose", 16, 64, 0, 600),
    ("Standard_E16ds_v5", "Memory Optimized", 16, 128, 0, 600),
    ("Standard_NC16as_T4_v3", "GPU Accelerated", 16, 110, 1, 360),
    ("Standard_D32ds_v5", "General Purpose", 32, 128, 0, 1200),
    ("Standard_E32ds_v5", "Memory Optimized", 32, 256, 0, 1200),
    ("Standard_D64ds_v5", "General Purpose", 64, 256, 0, 2400),
    ("Standard_E64ds_v5", "Memory Optimized", 64, 512, 0, 2400),
)
# Databricks runtime version, Spark version, Scala version.
_RUNTIMES = (
    ("13.3", "3.4.1", "2.12"),
    ("14.3", "3.5.0", "2.12"),
    ("15.4", "3.5.0", "2.12"),
    ("16.4", "3.5.2", "2.12"),
    ("17.3", "4.0.0", "2.13"),
)
_VARIANTS = {"": "", "cpu-ml-": " ML", "gpu-ml-": " ML (GPU)", "photon-": " Photon"}


@router.get("/{version}/clusters/list-node-types")
async def list_node_types(version: str) -> Json:
    """List the node types."""
    return {"node_types": [_node_type(*each) for each in _NODE_TYPES]}


@router.get("/{version}/clusters/spark-versions")
async def spark_versions(version: str) -> Json:
    """List the Spark versions."""
    return {
        "versions": [
            {
                "key": f"{runtime}.x-{variant}scala{scala}",
                "name": f"{runtime} LTS{label} (includes Apache Spark {spark}, Scala {scala})",
            }
            for runtime, spark, scala in _RUNTIMES
            for variant, label in _VARIANTS.items()
        ]
    }


def _node_type(
    name: str, category: str, cores: int, memory_gb: int, gpus: int, disk_gb: int
) -> dict[str, Any]:
    return {
        "node_type_id": name,
        "instance_type_id": name,
        "description": name,
        "category": category,
        "num_cores": float(cores),
        "memory_mb": memory_gb * 1024,
        "num_gpus": gpus,
        "is_deprecated": False,
        "is_hidden": False,
        "is_graviton": False,
        "is_io_cache_enabled": disk_gb >= 100,
        "photon_driver_capable": gpus == 0,
        "photon_worker_capable": gpus == 0,
        "support_port_forwarding": True,
        "node_instance_type": {"instance_type_id": name, "local_disks": 1, "local_disk_size_gb": disk_gb},
    }
