"""`python -m local.notebook.script WORKSPACE_FILES SCRIPT [WORD …]`: runs a spark_python_task.

The script runs like `python SCRIPT WORD …` and can also import from folders of the workspace. An error names
files as in the workspace.
"""

import runpy
import sys
from pathlib import Path

from local.notebook import failure, imports, paths
from local.notebook.places import Places


def main() -> None:
    """Runs the script that the command line names, with the arguments that follow the name."""
    files, script, *words = sys.argv[1:]
    imports.install(Path(files))
    paths.install(paths.of_workspace(Path(files)))
    sys.argv = [script, *words]
    sys.path.insert(0, str(Path(script).parent))
    try:
        runpy.run_path(script, run_name="__main__")
    except Exception as error:
        print(failure.trace(error, Places(Path(files))), end="", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
