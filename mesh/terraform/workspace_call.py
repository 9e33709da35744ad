"""Calls of the Databricks SDK: errors of the workspace or the network become an OutsideError."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from mesh.errors import OutsideError

T = TypeVar("T")

LOGIN_REMEDY = "check DATABRICKS_HOST and your login"
_RAISE: Any = object()


def call_workspace(call: Callable[[], T], *, missing: Any = _RAISE, remedy: str = LOGIN_REMEDY) -> T:
    """Returns the result of a call.

    Args:
        call: calls the Databricks SDK; it must also consume iterators, which call the workspace later.
        missing: the result if the requested object does not exist; by default that is an error.
        remedy: the remedy in the error's message.

    Raises:
        OutsideError: the workspace does not answer, or refuses.
    """
    try:
        return call()
    except sdk_errors() as error:
        from databricks.sdk.errors import NotFound, PermissionDenied

        if missing is not _RAISE and isinstance(error, NotFound):
            result: T = missing
            return result
        outcome = "refuses" if isinstance(error, PermissionDenied) else "does not answer"
        raise OutsideError(f"the workspace {outcome}: {first_line(error)} ({remedy})") from error


def sdk_errors() -> tuple[type[Exception], ...]:
    """The exceptions that the Databricks SDK raises; loading the SDK takes about a second."""
    from databricks.sdk.errors.base import DatabricksError

    return DatabricksError, ValueError, OSError


def first_line(error: Exception) -> str:
    """The first line of an error's message; the error's type if there is no message."""
    return str(error).strip().split("\n")[0] or type(error).__name__
