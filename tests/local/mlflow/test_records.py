"""What is read from the tracking server."""

from pathlib import Path

import httpx2
import pytest

from local.home import Home
from local.mlflow.records import Records, open_records
from mesh.errors import OutsideError


def records(response: httpx2.Response, asked: list[httpx2.Request] | None = None) -> Records:
    """A server that gives one answer to all requests."""

    def answer(request: httpx2.Request) -> httpx2.Response:
        if asked is not None:
            asked.append(request)
        return response

    return Records(httpx2.Client(base_url="http://mlflow", transport=httpx2.MockTransport(answer)))


def test_the_name_of_a_model_is_quoted_and_new_versions_are_first() -> None:
    asked: list[httpx2.Request] = []
    found = {"model_versions": [{"version": "9"}, {"version": "10"}]}

    assert [
        one["version"] for one in records(httpx2.Response(200, json=found), asked).versions("c.s.a'b")
    ] == [
        "10",
        "9",
    ]
    assert asked[0].url.params["filter"] == 'name="c.s.a\'b"'


def test_what_mlflow_does_not_have_is_nothing() -> None:
    missing = records(httpx2.Response(404, json={"error_code": "RESOURCE_DOES_NOT_EXIST"}))

    assert (missing.runs("/Shared/none"), missing.versions("a.b.c")) == ([], [])
    assert records(httpx2.Response(200, json={"registered_models": None})).models() == []


@pytest.mark.parametrize("response", [httpx2.Response(500, json={}), httpx2.Response(200, text="<html>")])
def test_a_server_that_fails_is_named(response: httpx2.Response) -> None:
    with pytest.raises(
        OutsideError, match=r"^MLflow (does not answer .*|answers with error 500): see `mesh local logs`$"
    ):
        records(response).models()


def test_without_a_server_there_are_no_records(tmp_path: Path) -> None:
    assert open_records(Home(tmp_path)) is None
