"""A workspace that does not answer, or is none, is told with its address and within its limits."""

from __future__ import annotations

import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from databricks.sdk.errors import NotFound

from mesh.errors import OutsideError, UsageError
from mesh.terraform.workspace_call import call_workspace
from mesh.terraform.workspace_client import (
    Limits,
    login_address,
    require_answer,
    unreachable,
    workspace_client,
)
from tests.support.silence import answers, refusing_address, silent_server, web_server

SHORT = Limits(first=0.2, response=0.2, retries=1)
ENOUGH = Limits(first=5, response=5, retries=1)
NETWORK = "(check the address and the network)"
PAGE = "<!doctype html><title>Sign in</title>"
METADATA = '{"oidc_endpoint": "", "workspace_id": "1"}'


def message(limits: Limits, /, **config: Any) -> str:
    """The error of a client's first use."""
    with pytest.raises(OutsideError) as caught:
        login = {"token": "t", "auth_type": "pat", **config}
        call_workspace(lambda: workspace_client(limits, {}, **login).current_user.me())
    assert "\n" not in str(caught.value)
    return str(caught.value)


def of_workspace(rest: BaseHTTPRequestHandler, answer: Any) -> None:
    """Answers the SDK's first request as a workspace, and all others differently."""
    (answers(200, METADATA) if rest.path.startswith("/.well-known") else answer)(rest)


def test_a_server_that_accepts_and_never_answers() -> None:
    with silent_server() as host:
        assert message(SHORT, host=host) == (
            f"the workspace {host} does not answer: no response within 0.2 s {NETWORK}"
        )


def test_a_service_principal_whose_workspace_never_answers() -> None:
    """The SDK's own error is `Invalid URL 'None'`."""
    with silent_server() as host:
        login = {"auth_type": "oauth-m2m", "client_id": "c", "client_secret": "s", "token": None}
        assert message(SHORT, host=host, **login) == (
            f"the workspace {host} does not answer: no response within 0.2 s {NETWORK}"
        )


def test_a_server_that_refuses_the_connection() -> None:
    host = refusing_address()

    assert message(ENOUGH, host=host) == (
        f"the workspace {host} does not answer: the connection is refused {NETWORK}"
    )


def test_a_name_that_does_not_resolve() -> None:
    assert message(ENOUGH, host="https://no-such-workspace.invalid") == (
        f"the workspace https://no-such-workspace.invalid does not answer: there is no such host name {NETWORK}"
    )


def test_a_server_without_tls() -> None:
    with web_server(answers(200, "")) as host:
        https = host.replace("http:", "https:")
        told = message(ENOUGH, host=https)

    assert told.startswith(f"the workspace {https} does not answer: no secure connection (")
    assert "REQUESTS_CA_BUNDLE" in told


def test_a_proxy_that_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    with web_server(answers(407, "", Proxy_Authenticate="Basic")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        monkeypatch.setenv("NO_PROXY", "")
        told = message(ENOUGH, host="https://dev.example.com")

    assert told.startswith("the workspace https://dev.example.com does not answer: the proxy fails (")
    assert "407 Proxy Authentication Required" in told
    assert "NO_PROXY" in told


@pytest.mark.parametrize(
    "answer", [answers(200, PAGE, Content_Type="text/html"), answers(200, "pong"), answers(502, "<p>no</p>")]
)
def test_a_page_instead_of_json(answer: Any) -> None:
    with web_server(answer) as host:
        told = message(ENOUGH, host=host)

    assert host in told
    assert "answers with a page instead of JSON: it is a login page or a proxy" in told
    assert "Request log" not in told
    assert "Expecting value" not in told


def test_a_redirect_to_a_login_page() -> None:
    def log_in(request: BaseHTTPRequestHandler) -> None:
        login = answers(302, "", Location="/login.html")
        (answers(200, PAGE) if request.path == "/login.html" else login)(request)

    with web_server(log_in) as host:
        assert message(ENOUGH, host=host) == (
            f"the workspace {host} answers with a page instead of JSON: it is a login page or a proxy, or the "
            f"address is not a workspace's {NETWORK}"
        )


def test_a_login_page_that_redirects_to_itself() -> None:
    with web_server(answers(302, "", Location="/login.html")) as host:
        assert message(ENOUGH, host=host).startswith(f"the workspace {host} redirects in a circle")


def test_a_service_principal_and_a_page_instead_of_a_workspace() -> None:
    login = {"auth_type": "oauth-m2m", "client_id": "c", "client_secret": "s", "token": None}
    with web_server(answers(200, PAGE)) as host:
        assert message(ENOUGH, host=host, **login).startswith(
            f"the workspace {host} does not say where to log in"
        )


def test_a_workspace_that_falls_silent_later() -> None:
    with web_server(lambda request: of_workspace(request, lambda silent: silent.connection.recv(1))) as host:
        told = message(Limits(first=5, response=0.2, retries=1), host=host)

    assert told == f"the workspace {host} does not answer: no response within 0.2 s {NETWORK}"


def test_an_overloaded_workspace_is_told_with_its_own_words() -> None:
    busy = answers(503, '{"error_code": "TEMPORARILY_UNAVAILABLE", "message": "too busy"}', Retry_After="0")
    with web_server(lambda request: of_workspace(request, busy)) as host:
        assert message(ENOUGH, host=host).startswith(f"the workspace {host} does not answer: too busy (")


def test_a_missing_object_is_still_missing() -> None:
    gone = answers(404, '{"error_code": "NOT_FOUND", "message": "no such job"}')
    with web_server(lambda request: of_workspace(request, gone)) as host:
        client = workspace_client(ENOUGH, {}, host=host, token="t", auth_type="pat")
        with pytest.raises(NotFound, match="no such job"):
            client.jobs.get(1)


def test_an_answer_that_comes_in_drops_counts_as_none() -> None:
    """The limits of a request are for each of its steps; this one is for all of them."""

    def drip(request: BaseHTTPRequestHandler) -> None:
        request.connection.settimeout(0.15)
        while True:
            try:
                request.connection.sendall(b"H")
                if not request.connection.recv(1):
                    return
            except TimeoutError:
                continue
            except OSError:
                return

    with (
        web_server(drip) as host,
        pytest.raises(OSError, match=f"^{host} does not answer: no response within 0.5 s$"),
    ):
        require_answer(host, 0.5)


def test_the_address_is_that_of_the_settings_else_of_the_environment_else_of_the_profile(
    tmp_path: Path,
) -> None:
    profiles = tmp_path / "databrickscfg"
    profiles.write_text("[DEFAULT]\nhost = https://default.example/\n[prod]\nhost = https://prod.example\n")
    environ = {"DATABRICKS_CONFIG_FILE": str(profiles)}

    assert login_address(None, environ) == "https://default.example"
    assert login_address(None, {**environ, "DATABRICKS_CONFIG_PROFILE": "prod"}) == "https://prod.example"
    assert (
        login_address(None, {**environ, "DATABRICKS_HOST": "Dev.example.com/"}) == "https://dev.example.com"
    )
    assert login_address("https://x.example", {"DATABRICKS_HOST": "https://y.example"}) == "https://x.example"
    assert login_address(None, {**environ, "DATABRICKS_CONFIG_PROFILE": "test"}) == ""
    assert login_address(None, {"DATABRICKS_CONFIG_FILE": str(tmp_path / "none")}) == ""


def test_a_profile_that_cannot_be_read_is_left_to_the_sdk(tmp_path: Path) -> None:
    profiles = tmp_path / "databrickscfg"
    profiles.write_bytes(b"host\xff = [")

    assert login_address(None, {"DATABRICKS_CONFIG_FILE": str(profiles)}) == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "https://adb-1.7.azuredatabricks.net/?o=1",
            "DATABRICKS_HOST: `https://adb-1.7.azuredatabricks.net/?o=1` has more than the address of a workspace "
            "(write `https://adb-1.7.azuredatabricks.net`)",
        ),
        (
            "http://dev.example.com",
            "DATABRICKS_HOST: `http://dev.example.com` does not begin with https:// (write `https://dev.example.com`)",
        ),
        (
            "https://accounts.cloud.databricks.com",
            "DATABRICKS_HOST: `https://accounts.cloud.databricks.com` is the account console, not a workspace "
            "(write its address, https://…)",
        ),
    ],
)
def test_databricks_host_follows_the_rules_of_the_files(text: str, expected: str) -> None:
    with pytest.raises(UsageError) as caught:
        workspace_client(SHORT, {"DATABRICKS_HOST": text})

    assert str(caught.value) == expected


def test_a_profile_follows_the_rules_of_the_files(tmp_path: Path) -> None:
    profiles = tmp_path / "databrickscfg"
    profiles.write_text("[DEFAULT]\nhost = https://dev.example.com/?o=1\n")

    with pytest.raises(UsageError, match=r"^host in the profile: .*write `https://dev.example.com`"):
        workspace_client(SHORT, {"DATABRICKS_CONFIG_FILE": str(profiles)})


def test_all_stacks_of_a_silent_workspace_wait_for_one_question() -> None:
    """A class has dozens of stacks, of which four are planned at a time."""
    with silent_server() as host:
        started = time.monotonic()
        told = {unreachable(host, {}, 0.3) for _ in range(20)}

    assert told == {f"the workspace {host} does not answer: no response within 0.3 s {NETWORK}"}
    assert time.monotonic() - started < 0.3 * 20
