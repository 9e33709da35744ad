"""Packages that tasks ask for: what is there already, and what pip installs into kept environments."""

import subprocess
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from local import packages


def wheel(folder: Path, requires: str = "", tag: str = "py3-none-any") -> Path:
    """A wheel of the package `parcels`, with a module and what it requires."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"parcels-1.0-{tag}.whl"
    info = "parcels-1.0.dist-info"
    needs = f"Requires-Dist: {requires}\n" if requires else ""
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("parcels.py", "import yaml\nsize = 3\n")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: parcels\nVersion: 1.0\n{needs}")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return file


@pytest.mark.parametrize(
    ("line", "there"),
    [
        ("--no-index", True),
        ("pydantic", True),
        (f"pydantic=={version('pydantic')}", True),
        ("Pydantic>=1", True),
        ("pydantic<1", False),
        ("pydantic[email]", False),
        ("no-such-package-of-ours; python_version < '3'", True),
        ("-r requirements.txt", False),
    ],
)
def test_what_this_installation_has_is_not_missing(line: str, there: bool) -> None:
    assert packages.missing([line]) == ([] if there else [line])


def test_only_wheels_of_python_code_whose_packages_are_there_are_imported_as_they_are(tmp_path: Path) -> None:
    assert packages.is_importable(wheel(tmp_path / "a"))
    assert packages.is_importable(wheel(tmp_path / "b", "pydantic>=2"))
    assert not packages.is_importable(wheel(tmp_path / "c", "no-such-package-of-ours"))
    assert not packages.is_importable(wheel(tmp_path / "d", tag="cp311-cp311-linux_x86_64"))
    assert not packages.is_importable(tmp_path / "none-py3-none-any.whl")


def test_an_environment_has_the_packages_asked_for_beside_ours_and_is_kept(tmp_path: Path) -> None:
    file = wheel(tmp_path)
    place = packages.environment(tmp_path / "environments", [str(file)])
    code = "import parcels, pydantic; print(parcels.size)"
    done = subprocess.run([packages.python(place), "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "3\n"

    before = (place / ".complete").stat().st_mtime_ns
    assert packages.environment(tmp_path / "environments", [str(file)]) == place
    assert (place / ".complete").stat().st_mtime_ns == before
    wheel(tmp_path, "pydantic")
    assert packages._key([str(file)]) != place.name


def test_what_pip_cannot_install_is_named(tmp_path: Path) -> None:
    asked = ["--no-index", "no-such-package-of-ours==1"]
    with pytest.raises(
        packages.InstallError, match="pip cannot install --no-index, no-such-package-of-ours==1: No"
    ):
        packages.environment(tmp_path, asked)
    assert not any(tmp_path.glob("*/.complete"))
