"""`mesh local notebook`: one notebook of the checkout, as a person runs it in a Git folder."""

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from local.home import Home, running
from local.workspace.workflows.tasks import NOTEBOOK_COMMAND, connection
from mesh.errors import UsageError


def run_notebook(
    home: Home,
    file: Path,
    parameters: Mapping[str, str],
    say: Callable[[str], None],
    command: Sequence[str] = NOTEBOOK_COMMAND,
) -> bool:
    """Run a notebook to its end, in its own folder; what it shows is printed as it comes.

    Args:
        home: the local workspace; to the notebook, the mesh's root is the workspace's `/`.
        file: the notebook.
        parameters: values for its widgets.
        say: takes a line for each table that it wrote, and for what it exits with.
        command: what a notebook is run with; it gets the path of a spec file.

    Returns:
        Whether it succeeded; why it did not was printed.

    Raises:
        UsageError: the file lies outside of the mesh's root.
        OutsideError: the local workspace is not up.
    """
    file = file.resolve()
    if not file.is_relative_to(home.root):
        raise UsageError(f"{file} lies outside of {home.root} (copy it into the checkout)")
    status = running(home)
    with tempfile.TemporaryDirectory() as scratch:
        spec, result = Path(scratch, "spec.json"), Path(scratch, "result.json")
        spec.write_text(
            json.dumps(
                {
                    "notebook": str(file),
                    "workspace_path": f"/{file.relative_to(home.root).with_suffix('').as_posix()}",
                    "workspace_files": str(home.root),
                    "parameters": dict(parameters),
                    "result": str(result),
                }
            )
        )
        environ = {**os.environ, "PYTHONUNBUFFERED": "1", **connection(status)}
        done = subprocess.run([*command, str(spec)], env=environ, check=False)
        told = json.loads(result.read_text(encoding="utf-8")) if result.exists() else {}
    for table in told.get("tables") or []:
        say(f"wrote {table['name']}: {table['rows']:,} row{'' if table['rows'] == 1 else 's'}")
    if told.get("result") is not None:
        say(f"exits with {told['result']}")
    return done.returncode == 0
