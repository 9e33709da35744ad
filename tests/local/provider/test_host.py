"""Access to the provider's socket, and the files that it writes."""

import json
import os
import socket
import stat
from pathlib import Path

import grpc
import pytest

from local.provider import SOURCE, host, schema
from local.provider.protocol import SERVICE, message
from local.provider.values import conform_to_schema, encode


@pytest.mark.parametrize(
    "address",
    [
        "https://dbc.example.com",
        "http://10.0.0.1:80",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@example.com",
        "http://localhost.example.com",
        "0.0.0.0:80",
        "",
    ],
)
def test_an_address_of_another_machine_is_refused(address: str) -> None:
    """Only loopback addresses are served."""
    with pytest.raises(ValueError, match="serves the local workspace only"):
        host.start(address, "token")


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1", "http://localhost:1/", "http://[::1]:1", "127.0.0.1:1"]
)
def test_loopback_addresses_are_served(address: str, tmp_path: Path) -> None:
    """All spellings of a loopback address are accepted."""
    host.start(address, "token", tmp_path).stop()


@pytest.mark.parametrize("deep", ["private", "much/too/long/" + 100 * "x"])
def test_only_this_user_reaches_the_provider(deep: str, tmp_path: Path) -> None:
    """The socket and its folder are private, and the socket is removed at the end."""
    server = host.start("http://127.0.0.1:1", "token", tmp_path / deep)
    try:
        provider = json.loads(server.json)["databricks/databricks"]
        place = Path(provider["Addr"]["String"])
        assert (provider["Pid"], provider["Test"], provider["ProtocolVersion"]) == (os.getpid(), True, 6)
        assert place.is_socket()
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
        assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
        assert (place.parent == tmp_path / deep) is (deep == "private")
        assert "token" not in server.json
    finally:
        server.stop()
    assert not place.exists()
    assert place.parent.exists() is (deep == "private")


def test_the_socket_of_a_killed_provider_is_replaced(tmp_path: Path) -> None:
    """The next provider listens at the same path."""
    path = tmp_path / "provider.sock"
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(path))
    server = host.start("http://127.0.0.1:1", "token", tmp_path)
    assert server.socket == path
    with grpc.insecure_channel(f"unix:{path}") as channel:
        grpc.channel_ready_future(channel).result(timeout=30)
    server.stop()


@pytest.mark.parametrize("name", ["it's", "a?b", "a%20b", "a b#c"])
def test_the_socket_may_lie_below_any_folder(tmp_path: Path, name: str) -> None:
    """Terraform connects to the path as it is, without gRPC's form of addresses."""
    server = host.start("http://127.0.0.1:1", "token", tmp_path / name)
    try:
        assert server.socket == tmp_path / name / "provider.sock"
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(json.loads(server.json)[SOURCE]["Addr"]["String"])
    finally:
        server.stop()


def test_the_reattach_file_is_private(tmp_path: Path) -> None:
    """It is written atomically, and only its owner can read it."""
    server = host.start("http://127.0.0.1:1", "token", tmp_path)
    file = tmp_path / "new folder" / "reattach.json"
    try:
        server.write(file)
        assert json.loads(file.read_text()) == json.loads(server.json)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert [entry.name for entry in file.parent.iterdir()] == ["reattach.json"]
    finally:
        server.stop()


def test_a_large_notebook_fits(tmp_path: Path) -> None:
    """A message may exceed gRPC's default limit of 4 MiB."""
    server = host.start("http://127.0.0.1:1", "token", tmp_path)
    kind = "databricks_notebook"
    block = schema.read_schemas([kind], []).resources[kind]
    notebook = message(
        "DynamicValue", msgpack=encode(conform_to_schema({"content_base64": "eCA9IDEK" * 1_000_000}, block))
    )
    request = message("PlanResourceChange.Request", type_name=kind, proposed_new_state=notebook)
    unlimited = [("grpc.max_receive_message_length", -1)]
    try:
        with grpc.insecure_channel(f"unix:{server.socket}", unlimited) as channel:
            plan = channel.unary_unary(f"/{SERVICE}/PlanResourceChange")
            answer = plan(request.SerializeToString(), timeout=30)
    finally:
        server.stop()
    assert len(answer) > 8_000_000
