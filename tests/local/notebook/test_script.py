"""A spark_python_task runs like `python SCRIPT …` and imports from the workspace."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_a_script_gets_its_arguments_and_imports_from_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "Shared" / "libs").mkdir(parents=True)
    (tmp_path / "Shared" / "libs" / "fares.py").write_text("FARE = 7\n")
    script = tmp_path / "job" / "main.py"
    script.parent.mkdir()
    (script.parent / "sibling.py").write_text("NAME = 'sibling'\n")
    script.write_text(
        "import sys\nsys.path.append('/Workspace/Shared/libs')\nimport fares, sibling\n"
        "print(__name__, sys.argv[1:], fares.FARE, sibling.NAME)\n"
    )

    done = subprocess.run(
        [sys.executable, "-m", "local.notebook.script", tmp_path, script, "a", "b c"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "__main__ ['a', 'b c'] 7 sibling\n", "")
