"""Calls of the Databricks SDK: errors of the workspace or the network become an OutsideError."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from mesh.errors import OutsideError
from mesh.terraform.no_answer import PAGE, NoAnswerError, is_page, workspace_of

T = TypeVar("T")

LOGIN_REMEDY = "check DATABRICKS_HOST and your login"
_NETWORK_REMEDY = "check the address and the network"
_RAISE: Any = object()


def call_workspace(
    call: Callable[[], T], *, missing: Any = _RAISE, remedy: str = LOGIN_REMEDY, afterwards: str = ""
) -> T:
    """Returns the result of a call.

    Args:
        call: calls the Databricks SDK; it must also consume iterators, which call the workspace later.
        missing: the result if the requested object does not exist; by default that is an error.
        remedy: the remedy if the workspace refuses.
        afterwards: what follows each remedy: what the failure leaves, and how to continue.

    Raises:
        OutsideError: the workspace does not answer, or refuses.
    """
    try:
        return call()
    except NoAnswerError as error:
        raise OutsideError(f"the workspace {error} ({_NETWORK_REMEDY}{afterwards})") from error
    except sdk_errors() as error:
        from databricks.sdk.errors import NotFound, PermissionDenied

        if missing is not _RAISE and isinstance(error, NotFound):
            result: T = missing
            return result
        name = " ".join(filter(None, ("the workspace", workspace_of(error))))
        outcome = "refuses" if isinstance(error, PermissionDenied) else "does not answer"
        raise OutsideError(f"{name} {outcome}: {first_line(error)} ({remedy}{afterwards})") from error


def sdk_errors() -> tuple[type[Exception], ...]:
    """The exceptions that the Databricks SDK raises; loading the SDK takes about a second."""
    from databricks.sdk.errors.base import DatabricksError

    return DatabricksError, ValueError, OSError


def first_line(error: Exception) -> str:
    """The first line of an error's message; the error's type if there is no message."""
    line = str(error).strip().split("\n")[0] or type(error).__name__
    return f"it {PAGE}" if is_page(error) else line
