"""Addresses of a workspace, as people copy them."""

from __future__ import annotations

import pytest

from mesh.model.workspace_address import AddressError, workspace_address

ADB = "https://adb-1234567890123456.7.azuredatabricks.net"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ADB, ADB),
        (f"{ADB}/", ADB),
        (f"{ADB}//", ADB),
        (f" {ADB} ", ADB),
        (ADB.removeprefix("https://"), ADB),
        (ADB.upper(), ADB),
        (f"{ADB}:443/", ADB),
        (f"{ADB}:8443", f"{ADB}:8443"),
        (f"{ADB}.", ADB),
        ("dev.example.com:8443", "https://dev.example.com:8443"),
        ("http://127.0.0.1:4300", "http://127.0.0.1:4300"),
        ("http://LOCALHOST:4300/", "http://localhost:4300"),
        ("http://[::1]:4300", "http://[::1]:4300"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("https://intranet", "https://intranet"),
    ],
)
def test_what_does_not_change_the_meaning_is_taken(text: str, expected: str) -> None:
    assert workspace_address(text) == expected
    assert workspace_address(expected) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (f"{ADB}/?o=1234567890123456", "has more than the address of a workspace"),
        (f"{ADB}/?o=1234567890123456#job/7", "has more than the address of a workspace"),
        (f"{ADB}/browse/folders/7?o=1", "has more than the address of a workspace"),
        (f"{ADB.removeprefix('https://')}/?o=1", "has more than the address of a workspace"),
        (f"{ADB}/login.html", "has more than the address of a workspace"),
        (f"{ADB}#", "has more than the address of a workspace"),
        (f"{ADB}/?", "has more than the address of a workspace"),
        (ADB.replace("https", "http"), "does not begin with https://"),
        (ADB.replace("https", "jdbc+databricks"), "does not begin with https://"),
    ],
)
def test_what_may_change_the_meaning_is_refused_with_the_address_to_write(text: str, reason: str) -> None:
    with pytest.raises(AddressError) as caught:
        workspace_address(text)

    assert (str(caught.value), caught.value.written) == (f"`{text}` {reason}", ADB)
    assert workspace_address(caught.value.written) == ADB


@pytest.mark.parametrize(
    "host",
    [
        "accounts.cloud.databricks.com",
        "accounts.azuredatabricks.net",
        "accounts.gcp.databricks.com",
        "ACCOUNTS.cloud.databricks.com/login",
        "accounts-dod.cloud.databricks.us",
    ],
)
def test_the_account_console_is_not_a_workspace(host: str) -> None:
    with pytest.raises(AddressError, match="is the account console, not a workspace") as caught:
        workspace_address(f"https://{host}")

    assert caught.value.written == ""


def test_another_host_that_begins_with_accounts_is_a_workspace() -> None:
    assert workspace_address("https://accounts.acme.example") == "https://accounts.acme.example"


@pytest.mark.parametrize(
    "text",
    ["", " ", "/", "lokal", "Local", "https://", "https:///x", "https://https://x.example", "https://a b.example", "https://x.example:99999",
     "https://x.example:port", "https://x.example:0", "https://[::1", "https://dév.example", "https://a..example",
     "https://x.example\\y", "https://x.exa\nmple"],
)  # fmt: skip
def test_what_contains_no_address_is_refused_without_one(text: str) -> None:
    with pytest.raises(AddressError, match="is not a workspace address") as caught:
        workspace_address(text)

    assert caught.value.written == ""


@pytest.mark.parametrize(
    "secret", ["ada:hunter2", "token:dapi/hunter2", "ada:hun?ter2", "hunter2", "a@b:hunter2#x"]
)
@pytest.mark.parametrize(
    "text", ["https://{}@dev.example.com", "{}@dev.example.com/?o=1", "http://{}@dev.example.com/x"]
)
def test_a_password_in_the_address_is_refused_and_not_shown(text: str, secret: str) -> None:
    with pytest.raises(AddressError) as caught:
        workspace_address(text.format(secret))

    assert "hun" not in f"{caught.value} {caught.value.written}"


def test_the_address_to_write_has_no_password() -> None:
    with pytest.raises(AddressError) as caught:
        workspace_address("https://ada:hunter2@dev.example.com/")

    assert str(caught.value) == "`https://***@dev.example.com/` has a user or a password in the address"
    assert caught.value.written == "https://dev.example.com"


def test_a_long_text_is_shortened() -> None:
    with pytest.raises(AddressError) as caught:
        workspace_address(f"{ADB}/?{'o' * 500}")

    assert len(str(caught.value)) < 140
