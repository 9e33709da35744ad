"""The workflow files, and a runner that runs single steps of them as GitHub does."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = ROOT / ".github" / "workflows"
# by name; students of the course add the last one to their repository
FILES = {one.stem: one for one in (*sorted(WORKFLOWS.glob("*.yml")), *ROOT.glob("course/*/*/tables.yml"))}
ACTION = ROOT / ".github" / "actions" / "mesh" / "action.yml"
EXPRESSION = re.compile(r"\$\{\{ (.*?) \}\}")
EMPTY_HUB: dict[str, Any] = {
    "calls": [],
    "comments": {},
    "issues": [],
    "last": 100,
    "open": {},
    "pulls": {},
    "runs": [],
    "texts": {},
}
# records its arguments, environment and input, then runs the commands of a test
FAKE_MESH = """\
#!/bin/sh
printf '%s\\n' "$*" >> "$RECORD"
env | grep -E '^(MESH|DATABRICKS)_' | sort >> "$RECORD.env"
[ -z "$READS_INPUT" ] || cat >> "$RECORD.input"
[ -z "$COMMANDS" ] || eval "$COMMANDS"
"""


def workflow(name: str) -> dict[Any, Any]:
    """A workflow file; YAML reads its key `on` as true."""
    return dict(yaml.safe_load(FILES[name].read_text(encoding="utf-8")))


@dataclass
class Runner:
    """A machine that runs steps.

    Args:
        checkout: the working tree.
        folder: the folder for all other files.
        values: the values of expressions.
    """

    checkout: Path
    folder: Path
    values: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("bin", "temp"):
            (self.folder / name).mkdir(parents=True)
        command = f'exec "{sys.executable}"'
        self.program("python", f'#!/bin/sh\n{command} "$@"\n')
        self.program("gh", f'#!/bin/sh\n{command} "{Path(__file__).with_name("gh.py")}" "$@"\n')
        self.program("mesh", f'#!/bin/sh\n{command} -c "from mesh.cli.main import main; main()" "$@"\n')
        self.hub = EMPTY_HUB
        (self.checkout / ".github").symlink_to(ROOT / ".github")

    def program(self, name: str, script: str) -> None:
        """Adds a program to the machine's PATH, before all others."""
        file = self.folder / "bin" / name
        file.write_text(script, encoding="utf-8")
        file.chmod(0o755)

    def fake_mesh(self, commands: str = "", *, reads_input: bool = False) -> None:
        """Replaces `mesh` by a fake that records its calls and runs shell commands."""
        head = f"RECORD='{self.folder}/mesh' READS_INPUT={'1' * reads_input} COMMANDS='{commands}'\n"
        self.program("mesh", FAKE_MESH.replace("#!/bin/sh\n", f"#!/bin/sh\n{head}"))

    def calls(self, suffix: str = "") -> list[str]:
        """The recorded calls of `mesh`; with `.env` or `.input`, its environment or input."""
        file = self.folder / f"mesh{suffix}"
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []

    @property
    def hub(self) -> dict[str, Any]:
        """The state of the fake GitHub."""
        return dict(json.loads((self.folder / "github.json").read_text(encoding="utf-8")))

    @hub.setter
    def hub(self, state: Mapping[str, Any]) -> None:
        (self.folder / "github.json").write_text(json.dumps(state), encoding="utf-8")

    @property
    def temp(self) -> Path:
        """The folder RUNNER_TEMP."""
        return self.folder / "temp"

    def step(
        self, file: str, job: str, name: str | None = None, **values: str
    ) -> subprocess.CompletedProcess[str]:
        """Runs one `run` step, with only the environment that GitHub and the workflow set.

        Args:
            file: the workflow.
            job: the job.
            name: the step's name; None for a step without a name.
            values: the values of variables that an expression sets.
        """
        declared = workflow(file)
        steps = [one for one in declared["jobs"][job]["steps"] if "run" in one]
        [one] = [one for one in steps if one.get("name") == name]
        given = {**declared.get("env", {}), **declared["jobs"][job].get("env", {}), **one.get("env", {})}
        return self.bash(one["run"], {key: self.value(key, text, values) for key, text in given.items()})

    def value(self, key: str, text: object, values: Mapping[str, str]) -> str:
        """The value of a variable; where an expression sets it, the test provides the value."""
        return values[key] if EXPRESSION.search(str(text)) else str(text)

    def bash(self, script: str, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """Runs a script as GitHub does with `shell: bash`."""
        file = self.folder / "script.sh"
        file.write_text(script, encoding="utf-8")
        # the sources of this project, on the machine that runs the tests
        own = {"PYTHONPATH": os.environ["PYTHONPATH"]} if "PYTHONPATH" in os.environ else {}
        github = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "GH_FOLDER": str(self.folder),
            "RUNNER_TEMP": str(self.temp),
            "GITHUB_REPOSITORY": "acme/mesh",
            "GITHUB_SHA": "5bd01c2f",
            "GITHUB_ENV": str(self.folder / "env"),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_PATH": str(self.folder / "path"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
        }
        bash = shutil.which("bash") or "bash"
        return subprocess.run(
            [bash, "--noprofile", "--norc", "-eo", "pipefail", file],
            cwd=self.checkout,
            env={**own, **github, **environ},
            capture_output=True,
            text=True,
            check=False,
        )

    def outputs(self) -> dict[str, str]:
        """The outputs of all steps."""
        text = (self.folder / "output").read_text(encoding="utf-8")
        several = {one[1]: one[2] for one in re.finditer(r"(?ms)^(\w+)<<\.\n(.*?)^\.$", text)}
        single = dict(line.split("=", 1) for line in text.splitlines() if re.match(r"\w+=", line))
        return single | several

    def summary(self) -> str:
        """The summary of the run."""
        return (self.folder / "summary").read_text(encoding="utf-8")


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A runner with an empty checkout."""
    (tmp_path / "checkout").mkdir()
    return Runner(tmp_path / "checkout", tmp_path / "machine")
