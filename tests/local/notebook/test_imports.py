"""`sys.path.append("/Workspace/…")` in code that the local workspace runs; each test uses a separate process."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

INSTALL = """
import sys
from pathlib import Path
from local.notebook import imports
files, handed = Path(sys.argv[1]), []
"""


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """A workspace with a package and a module of shared code."""
    folder = tmp_path / "Shared/p/libs"
    (folder / "taxi").mkdir(parents=True)
    (folder / "taxi/__init__.py").write_text("")
    (folder / "taxi/fares.py").write_text("FARE = 3\n")
    (folder / "zones.py").write_text("from taxi.fares import FARE\n\ndef fare():\n    return FARE\n")
    return tmp_path


def run(files: Path, code: str) -> str:
    """The output of a program."""
    command = [sys.executable, "-c", INSTALL + code, str(files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_modules_and_packages_are_imported_from_workspace_files(files: Path) -> None:
    """The uploaded files stay unchanged."""
    before = set(files.rglob("*"))
    assert (
        run(
            files,
            "imports.install(files)\n"
            "sys.path.append('/Workspace/Shared/p/libs')\n"
            "import zones\n"
            "print(zones.fare(), Path(zones.__file__).relative_to(files))\n",
        )
        == "3 Shared/p/libs/zones.py\n"
    )
    assert set(files.rglob("*")) == before


def test_a_path_is_found_after_an_earlier_failed_import(files: Path) -> None:
    """Python caches folders in which it found nothing."""
    code = (
        "sys.path.append('/Workspace/Shared/p/libs')\n"
        "try:\n    import zones\nexcept ImportError:\n    imports.install(files)\n"
        "import zones\nprint(zones.fare())"
    )
    assert run(files, code) == "3\n"


def test_a_missing_workspace_folder_is_empty(files: Path) -> None:
    """A folder with the same path on this machine is not used."""
    code = (
        "imports.install(files)\n"
        "sys.path += ['/Workspace/Shared/q', '/Workspace/', str(files / 'Shared/p/libs')]\n"
        "import zones\nprint(zones.fare())"
    )
    assert run(files, code) == "3\n"


def test_a_wheel_in_the_workspace_is_a_folder_to_import_from(files: Path) -> None:
    with zipfile.ZipFile(files / "Shared/tips.whl", "w") as wheel:
        wheel.writestr("tips.py", "TIP = 2\n")
    code = (
        "imports.install(files)\nsys.path.append('/Workspace/Shared/tips.whl')\nimport tips\nprint(tips.TIP)"
    )
    assert run(files, code) == "2\n"


def test_each_folder_is_reported_once(files: Path) -> None:
    """Each folder is sent to Spark's workers once."""
    code = (
        "imports.install(files, handed.append)\n"
        "sys.path.append('/Workspace/Shared/p/libs')\n"
        "import zones, taxi\nprint([str(one.relative_to(files)) for one in handed])"
    )
    assert run(files, code) == "['Shared/p/libs']\n"


def test_a_script_runs_as_python_would_run_it(files: Path) -> None:
    """With the folder of the script first, its arguments, and workspace code."""
    (files / "Shared/beside.py").write_text("WHO = 'beside'\n")
    script = files / "Shared/script.py"
    script.write_text(
        "import sys\nsys.path.append(sys.argv[1])\nimport beside, zones\n"
        "if __name__ == '__main__':\n    print(beside.WHO, zones.fare(), sys.argv[2:])\n    sys.exit(4)\n"
    )
    command = [sys.executable, "-P", "-m", "local.notebook.script", str(files), str(script)]
    done = subprocess.run(
        [*command, "/Workspace/Shared/p/libs", "x"], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr, done.returncode) == ("beside 3 ['x']\n", "", 4)
