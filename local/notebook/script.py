"""`python -m local.notebook.script WORKSPACE_FILES SCRIPT [WORD …]`: run a spark_python_task.

The script runs as `python SCRIPT WORD …` would, and imports from folders of the workspace too.
"""

import runpy
import sys
from pathlib import Path

from local.notebook import imports


def main() -> None:
    """Run the script that the command line names with the words after it."""
    files, script, *words = sys.argv[1:]
    imports.install(Path(files))
    sys.argv = [script, *words]
    sys.path.insert(0, str(Path(script).parent))
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main()
