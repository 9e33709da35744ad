"""What a workspace tells about the flows of a map: their last runs, and their tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class LastRun:
    """The last run of a job, or the last update of a pipeline.

    Args:
        text: its state and when it was, for people.
        link: the address of its page; "" if it has none.
        remarks: what it reported, such as rows that fail an expectation.
        fresh: when the data was last written with success; None if no run is known that succeeded.
    """

    text: str
    link: str = ""
    remarks: tuple[str, ...] = ()
    fresh: str | None = None


@dataclass(frozen=True)
class Live:
    """What a workspace tells.

    Args:
        runs: the last run, by the name of the job or pipeline.
        tables: the names of the tables in each schema, by its full name.
    """

    runs: Mapping[str, LastRun] = field(default_factory=dict)
    tables: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


NOTHING = Live()
"""No workspace was asked."""
