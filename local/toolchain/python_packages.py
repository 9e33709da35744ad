"""Installation of Python packages: with uv where it does what pip would do, else with pip.

uv downloads and unpacks side by side and takes a third of pip's processor time. It reads no settings of pip,
so pip's settings (`pip config list`: files and PIP_… variables) are given to it as variables; variables of uv
that the user has set go first. With a setting that uv has no equal for, pip installs, and the log names it.
"""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from local.toolchain import executables
from local.toolchain.steps import InstallError

# pip's settings by the variables of uv that mean the same.
EQUALS = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
    "proxy": "ALL_PROXY",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
    "retries": "UV_HTTP_RETRIES",
}
# They change nothing of what is installed, or where it comes from.
WITHOUT_EFFECT = {
    "cache-dir",
    "config-file",
    "disable-pip-version-check",
    "no-color",
    "no-input",
    "no-warn-script-location",
    "progress-bar",
    "quiet",
    "require-virtualenv",
    "root-user-action",
    "verbose",
}
_SETTING = re.compile(r"^(?P<group>[\w-]+|:env:)\.(?P<name>[\w-]+)=(?P<value>'.*'|\".*\")$")
_SETTING_OF_A_BUILD = re.compile(r' --config-settings="(?P<setting>[^"]+)"')


@dataclass(frozen=True)
class PythonPackages:
    """The installer of Python packages of one virtual environment.

    Args:
        venv: the environment.
        pins: the file with the versions of all packages.
        environ: the environment variables of the user.
        run: runs a command, with `variables` that the user has not set; raises InstallError with `remedy`.
        say: writes a line to the log.
    """

    venv: Path
    pins: Path
    environ: Mapping[str, str]
    run: Callable[..., None]
    say: Callable[[str], None]

    def install_uv(self) -> None:
        """Install the program that installs the other packages; without it, pip does."""
        try:
            self.pip("uv")
        except InstallError as error:
            (self.venv / "bin" / "uv").unlink(missing_ok=True)
            self.say(f"pip installs, because uv cannot be installed: {error}")

    def install(self, requirements: Iterable[str], *options: str) -> None:
        """Install packages, with options that both programs have.

        Args:
            requirements: the packages, in the form of requirements.txt.
            options: of `pip install` and `uv pip install`.

        Raises:
            InstallError: the installation failed.
        """
        lines = list(requirements)
        uv = self.venv / "bin" / "uv"
        variables = self._variables() if uv.exists() else None
        if variables is not None:
            try:
                self._install_with_uv(uv, lines, options, variables)
                return
            except InstallError as error:  # such as a password that only pip finds
                self.say(f"pip installs, because uv failed: {error}")
        builds = [f"--config-settings={one}" for one in _settings_of_builds(lines).values()]
        self.pip(*options, *builds, *map(_without_settings, lines))

    def _install_with_uv(
        self, uv: Path, lines: list[str], options: Iterable[str], variables: dict[str, str]
    ) -> None:
        builds = [
            f"--config-settings-package={name}:{one}" for name, one in _settings_of_builds(lines).items()
        ]
        python = ("--python", self.venv / "bin" / "python", "--no-progress", "-c", self.pins)
        self.run(
            uv,
            "pip",
            "install",
            *python,
            *options,
            *builds,
            *map(_without_settings, lines),
            variables=variables,
        )

    def pip(self, *arguments: str | Path, **options: str) -> None:
        """Run `pip install` with the pins; options are those of `run`."""
        pip = (self.venv / "bin" / "python", "-m", "pip", "--no-input", "--disable-pip-version-check")
        self.run(*pip, "install", "--progress-bar", "off", "-c", self.pins, *arguments, **options)

    def _variables(self) -> dict[str, str] | None:
        """Return the variables with which uv does what pip would do; None if there are none."""
        python = str(self.venv / "bin" / "python")
        command = [python, "-m", "pip", "--disable-pip-version-check", "config", "list"]
        listed = executables.run_command(command, self.environ)
        variables, unknown = uv_variables(listed or "")
        if listed is None or unknown:
            named = ", ".join(unknown) or "unreadable"
            self.say(f"pip installs, because uv cannot follow these settings of pip: {named}")
            return None
        return variables


def requirements_of(file: Path) -> list[str]:
    """Return the packages of a requirements file, without comments and options."""
    lines = (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and line[0] not in "#-"]


def uv_variables(listed: str) -> tuple[dict[str, str], list[str]]:
    """Translate pip's settings for uv.

    Args:
        listed: the output of `pip config list`.

    Returns:
        The variables, and the settings that uv has no equal for.
    """
    settings, unknown = _effective_settings(listed)
    # the machine's certificates, which pip trusts too
    variables = {"UV_SYSTEM_CERTS": "1"}
    for name, value in settings.items():
        words = value.split()
        if name in WITHOUT_EFFECT:
            continue
        if name == "no-cache-dir":  # with any value, says pip
            variables["UV_NO_CACHE"] = "1"
        elif name not in EQUALS or not all(map(_is_whole, words)):
            unknown.append(name)
        elif name == "find-links":
            # pip only warns about a missing folder
            found = [word for word in words if "://" in word or Path(word).exists()]
            variables |= {EQUALS[name]: ",".join(found)} if found else {}
        elif words:
            variables[EQUALS[name]] = " ".join(words)
    if "UV_INDEX" in variables:
        # pip takes the best version of all indexes, uv the first index that has the package
        variables["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return variables, unknown


def _is_whole(word: str) -> bool:
    """Return whether a word is no malformed URL, of which uv would write also the password to the log."""
    try:
        parts = urlsplit(word)
        return "://" not in word or parts.port is None or parts.port >= 0
    except ValueError:
        return False


def _effective_settings(listed: str) -> tuple[dict[str, str], list[str]]:
    """Return the settings of `pip install` by name, and the lines that are none."""
    groups: dict[str, dict[str, str]] = {"global": {}, "install": {}, ":env:": {}}
    unknown = []
    for line in filter(None, listed.splitlines()):
        match = _SETTING.match(line)
        if match is None:
            unknown.append(line.partition("=")[0])  # its value may be a password
        elif match["group"] in groups:  # the others are of other commands of pip
            groups[match["group"]][match["name"]] = str(literal_eval(match["value"]))
    # the first that says it, from pip's order of precedence
    return groups["global"] | groups["install"] | groups[":env:"], unknown


def _settings_of_builds(lines: Iterable[str]) -> dict[str, str]:
    """Return the setting of the build of each package that has one."""
    found = ((re.split(r"[^\w.-]", line)[0], _SETTING_OF_A_BUILD.search(line)) for line in lines)
    return {name: match["setting"] for name, match in found if match}


def _without_settings(line: str) -> str:
    return _SETTING_OF_A_BUILD.sub("", line)
