"""The paths of a home, its token and its status file."""

import json
import math
from dataclasses import asdict, replace

import pytest

from local.home import Home, Status, read_status, running_status, write_private
from mesh.errors import OutsideError


@pytest.fixture
def home(tmp_path) -> Home:
    """An empty home."""
    home = Home(tmp_path)
    home.create_folders()
    return home


def test_only_the_owner_can_read_the_folders(home):
    assert [each.stat().st_mode & 0o777 for each in (home.path, home.workspace, home.runs)] == [0o700] * 3


def test_the_token_stays_the_same_and_only_the_owner_can_read_it(home):
    assert home.token() == home.token()
    assert (home.path / "token").stat().st_mode & 0o777 == 0o600


def test_a_private_file_is_replaced_without_a_temporary_file(tmp_path):
    file = tmp_path / "a" / "b"
    write_private(file, "one")
    write_private(file, "two")

    assert (file.read_text(), list(file.parent.iterdir())) == ("two", [file])


@pytest.mark.parametrize("content", [b"", b" \n", b"abc", b"\xff\xfe", b"0" * 42])
def test_a_damaged_token_is_replaced_by_a_new_one(home, content):
    file = home.path / "token"
    file.write_bytes(content)

    token = home.token()
    assert len(token) == 43
    assert (home.token(), file.read_text()) == (token, token)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("workspace_pid", "abc"),
        ("workspace_pid", -1),
        ("workspace_pid", True),
        ("workspace_pid", None),
        ("workspace_pid", 10**30),
        ("workspace_started", "now"),
        ("workspace_started", math.nan),
        ("spark_pid", [1]),
        ("spark_remote", 5),
        ("token", None),
        ("url", "ftp://elsewhere"),
        ("url", 1),
        ("colour", "red"),
    ],
)
def test_a_damaged_field_of_the_status_file_is_named_with_the_remedy(home, field, value):
    valid = asdict(Status("http://127.0.0.1:1", "t", 1, 2.0))
    home.status.write_text(json.dumps({**valid, field: value}))

    with pytest.raises(
        OutsideError, match=rf"status.json: .* damaged .*`{field}`.*: `mesh local down` stops"
    ):
        read_status(home)


@pytest.mark.parametrize("content", [b"{", b"", b"[]", b"\xff", b"[" * 100_000, b"null"])
def test_a_status_file_that_is_no_object_is_damaged(home, content):
    home.status.write_bytes(content)

    with pytest.raises(OutsideError, match="the status file is damaged"):
        running_status(home)


def test_a_folder_in_place_of_a_file_is_told(home):
    home.status.mkdir()
    (home.path / "token").mkdir()

    with pytest.raises(OutsideError, match="is a folder, not the status file"):
        read_status(home)
    with pytest.raises(OutsideError, match="token is a folder, not the file with the token"):
        home.token()


def test_a_status_is_read_as_it_was_written(home):
    status = Status("http://127.0.0.1:1", "t", 1, 2.0, "sc://127.0.0.1:2/;token=t")
    replace(status, spark_pid=3).write(home)

    assert read_status(home) == running_status(home) == replace(status, spark_pid=3)
    assert status.spark_address == "sc://127.0.0.1:2"


def test_without_a_status_file_the_workspace_is_not_running(home):
    with pytest.raises(OutsideError, match="is not running: start it with `mesh local up`"):
        running_status(home)
