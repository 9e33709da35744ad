"""Who can reach the provider, and what it leaves behind."""

import json
import os
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
def test_this_machine_is_served_to_this_user_only(address: str, tmp_path: Path) -> None:
    """The socket lies in a folder that no other user can enter, and is gone afterwards."""
    served = host.start(address, "token", tmp_path)
    try:
        provider = json.loads(served.json)["databricks/databricks"]
        socket = Path(provider["Addr"]["String"])
        assert (provider["Pid"], provider["Test"], provider["ProtocolVersion"]) == (os.getpid(), True, 6)
        assert socket.is_socket()
        assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
        assert "token" not in served.json
    finally:
        served.stop()
    assert not socket.parent.exists()


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
