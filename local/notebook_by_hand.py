"""`mesh local notebook`: runs one notebook of the checkout, as a person does in a Git folder."""

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from local.connection import connection_variables
from local.home import Home, running_status
from local.workspace.workflows.tasks import NOTEBOOK_COMMAND
from mesh.errors import UsageError


def run_notebook(
    home: Home,
    file: Path,
    parameters: Mapping[str, str],
    report: Callable[[str], None],
    command: Sequence[str] = NOTEBOOK_COMMAND,
) -> bool:
    """Run a notebook in its own folder. Its output is printed immediately.

    Args:
        home: the local workspace; for the notebook, the mesh's root is the workspace's root `/`.
        file: the notebook.
        parameters: values for its widgets.
        report: receives a line for each table that the notebook wrote, and for its exit value.
        command: the command that runs a notebook; its last argument is the path of a spec file.

    Returns:
        True if the notebook succeeded; otherwise its error was printed.

    Raises:
        UsageError: the file is outside the mesh's root.
        OutsideError: the local workspace is not running.
    """
    file = file.resolve()
    if not file.is_relative_to(home.root):
        raise UsageError(f"{file} is outside {home.root} (copy it into the checkout)")
    status = running_status(home)
    with tempfile.TemporaryDirectory() as scratch:
        spec, result_file = Path(scratch, "spec.json"), Path(scratch, "result.json")
        spec.write_text(
            json.dumps(
                {
                    "notebook": str(file),
                    "workspace_path": f"/{file.relative_to(home.root).with_suffix('').as_posix()}",
                    "workspace_files": str(home.root),
                    "shown_root": "",
                    "secrets": str(home.secrets),
                    "environments": str(home.environments),
                    "plots": str(home.path / "plots" / file.stem),
                    "parameters": dict(parameters),
                    "result": str(result_file),
                }
            )
        )
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", **connection_variables(status, home)}
        process = subprocess.run([*command, str(spec)], env=environment, check=False)
        result = json.loads(result_file.read_text(encoding="utf-8")) if result_file.exists() else {}
    for table in result.get("tables") or []:
        report(f"wrote {table['name']}: {table['rows']:,} row{'' if table['rows'] == 1 else 's'}")
    if result.get("result") is not None:
        report(f"exit value: {result['result']}")
    return process.returncode == 0
