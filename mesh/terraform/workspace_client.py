"""Clients of a Databricks workspace, which say within seconds that the workspace does not answer.

The Databricks SDK asks the workspace already while a client is created, repeats this for five minutes,
ignores the failure, and repeats the first request for five minutes. The login of a service principal fails
with `Invalid URL 'None'` (`findings/unreachable-host-in-the-databricks-sdk.sh`). So each client first asks
once whether anything answers.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping
from configparser import Error, RawConfigParser
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from mesh.errors import OutsideError, UsageError
from mesh.model.workspace_address import AddressError, workspace_address
from mesh.terraform.no_answer import PAGE, NoAnswerError, is_page, name_workspace, no_answer
from mesh.terraform.workspace_call import call_workspace

if TYPE_CHECKING:
    from databricks.sdk import WorkspaceClient

# Every workspace answers it, if only with an error; the SDK asks it, too
_PROBE = "/.well-known/databricks-config"


@dataclass(frozen=True)
class Limits:
    """How long a client waits, in seconds.

    Args:
        first: for the first sign of life, name resolution included.
        response: for each later response.
        retries: until requests are not repeated any more; the SDK repeats where a workspace limits the rate.
    """

    first: float = 10
    response: float = 60
    retries: int = 60


LIMITS = Limits()


def workspace_client(
    limits: Limits = LIMITS, environ: Mapping[str, str] = os.environ, /, **config: Any
) -> WorkspaceClient:
    """Returns a client of the workspace that the settings or the environment variables name.

    Args:
        limits: how long it waits.
        environ: the environment variables.
        config: settings of the Databricks SDK that override the environment variables, such as `host`.

    Raises:
        UsageError: the address in DATABRICKS_HOST or in the profile is not the address of a workspace.
        NoAnswerError: the workspace does not answer.
        ValueError: the login is not configured.
    """
    if address := login_address(config.get("host"), environ):
        require_answer(address, limits.first)
    # after the sign of life: its import takes more than a second
    from databricks.sdk import WorkspaceClient
    from databricks.sdk.core import Config

    if address and (config.get("host") or environ.get("DATABRICKS_HOST")):
        config["host"] = address
    # its warning about the first request repeats what the errors say
    logging.getLogger("databricks.sdk").addHandler(logging.NullHandler())
    try:
        settings = Config(http_timeout_seconds=limits.first, retry_timeout_seconds=1, **config)
    except ValueError as error:
        if address and "Invalid URL 'None'" in str(error):
            what = "does not say where to log in: it is not a workspace, or a proxy answers in its place"
            raise NoAnswerError(address, what) from error
        raise
    settings.http_timeout_seconds = limits.response
    settings.retry_timeout_seconds = limits.retries
    client = WorkspaceClient(config=settings)
    _name_the_workspace(client, limits)
    return client


def login_address(host: str | None, environ: Mapping[str, str]) -> str:
    """The address of the workspace that the SDK logs in to; "" if only the SDK can know it.

    Args:
        host: the address in the settings; None takes DATABRICKS_HOST, or the profile in ~/.databrickscfg.
        environ: the environment variables.

    Raises:
        UsageError: it is not the address of a workspace.
    """
    places = {
        "the workspace": host,
        "DATABRICKS_HOST": environ.get("DATABRICKS_HOST"),
        "host in the profile": "" if host or environ.get("DATABRICKS_HOST") else _profile_host(environ),
    }
    for place, text in places.items():
        if text:
            try:
                return workspace_address(text)
            except AddressError as error:
                remedy = f"write `{error.written}`" if error.written else "write its address, https://…"
                raise UsageError(f"{place}: {error} ({remedy})") from None
    return ""


def _profile_host(environ: Mapping[str, str]) -> str:
    """The host of the profile; Databricks documentation, "Databricks configuration profiles"."""
    file = Path(environ.get("DATABRICKS_CONFIG_FILE") or "~/.databrickscfg").expanduser()
    profiles = RawConfigParser()
    try:
        profiles.read(file, encoding="utf-8")
        chosen = profiles.get("__settings__", "default_profile", fallback="").strip() or "DEFAULT"
        return profiles.get(environ.get("DATABRICKS_CONFIG_PROFILE") or chosen, "host", fallback="")
    except (Error, OSError, ValueError):
        return ""  # the SDK reports what is wrong with the file


def require_answer(address: str, seconds: float) -> None:
    """Asks a workspace for a sign of life, once.

    Args:
        address: its address.
        seconds: how long the answer may take in all: the limits of a request are for each of its steps.

    Raises:
        NoAnswerError: nothing answers.
    """
    import requests  # noqa: F401 - not first in the thread, which would import it beside those who wait

    outcome: SimpleQueue[Exception | None] = SimpleQueue()
    Thread(target=lambda: outcome.put(_failure(address, seconds)), daemon=True).start()
    try:
        failure = outcome.get(timeout=seconds)
    except Empty:
        failure = TimeoutError()
    if failure:
        raise no_answer(address, failure, seconds) from failure


@dataclass
class _Sign:
    """The last sign of life of a workspace, which all stacks of a command share."""

    lock: Lock = field(default_factory=Lock)
    asked: float = float("-inf")
    why: str | None = None


_SIGNS: dict[tuple[str, float], _Sign] = {}
_FRESH_SECONDS = 30  # how long a sign counts


def unreachable(host: str | None, environ: Mapping[str, str], seconds: float) -> str | None:
    """Why Terraform cannot ask a workspace; None if it answers, or if only the SDK can know its address.

    The provider itself repeats a refused connection for 20 minutes. Stacks are planned a few at a time, so
    each workspace is asked once for all of them.

    Args:
        host: the address in Terraform's code; None takes that of the environment variables.
        environ: the environment variables.
        seconds: how long the answer may take.
    """
    try:
        address = login_address(host, environ)
    except UsageError as error:
        return str(error)
    if not address:
        return None
    sign = _SIGNS.setdefault((address, seconds), _Sign())
    with sign.lock:
        if time.monotonic() - sign.asked > _FRESH_SECONDS:
            sign.why = _silence(address, seconds)
            sign.asked = time.monotonic()
        return sign.why


def _silence(address: str, seconds: float) -> str | None:
    try:
        call_workspace(lambda: require_answer(address, seconds))
    except OutsideError as error:
        return str(error)
    return None


def _failure(address: str, seconds: float) -> Exception | None:
    """The error of a request, with the proxies and certificates that the SDK's requests have."""
    import requests

    try:
        answer = requests.get(
            address + _PROBE,
            timeout=seconds,
            allow_redirects=False,
            stream=True,  # the body does not matter
            auth=lambda request: request,  # else requests sends what ~/.netrc holds
        )
        answer.close()
    except (requests.RequestException, OSError, ValueError) as error:
        return error
    return None


def _name_the_workspace(client: WorkspaceClient, limits: Limits) -> None:
    """Lets the errors of the network name the workspace, in all services: they share the API client."""
    import requests
    from databricks.sdk.errors import NotFound
    from databricks.sdk.errors.base import DatabricksError

    call, address = client.api_client.do, str(client.config.host)

    def do(*arguments: Any, **options: Any) -> Any:
        try:
            return call(*arguments, **options)
        except DatabricksError as error:
            if is_page(error) and not isinstance(error, NotFound):
                raise NoAnswerError(address, PAGE) from error
            name_workspace(error, address)
            raise
        except (requests.RequestException, TimeoutError) as error:
            if isinstance(answer := error.__cause__, DatabricksError):  # repeated until the time was over
                name_workspace(answer, address)
                raise answer from error
            raise no_answer(address, error, limits.response) from error

    client.api_client.do = do  # type: ignore[method-assign]
