"""The client of the local workspace."""

import httpx2
import pytest

from local.client import Client
from local.home import Home, Status
from mesh.errors import OutsideError


def client(home: Home, answer: httpx2.Response | Exception) -> Client:
    """A client of a workspace with a fixed response."""
    Status("http://127.0.0.1:1", "secret", 1, 1.0).write(home)

    def respond(request: httpx2.Request) -> httpx2.Response:
        assert request.headers["Authorization"] == "Bearer secret"
        if isinstance(answer, Exception):
            raise answer
        return answer

    return Client(home, httpx2.MockTransport(respond))


def test_requests_have_the_token_and_return_the_response(tmp_path):
    answering = client(Home(tmp_path), httpx2.Response(200, json={"a": 1}))

    assert answering.get("/x", name="y") == answering.post("/x", {}) == {"a": 1}


def test_an_error_response_is_an_error_with_its_message(tmp_path):
    response = httpx2.Response(404, json={"error_code": "X", "message": "no such warehouse"})

    with pytest.raises(OutsideError, match="answered with an error: no such warehouse"):
        client(Home(tmp_path), response).post("/x", {})


def test_a_workspace_that_does_not_answer_is_an_error(tmp_path):
    with pytest.raises(OutsideError, match=r"does not answer \(refused\): check `mesh local status`"):
        client(Home(tmp_path), httpx2.ConnectError("refused")).get("/x")


@pytest.mark.parametrize("body", ["<p>no</p>", "", "[]"])
@pytest.mark.parametrize("status", [200, 502])
def test_another_server_at_the_address_is_an_error_with_the_address(tmp_path, status: int, body: str):
    with pytest.raises(
        OutsideError, match=r"^something else than the local workspace answers at http://127.0.0.1:1"
    ):
        client(Home(tmp_path), httpx2.Response(status, text=body)).get("/x")


def test_a_workspace_that_is_not_running_is_an_error_with_a_remedy(tmp_path):
    with pytest.raises(OutsideError, match="is not running: start it with `mesh local up`"):
        Client(Home(tmp_path))


def test_a_client_closes_its_connections_at_the_end(tmp_path):
    with client(Home(tmp_path), httpx2.Response(200, json={})) as answering:
        answering.get("/x")

    with pytest.raises(RuntimeError, match="closed"):
        answering.get("/x")


def test_an_object_exists_unless_the_workspace_answers_404(tmp_path):
    home = Home(tmp_path)

    assert client(home, httpx2.Response(200, json={})).exists("/x", path="/a")
    assert not client(home, httpx2.Response(404, json={"message": "no"})).exists("/x", path="/a")
    with pytest.raises(OutsideError, match="no"):
        client(home, httpx2.Response(400, json={"message": "no"})).exists("/x", path="/a")
