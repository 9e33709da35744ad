"""Authentication: the token, the cookie and the Host header."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from local.workspace.app import create_app
from local.workspace.authentication import AuthenticationMiddleware

PATH = "/api/2.1/jobs/list"
ORIGIN = "http://127.0.0.1:8000"


@pytest.fixture
def http(home):
    """A client without token and cookie."""
    with TestClient(create_app(home), base_url=ORIGIN, follow_redirects=False) as client:
        yield client


@pytest.mark.parametrize("path", [PATH, "/", "/ui/", "/ready", "/local/user", "/nowhere"])
def test_a_request_without_the_token_is_refused(http, path):
    assert http.get(path).status_code == 401
    assert http.get(path, headers={"Authorization": "Bearer wrong"}).status_code == 401


@pytest.mark.parametrize(
    "host", ["evil.example:8000", "127.0.0.1", "127.0.0.1:9", "localhost.a.example:8000"]
)
def test_a_request_with_a_foreign_host_header_is_refused(http, home, host):
    headers = {"Authorization": f"Bearer {home.token()}", "Host": host}

    assert http.get(PATH, headers=headers).status_code == 403


def test_localhost_is_accepted(http, home):
    headers = {"Authorization": f"Bearer {home.token()}", "Host": "localhost:8000"}

    assert http.get(PATH, headers=headers).status_code == 200


def test_a_browser_with_the_token_gets_a_cookie(http, home):
    answer = http.get("/", params={"token": home.token()})

    assert (answer.status_code, answer.headers["location"]) == (303, "/jobs")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert http.get("/ui/").status_code == 200
    assert http.get(PATH).status_code == 200


def test_the_configuration_for_sdks_needs_no_token_but_a_loopback_host(http):
    path = "/.well-known/databricks-config"

    assert http.get(path).json()["oidc_endpoint"] == f"{ORIGIN}/oidc"
    assert http.get(path, headers={"Host": "evil.example"}).status_code == 403


def test_a_wrong_token_gets_no_cookie(http):
    answer = http.get("/", params={"token": "wrong"})

    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://127.0.0.1:9"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "cross-site"}],
)
def test_a_page_of_another_server_cannot_use_the_cookie(http, home, headers):
    http.get("/", params={"token": home.token()})

    assert http.get(PATH, headers={"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}).status_code == 200
    assert http.get(PATH, headers=headers).status_code == 401


def test_a_page_of_another_server_cannot_change_the_current_user(http, home):
    http.get("/", params={"token": home.token()})
    headers = {"Origin": "http://evil.example", "Sec-Fetch-Site": "cross-site"}

    body = {"user_name": "eve@example.com"}
    assert http.put("/local/user", json=body, headers=headers).status_code == 401
    assert http.get("/local/user").json() == {"user_name": "minilake-user"}


def test_no_response_allows_another_origin(http, home):
    headers = {"Authorization": f"Bearer {home.token()}", "Origin": "http://evil.example"}

    assert "access-control-allow-origin" not in http.get(PATH, headers=headers).headers


def test_an_empty_token_protects_nothing_and_is_refused():
    with pytest.raises(ValueError, match="a workspace needs a token"):
        AuthenticationMiddleware(FastAPI(), " ")
