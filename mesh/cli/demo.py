"""The end of `make demo`: the table that the run wrote, and where to look further."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

from mesh.console import emit, reported
from mesh.load import load
from mesh.model.naming import sql_reference

TABLE = "revenue_per_inhabitant"
FURTHER = """
Where to look further (after `. .venv/bin/activate`):
  mesh ls                      the mesh, and what each flow is called on Databricks
  mesh local open              the address of this workspace's pages
  mesh local sql "select …"    its tables
  mesh diff                    what a deployment would change now: nothing
  {file}
                               the flow, which is a folder: change it, `make demo` again
  cdktf.out/stacks/{stack}/cdk.tf.json
                               what Terraform was given
  make down                    stops the workspace; what is in it stays
"""


def main(path: str) -> int:
    """Print the table of a flow that has run, and what can be done next; return an exit code.

    Args:
        path: the flow's path, with or without its org.
    """
    deployed = load().in_environment("local")
    flow = deployed.flow(path)
    stack = next(one.stack for one in deployed.deployments if flow in one.flows)
    table = sql_reference(flow.catalog, flow.schema_names[0], TABLE)
    code = _mesh("local", "sql", f"select * from {table}")  # noqa: S608 - the mesh's own names
    if code == 0:
        emit(FURTHER.format(file=flow.file, stack=stack))
    return code


def _mesh(*arguments: str) -> int:
    """Run the `mesh` of this environment, after showing the command; return its exit code."""
    emit(f"mesh {shlex.join(arguments)}")
    return subprocess.run([str(Path(sys.executable).with_name("mesh")), *arguments], check=False).returncode


if __name__ == "__main__":
    with reported():
        sys.exit(main(sys.argv[1]))
