"""Hosts from which `dbt deps` takes packages, and that do not answer."""

from collections.abc import Callable
from typing import Any


def serve() -> None:
    """Let `dbt deps` fail with the address that does not answer, without tracebacks of all its attempts."""
    from dbt.clients import registry
    from dbt.deps import base, tarball
    from dbt_common.exceptions import ConnectionError, DbtRuntimeError
    from dbt_common.utils.connection import connection_exception_retry

    def retry(function: Callable[[], Any], attempts: int) -> Any:
        try:
            return connection_exception_retry(function, attempts)
        except ConnectionError as error:
            raise DbtRuntimeError(unreachable(error)) from None

    for module in (registry, base, tarball):
        module.connection_exception_retry = retry


def unreachable(error: BaseException) -> str:
    """Return the address that could not be read and the first reason, of dbt's `ConnectionError`."""
    request, first = getattr(error.__context__, "request", None), error
    while first.__context__ is not None:
        first = first.__context__
    return f"cannot read {request.url}: {first}" if request is not None else str(error)
