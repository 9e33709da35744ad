"""Who can reach the provider, and what it leaves behind."""

import json
import os
import socket
import stat
from pathlib import Path

import grpc
import pytest

from local.provider import host, schema
from local.provider.protocol import SERVICE, message
from local.provider.values import encode, whole


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
def test_another_machine_is_refused(address: str) -> None:
    """Only an address that can mean nothing but this machine is served."""
    with pytest.raises(ValueError, match="serves the local workspace only"):
        host.start(address, "token")


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1", "http://localhost:1/", "http://[::1]:1", "127.0.0.1:1"]
)
def test_this_machine_is_served(address: str, tmp_path: Path) -> None:
    """Whatever the loopback address is written like."""
    host.start(address, "token", tmp_path).stop()


@pytest.mark.parametrize("deep", ["private", "much/too/long/" + 100 * "x"])
def test_only_this_user_reaches_the_provider(deep: str, tmp_path: Path) -> None:
    """The socket and its folder are closed to others, wherever they are, and the socket is gone afterwards."""
    served = host.start("http://127.0.0.1:1", "token", tmp_path / deep)
    try:
        provider = json.loads(served.json)["databricks/databricks"]
        place = Path(provider["Addr"]["String"])
        assert (provider["Pid"], provider["Test"], provider["ProtocolVersion"]) == (os.getpid(), True, 6)
        assert place.is_socket()
        assert stat.S_IMODE(place.stat().st_mode) == 0o600
        assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
        assert (place.parent == tmp_path / deep) is (deep == "private")
        assert "token" not in served.json
    finally:
        served.stop()
    assert not place.exists()
    assert place.parent.exists() is (deep == "private")


def test_a_socket_that_a_killed_provider_left_is_taken_over(tmp_path: Path) -> None:
    """The next one listens in the same place."""
    left = tmp_path / "provider.sock"
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(left))
    served = host.start("http://127.0.0.1:1", "token", tmp_path)
    assert served.socket == left
    with grpc.insecure_channel(f"unix:{left}") as channel:
        grpc.channel_ready_future(channel).result(timeout=30)
    served.stop()


def test_the_file_that_says_where_it_is_is_private(tmp_path: Path) -> None:
    """It is written whole, and only its owner can read it."""
    served = host.start("http://127.0.0.1:1", "token", tmp_path)
    file = tmp_path / "new folder" / "reattach.json"
    try:
        served.write(file)
        assert json.loads(file.read_text()) == json.loads(served.json)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert [one.name for one in file.parent.iterdir()] == ["reattach.json"]
    finally:
        served.stop()


def test_a_large_notebook_fits(tmp_path: Path) -> None:
    """A message may be larger than the 4 MiB that gRPC allows unless told otherwise."""
    served = host.start("http://127.0.0.1:1", "token", tmp_path)
    kind = "databricks_notebook"
    block = schema.read([kind], []).resources[kind]
    notebook = message(
        "DynamicValue", msgpack=encode(whole({"content_base64": "eCA9IDEK" * 1_000_000}, block))
    )
    request = message("PlanResourceChange.Request", type_name=kind, proposed_new_state=notebook)
    unlimited = [("grpc.max_receive_message_length", -1)]
    try:
        with grpc.insecure_channel(f"unix:{served.socket}", unlimited) as channel:
            plan = channel.unary_unary(f"/{SERVICE}/PlanResourceChange")
            answer = plan(request.SerializeToString(), timeout=30)
    finally:
        served.stop()
    assert len(answer) > 8_000_000
