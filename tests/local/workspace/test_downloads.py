"""Downloads are sent in parts, whatever the size of the file."""

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import pytest

UC = "/api/2.1/unity-catalog"
SIZE = 20_000_000
LARGEST_PART = 1_000_000


@pytest.fixture
def large(workspace) -> Path:
    """A large file in a volume and in the workspace, without blocks on disk."""
    workspace.post(f"{UC}/catalogs", {"name": "cat"})
    workspace.post(f"{UC}/schemas", {"name": "s", "catalog_name": "cat"})
    names = {"catalog_name": "cat", "schema_name": "s", "volume_type": "MANAGED"}
    volume = workspace.post(f"{UC}/volumes", {"name": "v", **names})
    for folder in (Path(volume["storage_location"]), workspace.home.files / "Shared"):
        folder.mkdir(exist_ok=True)
        with (folder / "large.bin").open("wb") as stream:
            stream.truncate(SIZE)
    return Path(volume["storage_location"]) / "large.bin"


def parts(workspace, path: str, query: str = "") -> list[bytes]:
    """The parts of a response's body, as the application sends them."""
    sent: list[bytes] = []

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] == 200
        sent.append(message.get("body", b""))

    token = f"Bearer {workspace.home.token()}".encode()
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [(b"host", b"127.0.0.1:8000"), (b"authorization", token)],
        "server": ("127.0.0.1", 8000),
        "scheme": "http",
        "http_version": "1.1",
    }
    asyncio.run(workspace.http.app(scope, receive, send))
    return sent


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/api/2.0/fs/files/Volumes/cat/s/v/large.bin", ""),
        ("/api/2.0/workspace-files/Shared/large.bin", ""),
        ("/api/2.0/workspace/export", "path=/Shared/large.bin&direct_download=true"),
    ],
)
def test_a_large_file_is_sent_in_parts(workspace, large, path, query):
    sent = parts(workspace, path, query)

    assert max(map(len, sent)) <= LARGEST_PART
    assert b"".join(sent) == bytes(SIZE)


def test_an_export_in_base64_is_sent_in_parts(workspace, large):
    sent = parts(workspace, "/api/2.0/workspace/export", "path=/Shared/large.bin")

    assert max(map(len, sent)) <= LARGEST_PART
    exported = json.loads(b"".join(sent))
    assert base64.b64decode(exported["content"]) == bytes(SIZE)
    assert exported["file_type"] == "bin"


def test_a_range_of_a_file_can_be_downloaded(workspace, large):
    large.write_bytes(b"0123456789")

    answer = workspace.http.get("/api/2.0/fs/files/Volumes/cat/s/v/large.bin", headers={"Range": "bytes=2-4"})
    assert (answer.status_code, answer.content) == (206, b"234")
