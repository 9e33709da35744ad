"""What the tasks of a run printed, afterwards."""

import pytest

from local.task_logs import task_logs
from mesh.errors import OutsideError, UsageError
from tests.local.workspace.conftest import home, workspace  # noqa: F401 - fixtures
from tests.support.local_client import client_of


@pytest.fixture
def run_id(workspace) -> int:  # noqa: F811
    job = workspace.create_job(
        {"a": "print('from a'); print('in /Workspace/x')", "b": "raise ValueError('no')"}
    )
    return workspace.run(job)["run_id"]


def test_each_task_has_a_heading_with_its_result(workspace, run_id):  # noqa: F811
    lines = list(
        task_logs(client_of(workspace), run_id, readable=lambda line: line.replace("/Workspace/x", "x.py"))
    )

    assert lines[:4] == ["── a  success ──", "from a", "in x.py", "── b  failed ──"]


def test_one_task_is_printed_without_a_heading(workspace, run_id):  # noqa: F811
    assert list(task_logs(client_of(workspace), run_id, "a")) == ["from a", "in /Workspace/x"]


def test_an_unknown_run_or_task_is_an_error(workspace, run_id):  # noqa: F811
    with pytest.raises(UsageError, match=rf"run {run_id} has no task `z` \(its tasks: a, b\)"):
        list(task_logs(client_of(workspace), run_id, "z"))
    with pytest.raises(OutsideError, match="Run '99' does not exist"):
        list(task_logs(client_of(workspace), 99))
