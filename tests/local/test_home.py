"""The paths of a home, its token and its status file."""

from dataclasses import replace

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


def test_an_invalid_status_file_counts_as_missing(home):
    home.status.write_text("{")
    assert read_status(home) is None
    home.status.write_text('{"url": 1}')
    assert read_status(home) is None


def test_a_status_is_read_as_it_was_written(home):
    status = Status("http://127.0.0.1:1", "t", 1, 2.0, "sc://127.0.0.1:2/;token=t")
    replace(status, spark_pid=3).write(home)

    assert read_status(home) == running_status(home) == replace(status, spark_pid=3)
    assert status.spark_address == "sc://127.0.0.1:2"


def test_without_a_status_file_the_workspace_is_not_running(home):
    with pytest.raises(OutsideError, match="is not running: start it with `mesh local up`"):
        running_status(home)
