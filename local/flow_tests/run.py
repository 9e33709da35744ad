"""Runs pytest for the tests of flows, in a process of its own."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from local.flow_tests import specification, warm_process
from local.flow_tests.specification import FOLDER, Specification
from mesh.errors import OutsideError

_SETTINGS = Path(__file__).with_name("pytest.ini")
# Exit codes of pytest
PASSED, FAILED, INTERRUPTED, NO_TESTS = 0, 1, 2, 5


def run_tests(flows: Specification, connection: Mapping[str, str], options: Sequence[str] = ()) -> int:
    """Runs the tests of flows and prints what pytest prints.

    Args:
        flows: the flows.
        connection: the environment variables with the addresses and tokens of the workspace and of Spark.
        options: further options of pytest.

    Returns:
        The exit code of pytest.

    Raises:
        OutsideError: Spark is not running, or pytest could not run the tests.
    """
    if "SPARK_REMOTE" not in connection:
        raise OutsideError("Spark of the local workspace is not running: start it with `mesh local up`")
    folders = [str(flows.root / flow.folder / FOLDER) for flow in flows.flows]
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "flows.json")
        specification.write(flows, file)
        arguments = ["-p", "local.flow_tests.plugin", "-c", str(_SETTINGS), "--rootdir", str(flows.root)]
        arguments += ["--confcutdir", str(flows.root), "--no-header", *options, *folders]
        environment = {
            **os.environ,
            **connection,
            specification.VARIABLE: str(file),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTEST_ADDOPTS": "",
        }
        code = warm_process.run("pytest", arguments, flows.root, environment)
        if code is None:
            code = _new_process(arguments, flows.root, environment)
    if code not in (PASSED, FAILED, INTERRUPTED, NO_TESTS):
        raise OutsideError(f"pytest could not run the tests: exit code {code} (its message is above)")
    return code


def _new_process(arguments: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> int:
    # -P: files beside the tests must not shadow modules
    command = [sys.executable, "-P", "-m", "pytest", *arguments]
    with (
        warm_process.on_interrupt(lambda: None),  # Ctrl-C reaches all processes of the terminal
        subprocess.Popen(command, env=environment, cwd=cwd) as process,
    ):
        return process.wait()
