"""The client of the workspace's REST API."""

import httpx2
import pytest

from local.provider.api import Api, ApiError, is_loopback, path_segment, same_address
from tests.support.rest_api import FakeRestApi, error_response


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://127.0.0.1:4300", True),
        ("127.9.9.9", True),
        ("http://[::1]:4300", True),
        ("http://localhost:4300", True),
        ("http://localhost.example.com", False),
        ("https://dbc.example.com", False),
        ("http://0.0.0.0:4300", False),
        ("", False),
    ],
)
def test_loopback_addresses_are_recognized(address: str, expected: bool) -> None:
    assert is_loopback(address) is expected


def test_loopback_addresses_are_equal_if_their_ports_are() -> None:
    assert same_address("http://127.0.0.1:1", "http://localhost:1/")
    assert not same_address("http://127.0.0.1:1", "http://127.0.0.1:2")
    assert not same_address("http://example.com:1", "http://example.com:1")


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(ValueError, match="local workspace only, not https://example"):
        Api("https://example.com", "token")


def test_a_path_segment_escapes_every_special_character() -> None:
    assert path_segment("a/b?c#d e%") == "a%2Fb%3Fc%23d%20e%25"


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_name_that_would_change_the_path_is_refused(name: str) -> None:
    with pytest.raises(ApiError, match="is not a valid name"):
        path_segment(name)


def test_a_request_carries_the_token_and_the_set_parameters_only() -> None:
    requests: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        return httpx2.Response(200, json={"id": 1})

    api = Api("http://127.0.0.1:1/", "s3cret", httpx2.MockTransport(answer))
    assert api.get("/x", name="n", page=None) == {"id": 1}
    assert str(requests[0].url) == "http://127.0.0.1:1/x?name=n"
    assert requests[0].headers["Authorization"] == "Bearer s3cret"


def test_an_error_holds_the_message_the_code_and_the_request() -> None:
    workspace = FakeRestApi({"POST /x": error_response(409, "RESOURCE_ALREADY_EXISTS", "taken")})
    with pytest.raises(ApiError, match=r"^taken$") as raised:
        workspace.api().post("/x", {})
    assert (raised.value.status, raised.value.request) == (409, "POST /x")
    assert raised.value.already_exists
    assert not raised.value.not_found


def test_deleting_a_missing_object_is_no_error() -> None:
    workspace = FakeRestApi({"DELETE /y": error_response(403, "PERMISSION_DENIED", "not yours")})
    workspace.api().delete("/x")
    with pytest.raises(ApiError, match="not yours"):
        workspace.api().delete("/y")


def test_an_answer_that_is_not_an_object_is_wrapped() -> None:
    texts = iter(["", "[1]"])
    api = Api(
        "http://127.0.0.1:1", "t", httpx2.MockTransport(lambda _: httpx2.Response(200, text=next(texts)))
    )
    assert api.get("/x") == {}
    assert api.get("/x") == {"value": [1]}
