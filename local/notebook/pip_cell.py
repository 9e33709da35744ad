"""`%pip install` in a notebook: what is missing is installed into a kept environment and can be imported."""

import shlex
import sys
from pathlib import Path

from local import packages

# Options with a value, which stay in front of it on one line.
_WITH_VALUE = (
    "-r",
    "--requirement",
    "-c",
    "--constraint",
    "--index-url",
    "-i",
    "--extra-index-url",
    "--find-links",
)
_WITHOUT_EFFECT = ("-q", "--quiet", "-U", "--upgrade", "--no-cache-dir", "--force-reinstall")


def run(text: str, environments: Path | None) -> Path | None:
    """Run the text after `%pip`.

    Args:
        text: the words, such as `install numpy`.
        environments: the folder of environments; None to install nothing.

    Returns:
        The Python of the environment that has the packages; None if nothing was installed.

    Raises:
        packages.InstallError: pip fails.
    """
    requirements = _requirements(text)
    if not requirements or environments is None:
        print(f"%pip {text}: no effect in the local workspace")
        return None
    needed = packages.missing(requirements)
    if not needed:
        print(f"%pip {text}: already installed")
        return None
    place = packages.environment(environments, needed)
    folder = str(packages.site_packages(place))
    if folder not in sys.path:
        sys.path.insert(0, folder)
    print(f"%pip {text}: installed")
    return packages.python(place)


def _requirements(text: str) -> list[str]:
    """Return what `install` asks for, as lines of a requirements file; nothing for other commands."""
    words = shlex.split(text, comments=True)
    if words[:1] != ["install"]:
        return []
    lines: list[str] = []
    option = ""
    for word in words[1:]:
        if option or word not in (*_WITH_VALUE, *_WITHOUT_EFFECT):
            lines.append(f"{option} {word}".strip())
            option = ""
        elif word in _WITH_VALUE:
            option = word
    return lines
