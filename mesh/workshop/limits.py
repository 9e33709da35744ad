"""Limits of the compute that students may start."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictInt

from mesh.documents.checked_model import CheckedModel

WarehouseSize = Literal[
    "2X-Small", "X-Small", "Small", "Medium", "Large", "X-Large", "2X-Large", "3X-Large", "4X-Large"
]


class WarehouseFile(CheckedModel):
    """The class's SQL warehouse."""

    size: WarehouseSize = "2X-Small"
    """The size of one cluster of the warehouse; Databricks documentation, "SQL warehouse sizing"."""

    max_clusters: Annotated[StrictInt, Field(ge=1, le=40)] = 2
    """The maximum number of clusters."""

    auto_stop_minutes: Annotated[StrictInt, Field(ge=5, le=240)] = 10
    """Minutes without a query after which the warehouse stops."""


class LimitsFile(CheckedModel):
    """Limits in the cluster policies of the class."""

    max_workers: Annotated[StrictInt, Field(ge=0, le=100)] = 2
    """The maximum number of workers of one cluster; 0 allows only clusters of one machine."""

    auto_termination_minutes: Annotated[StrictInt, Field(ge=10, le=240)] = 30
    """Idle minutes after which a cluster ends that a user started."""

    dbus_per_hour: Annotated[StrictInt, Field(ge=1, le=1000)] = 20
    """The maximum number of DBUs that one cluster may use per hour."""
