"""The variables with which processes find the local workspace."""

from pathlib import Path

from local.connection import connection_variables
from local.home import Home, Status


def test_processes_find_what_is_running(tmp_path: Path) -> None:
    home = Home(tmp_path)
    alone = Status(url="http://127.0.0.1:1", token="t", workspace_pid=1, workspace_started=1.0)
    both = Status("http://127.0.0.1:1", "t", 1, 1.0, spark_remote="sc://localhost:2/;token=t")

    workspace = {"DATABRICKS_HOST": "http://127.0.0.1:1", "DATABRICKS_TOKEN": "t"}
    assert connection_variables(None, home) == {}
    assert connection_variables(alone, home) == workspace
    assert connection_variables(both, home) == {**workspace, "SPARK_REMOTE": "sc://localhost:2/;token=t"}
