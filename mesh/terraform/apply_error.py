"""The error of an apply that did not complete."""

from __future__ import annotations

from collections.abc import Sequence

from mesh.errors import OutsideError


class ApplyError(OutsideError):
    """Terraform could not apply a plan completely.

    Args:
        message: the error.
        addresses: the resources whose changes failed.
        stale: True if the state was written after the plan, so that nothing was changed.
        unsaved: True if the backend did not accept the new state.
    """

    def __init__(
        self, message: str, addresses: Sequence[str] = (), *, stale: bool = False, unsaved: bool = False
    ) -> None:
        super().__init__(message)
        self.addresses = tuple(addresses)
        self.stale = stale
        self.unsaved = unsaved
