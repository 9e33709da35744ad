"""The end of `make demo`: prints the table that the run wrote, and the next commands."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

from mesh.console import emit, report_errors
from mesh.load import load
from mesh.model.naming import sql_reference

TABLE = "revenue_per_inhabitant"
NEXT_COMMANDS = """
Next commands (after `. .venv/bin/activate`):
  mesh ls                      the mesh, with the names of each flow on Databricks
  mesh local open              the address of this workspace's web pages
  mesh local sql "select …"    its tables
  mesh diff                    what a deployment would change: grants on the new tables
  {file}
                               the flow, which is a folder: change it, then run `make demo` again
  cdktf.out/stacks/{stack}/cdk.tf.json
                               the generated Terraform code
  make down                    stops the workspace; its data stays
"""


def main(path: str) -> int:
    """Prints the table of a flow that has run, and the next commands; returns an exit code.

    Args:
        path: the flow's path, with or without its org.
    """
    deployed = load().in_environment("local")
    flow = deployed.flow(path)
    stack = next(one.stack for one in deployed.deployments if flow in one.flows)
    table = sql_reference(flow.catalog, flow.schema_names[0], TABLE)
    code = _mesh("local", "sql", f"select * from {table}")  # noqa: S608 - names of the mesh
    if code == 0:
        emit(NEXT_COMMANDS.format(file=flow.file, stack=stack))
    return code


def _mesh(*arguments: str) -> int:
    """Prints and runs a `mesh` command; returns its exit code."""
    emit(f"mesh {shlex.join(arguments)}")
    return subprocess.run([str(Path(sys.executable).with_name("mesh")), *arguments], check=False).returncode


if __name__ == "__main__":
    with report_errors():
        sys.exit(main(sys.argv[1]))
