"""A scripted student, who does each task with the commands on its page.

The blocks `bash` and `diff` of a page run unchanged, in the variant for a local workspace; blocks `bash fails`
must fail, and the lines of blocks `text output` must be printed. So a page that no longer works fails with the
command or the line that is wrong.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from local.home import Home
from mesh.model.naming import short_user
from tests.course.pages import ROOT, STUDENT_PREP, Block, Page, answer, page
from tests.support.command_line import run_mesh

MINUTES = 60.0
# the characters of output to show after a failure
_MAX_OUTPUT = 4000
# confirms all questions, and runs this checkout's code
_MESH = """
mesh() {
  case "$1" in deploy|apply|destroy) set -- "$@" --auto-approve;; esac
  case "$1 ${2-}" in "workshop deploy") set -- "$@" --auto-approve;; esac
  %(mesh)s "$@"
}
"""
_OWN_PROCESS = f"{shlex.quote(sys.executable)} -P -c 'from mesh.cli.main import main; main()'"
_REFUSED = """
if (set -e; {text}); then echo 'this should have been refused' >&2; exit 99; fi
"""
_APPLY = """
git apply --unidiff-zero --whitespace=nowarn <<'PATCH'
{text}PATCH
"""


@dataclass(frozen=True)
class Student:
    """A participant of the course, with a clone of the repository.

    Args:
        home: the local workspace, of the student's clone or of the whole class.
        clone: the student's clone, initially on branch `main`.
        email: the student's e-mail.
        branch: the student's branch by the course's rule.
        mesh: the program `mesh`, for a shell.
    """

    home: Home
    clone: Path
    email: str
    branch: str
    mesh: str = _OWN_PROCESS

    @property
    def user(self) -> str:
        """The short user name in schemas."""
        return short_user(self.email)

    @property
    def place(self) -> str:
        """The last word of the branch."""
        return self.branch.rpartition("-")[2]

    def type(self, text: str, **environ: str) -> str:
        """Runs commands in a shell in the clone, and returns their output.

        Args:
            text: the commands; the first failure ends the shell.
            environ: additional environment variables.

        Raises:
            AssertionError: a command failed; with the end of the output.
        """
        script = "set -eu\n" + _MESH % {"mesh": self.mesh} + text
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.clone,
            env=self.environ() | environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=30 * MINUTES,
            check=False,
        )
        assert done.returncode == 0, f"{text}\nexit code {done.returncode}: …{done.stdout[-_MAX_OUTPUT:]}"
        return done.stdout

    def follow(self, blocks: Iterable[Block]) -> str:
        """Runs blocks of a page in one shell, so that they share variables.

        Raises:
            AssertionError: a command failed, or did not print what the page promises.
        """
        blocks = list(blocks)
        output = self.type("\n".join(self._typed(block) for block in blocks if not block.promised))
        missing = [line for block in blocks for line in block.promised if line not in output]
        assert not missing, f"{missing} is not in: {output}"
        return output

    def task(self, name: str, selected: Callable[[Block], bool] = lambda block: True) -> str:
        """Does a task with the steps of its page, or with the selected steps."""
        blocks: list[Block] = []
        for block in page(name).steps():
            if selected(block):
                blocks += [*answer(name).steps(), block] if block.follows_answer else [block]
        return self.follow(blocks)

    def _typed(self, block: Block) -> str:
        text = block.text.replace("<your branch>", self.branch).replace("<place>", self.place)
        if block.language == "diff":
            return _APPLY.format(text=text)
        return _REFUSED.format(text=text) if block.fails else text

    def environ(self) -> dict[str, str]:
        """The environment of the student's commands."""
        return environ() | {"me": self.user}


def environ() -> dict[str, str]:
    """The environment of every student's commands."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("MESH_", "GIT_"))}
    paths = os.pathsep.join([str(ROOT), str(ROOT / "constructs")])
    return kept | {"PYTHONPATH": paths, "NO_COLOR": "1"}


def join(student: Student) -> None:
    """Prepares like the page, in a class that exists already."""
    _begin(student)
    student.type("mesh local up")
    student.follow(block for block in Page(STUDENT_PREP).steps() if "mesh workshop" not in block.text)


def join_alone(student: Student) -> None:
    """Prepares like the page, with a class of one."""
    _begin(student)
    student.follow(Page(STUDENT_PREP).steps())


def outcomes(student: Student) -> Mapping[str, Mapping[str, str]]:
    """The student's outcomes in `mesh workshop status`, by task."""
    asked = run_mesh(["workshop", "status", "--local", "--json"], student.clone, student.environ())
    assert asked.returncode == 0, asked.stderr
    tasks: Mapping[str, Mapping[str, str]] = json.loads(asked.stdout)["students"][0]["tasks"]
    return tasks


def done_tasks(student: Student) -> list[str]:
    """The tasks that the student has done, in order."""
    return [task for task, one in outcomes(student).items() if one["state"] == "done"]


def _begin(student: Student) -> None:
    """Sets the student's identity in the clone, and the workspace."""
    student.type(f"git config user.email {shlex.quote(student.email)}; git config user.name Student")
    own = Home(student.clone)
    if student.home.path != own.path and not own.path.exists():
        own.path.parent.mkdir(exist_ok=True)
        (own.path.parent / ".gitignore").write_text("*\n")
        own.path.symlink_to(student.home.path)
