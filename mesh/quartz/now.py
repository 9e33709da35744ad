"""The moment from which commands count the next runs of a schedule."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime

from mesh.errors import UsageError

VARIABLE = "MESH_NOW"


def now(environ: Mapping[str, str] = os.environ) -> datetime:
    """The moment in MESH_NOW, such as `2027-01-01T00:00:00Z`; without it, the present one.

    Args:
        environ: the environment variables.

    Raises:
        UsageError: MESH_NOW is no date and time with a zone.
    """
    if not (text := environ.get(VARIABLE)):
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise UsageError(
            f"{VARIABLE} is `{text[:60]}` (write a date, a time and a zone: 2027-01-01T00:00:00Z)"
        )
    return moment
