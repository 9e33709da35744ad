"""What students may start at most."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictInt

from mesh.documents.declared import Declared

Size = Literal[
    "2X-Small", "X-Small", "Small", "Medium", "Large", "X-Large", "2X-Large", "3X-Large", "4X-Large"
]


class WarehouseFile(Declared):
    """The class's SQL warehouse."""

    size: Size = "2X-Small"
    """How large one cluster of it is; Databricks documentation, "SQL warehouse sizing"."""

    max_clusters: Annotated[StrictInt, Field(ge=1, le=40)] = 2
    """How many clusters it may grow to."""

    auto_stop_minutes: Annotated[StrictInt, Field(ge=5, le=240)] = 10
    """After how many minutes without a query it stops."""


class LimitsFile(Declared):
    """What cluster policies of the class allow."""

    max_workers: Annotated[StrictInt, Field(ge=0, le=100)] = 2
    """Workers of one cluster at most; 0 allows clusters of one machine only."""

    auto_termination_minutes: Annotated[StrictInt, Field(ge=10, le=240)] = 30
    """After how many idle minutes a cluster ends that no job has started."""

    dbus_per_hour: Annotated[StrictInt, Field(ge=1, le=1000)] = 20
    """DBUs that one cluster may use in an hour, at its largest."""
