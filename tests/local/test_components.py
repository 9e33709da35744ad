"""The processes of a workspace: which run, and how those that do not run are started."""

import os

from local import processes
from local.components import are_up, components, not_running
from local.home import Home, Status, write_private

ENDED = 2**31 - 1


def started(tmp_path, *, spark: int = os.getpid(), mlflow: int | None = None) -> Home:
    """A home whose processes have these ids; this process stands for those that run."""
    home, mine, now = Home(tmp_path), os.getpid(), processes.start_time(os.getpid())
    Status("http://127.0.0.1:1", "t", mine, now, "sc://127.0.0.1:2/;token=t", spark, now).write(home)
    if mlflow:
        record = f'{{"url": "http://127.0.0.1:3", "pid": {mlflow}, "started": {now}}}'
        write_private(home.mlflow_server, record)
    return home


def test_each_process_has_address_and_memory(tmp_path):
    found = components(started(tmp_path, mlflow=os.getpid()))

    shown = [(one.name, one.state, one.address) for one in found]
    assert shown == [
        ("workspace", "up", "http://127.0.0.1:1"),
        ("spark", "up", "sc://127.0.0.1:2"),
        ("mlflow", "up", "http://127.0.0.1:3"),
    ]
    assert all(one.memory for one in found)
    assert (are_up(found), not_running(Home(tmp_path), found)) == (True, [])


def test_mlflow_may_be_left_out_but_may_not_end(tmp_path):
    home = started(tmp_path)
    found = components(home)
    assert are_up(found)
    assert not_running(home, found) == ["mlflow is not running: `mesh local up --mlflow` starts it"]

    found = components(started(tmp_path, mlflow=ENDED))
    assert not are_up(found)
    [sentence] = not_running(home, found)
    assert sentence == (
        "mlflow has ended: .mesh/local/logs/mlflow.log has its output, `mesh local up --mlflow` starts it"
    )


def test_a_workspace_without_spark_is_not_up(tmp_path):
    home = started(tmp_path, spark=ENDED)
    found = components(home)

    assert not are_up(found)
    assert "spark has ended" in not_running(home, found)[0]
