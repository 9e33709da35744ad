"""The end of `make demo`: the table that the run wrote, and where to look further."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

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
    listed = json.loads(_mesh("ls", "--env", "local", "--json", capture=True))
    flow = next((flow for flow in listed if f"/{flow['path']}".endswith(f"/{path}")), None)
    if flow is None:
        print(f"there is no flow {path} in the mesh: see `mesh ls`", file=sys.stderr)
        return 1
    table = ".".join([flow["catalog"], flow["schemas"][0], TABLE])
    _mesh("local", "sql", f"select * from {table}")  # noqa: S608 - the mesh's own names
    print(FURTHER.format(**flow))
    return 0


def _mesh(*arguments: str, capture: bool = False) -> str:
    """Run the `mesh` of this environment; the reader sees the command unless its output is wanted here."""
    if not capture:
        print(f"mesh {shlex.join(arguments)}", flush=True)
    command = [str(Path(sys.executable).with_name("mesh")), *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE if capture else None, text=True, check=False)
    if done.returncode:
        sys.exit(done.returncode)
    return done.stdout or ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
