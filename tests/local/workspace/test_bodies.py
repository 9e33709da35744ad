"""Malformed bodies: each write endpoint refuses them, and the state stays writable whatever was sent."""

import json
import random
import time
from collections.abc import Iterator
from typing import Any

import pytest

from local.workspace.app import create_app
from local.workspace.bodies import MAX_DEPTH

SEED = 20_261_129
FUZZ_SECONDS = 8
WRITES = ("POST", "PUT", "PATCH", "DELETE")


def nested(levels: int) -> bytes:
    """A list in a list, and so on, inside an object."""
    return b'{"name": ' + b"[" * levels + b"]" * levels + b"}"


MALFORMED = {
    "a lone surrogate": rb'{"name": "\ud800"}',
    "a lone low surrogate": rb'{"name": "a\udfffb"}',
    "a surrogate in a key": rb'{"\udc00": 1}',
    "surrogates in the wrong order": rb'{"name": "\udc00\ud800"}',
    "Latin-1": '{"name": "Østlandet"}'.encode("latin-1"),
    "encoded surrogate": b'{"name": "\xed\xa0\x80"}',
    "UTF-16": '{"name": "a"}'.encode("utf-16"),
    "one level too deep": nested(MAX_DEPTH),
    "very deep": nested(100_000),
    "deep objects": b'{"a":' * 300 + b"1" + b"}" * 300,
    "NaN": b'{"name": NaN}',
    "infinity": b'{"name": -Infinity}',
    "a number that is too large": b'{"name": 1e999}',
    "an integer of many digits": b'{"name": ' + b"9" * 5_000 + b"}",
    "cut off": b'{"name": "a',
    "two documents": b'{"name": "a"}{"name": "b"}',
    "a BOM": b'\xef\xbb\xbf{"name": "a"}',
}


def write_routes(app: Any) -> list[tuple[str, str]]:
    """Each method and path of a route that changes something and reads JSON."""
    found = {
        (method, route.path)
        for route in _routes(app.routes)
        for method in (getattr(route, "methods", None) or ())
        if method in WRITES
    }
    files = ("/api/2.0/fs/", "/api/2.0/workspace-files/")
    return sorted(each for each in found if not each[1].startswith(files))


def _routes(routes: Any) -> Iterator[Any]:
    for route in routes:
        inner = getattr(route, "original_router", None)
        yield from _routes(inner.routes) if inner is not None else (route,)


def filled(path: str) -> str:
    """A path with a value for each of its parameters."""
    text = path
    for part in path.split("{")[1:]:
        name = part.partition("}")[0]
        text = text.replace("{" + name + "}", "2.1" if name == "version" else "x")
    return text


def send(workspace, method: str, path: str, body: bytes) -> Any:
    """Send a body as it is."""
    headers = {"Content-Type": "application/json"}
    return workspace.http.request(method, filled(path), content=body, headers=headers)


def assert_writable(workspace, name: str) -> None:
    """The next write succeeds, and is on disk."""
    workspace.post("/api/2.0/preview/scim/v2/Groups", {"displayName": name})
    assert f'"{name}"' in (workspace.home.workspace / "state.json").read_text()


def test_every_write_endpoint_refuses_every_malformed_body_and_stores_nothing(workspace):
    file = workspace.home.workspace / "state.json"
    before = file.read_text()
    routes = write_routes(workspace.http.app)
    assert len(routes) > 100

    for method, path in routes:
        for kind, body in MALFORMED.items():
            response = send(workspace, method, path, body)
            assert (response.status_code, response.json()["error_code"]) == (400, "MALFORMED_REQUEST"), (
                f"{method} {path}: {kind}: {response.text}"
            )
    assert file.read_text() == before
    assert_writable(workspace, "after")


@pytest.mark.parametrize("body", [nested(MAX_DEPTH - 1), '{"name": "Ø \\ud83d\\ude80"}'.encode()])
def test_what_can_be_stored_is_stored(workspace, body):
    answer = send(workspace, "POST", "/api/2.1/jobs/create", body)
    assert answer.status_code == 200, answer.text
    assert_writable(workspace, "after")


def test_the_content_of_a_file_may_be_anything(workspace):
    for body in MALFORMED.values():
        response = send(workspace, "POST", "/api/2.0/workspace-files/import-file/Shared/a.json", body)
        assert response.status_code == 200


def random_value(random: random.Random, depth: int = 0) -> Any:
    """A JSON value, often of a kind that an API does not expect."""
    leaves = (None, True, -1, 0, 10**30, 1.5, "", "x", "a.b.c", "/Shared/x", "\0", "..", "Ø" * 300, "'\"`;")
    kind = random.random()
    if depth > 3 or kind < 0.6:
        return random.choice(leaves)
    if kind < 0.8:
        return [random_value(random, depth + 1) for _ in range(random.randrange(3))]
    return {random.choice(FIELDS): random_value(random, depth + 1) for _ in range(random.randrange(4))}


FIELDS = [
    "name",
    "path",
    "content",
    "format",
    "language",
    "overwrite",
    "catalog_name",
    "schema_name",
    "volume_type",
    "storage_location",
    "tasks",
    "task_key",
    "depends_on",
    "job_id",
    "run_id",
    "new_settings",
    "settings",
    "schedule",
    "run_as",
    "statement",
    "warehouse_id",
    "changes",
    "add",
    "principal",
    "access_control_list",
    "displayName",
    "userName",
    "members",
    "Operations",
    "op",
    "value",
    "spark_version",
    "cluster_id",
    "node_type_id",
    "definition",
    "policy_id",
    "libraries",
    "pipeline_id",
    "catalog",
    "schema",
    "full_refresh",
    "url",
    "provider",
    "scope",
    "key",
    "string_value",
    "user_name",
    "comment",
    "owner",
    "properties",
    "columns",
    "type_text",
    "table_type",
    "data_source_format",
    "experiment_name",
    "tags",
    "bindings",
    "job_parameters",
    "instance_pool_name",
    "id",
]


def random_body(random: random.Random) -> bytes:
    """A body that is valid JSON; every fourth has a fault."""
    body = json.dumps(
        {each: random_value(random) for each in random.sample(FIELDS, random.randrange(6))}
    ).encode()
    return body if random.random() < 0.75 else random.choice(list(MALFORMED.values()))


def test_whatever_is_sent_the_next_write_succeeds_and_the_state_can_be_read_again(home, start):
    """Random bodies to random endpoints for a bounded time; the seed makes a failure repeatable."""
    chance = random.Random(SEED)
    with start(home) as workspace:
        workspace.http._transport.raise_server_exceptions = False
        routes = write_routes(workspace.http.app)
        deadline = time.monotonic() + FUZZ_SECONDS
        for number in range(3_000):
            if time.monotonic() > deadline:
                break
            method, path = chance.choice(routes)
            body = random_body(chance)
            answer = send(workspace, method, path, body)
            assert answer.status_code != 500, f"{method} {path}: {body!r}: {answer.text}"
            if number % 20 == 0:
                assert_writable(workspace, f"after{number}")
    create_app(home)
