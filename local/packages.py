"""Python packages that tasks and notebooks ask for, in environments that are kept below `.mesh/local`.

An environment has the packages of this installation, and on top of them what pip installs. It is kept under a
hash of what was asked for, so that only the first task waits for pip.
"""

import fcntl
import hashlib
import importlib.metadata
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email import message_from_string
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from local.home import write_private

_COMPLETE = ".complete"
_INSTALL_SECONDS = 900
_PURE_WHEEL = "-none-any.whl"


class InstallError(Exception):
    """pip cannot install what was asked for; the message names it."""


def missing(requirements: Sequence[str]) -> list[str]:
    """Return the requirements that this installation does not satisfy.

    Args:
        requirements: lines of a requirements file; the path of a wheel stands for the wheel.
    """
    needed = [each for each in requirements if not _is_satisfied(each)]
    return needed if any(map(_asks_for, needed)) else []


def is_importable(wheel: Path) -> bool:
    """Return whether Python can import from a wheel as it is: only Python code, and no missing packages."""
    if not wheel.name.endswith(_PURE_WHEEL) or not wheel.is_file():
        return False
    with zipfile.ZipFile(wheel) as archive:
        names = [each for each in archive.namelist() if each.endswith(".dist-info/METADATA")]
        metadata = message_from_string(archive.read(names[0]).decode("utf-8")) if names else None
    return metadata is None or not missing(metadata.get_all("Requires-Dist") or [])


def environment(folder: Path, requirements: Sequence[str]) -> Path:
    """Return the folder of an environment with the requirements; the first time pip installs them.

    Args:
        folder: the folder of all environments.
        requirements: lines of a requirements file, with paths on this machine.

    Raises:
        InstallError: pip fails.
    """
    place = folder / _key(requirements)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _lock(folder / f"{place.name}.lock"):
        if not (place / _COMPLETE).exists():
            shutil.rmtree(place, ignore_errors=True)
            _create(place)
            _install(place, requirements)
            write_private(place / _COMPLETE, "\n".join(requirements))
    return place


def python(place: Path) -> Path:
    """Return the Python of an environment."""
    return place / "bin" / "python"


def is_environment(prefix: Path) -> bool:
    """Return whether a Python, named by its `sys.prefix`, is that of an environment."""
    return (prefix / _COMPLETE).exists()


def site_packages(place: Path) -> Path:
    """Return the folder in which an environment has its own packages."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return place / "lib" / version / "site-packages"


def _asks_for(line: str) -> bool:
    """Return whether a line asks for packages; other options say only how pip finds them."""
    return not line.startswith("-") or line.startswith(("-r", "--requirement"))


def _is_satisfied(line: str) -> bool:
    try:
        requirement = Requirement(line)
    except InvalidRequirement:
        return False
    if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
        return True
    if requirement.url or requirement.extras:
        return False
    try:
        installed = importlib.metadata.version(requirement.name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return requirement.specifier.contains(installed, prereleases=True)


def _key(requirements: Sequence[str]) -> str:
    """Return a hash of the requirements, of the files that they name and of Python."""
    key = hashlib.sha256(sys.version.encode())
    for each in requirements:
        key.update(b"\0" + each.encode())
        file = Path(each.removeprefix("-r").strip())
        if file.is_absolute() and file.is_file():
            key.update(file.read_bytes())
    return key.hexdigest()[:16]


def _create(place: Path) -> None:
    """Create an environment that also finds the packages of this installation."""
    venv.EnvBuilder(with_pip=False, symlinks=True).create(place)
    ours = sysconfig.get_path("purelib")
    # A .pth file in a folder that a .pth file adds is read only with addsitedir.
    line = f"import site; site.addsitedir({ours!r})\n"
    site_packages(place).joinpath("installation.pth").write_text(line, encoding="utf-8")


def _install(place: Path, requirements: Sequence[str]) -> None:
    words = [word for each in requirements for word in _words(each)]
    options = ("--no-input", "--disable-pip-version-check", "--python", str(python(place)))
    command = [sys.executable, "-m", "pip", *options, "install", "--quiet", *words]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_INSTALL_SECONDS, cwd=place
        )
    except subprocess.TimeoutExpired:
        raise InstallError(
            f"pip did not install {', '.join(requirements)} within {_INSTALL_SECONDS} s"
        ) from None
    if done.returncode:
        errors = re.findall(r"^ERROR: (.*)$", done.stderr, re.MULTILINE) or [done.stderr.strip()[-500:]]
        raise InstallError(f"pip cannot install {', '.join(requirements)}: {errors[-1]}")


def _words(line: str) -> list[str]:
    """Return a line of a requirements file as words of pip's command line."""
    if line.startswith("-"):
        option, _, value = line.partition(" ")
        return [option, value.strip()] if value else [option]
    return [line]


@contextmanager
def _lock(file: Path) -> Iterator[None]:
    """Let one process at a time create an environment."""
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
