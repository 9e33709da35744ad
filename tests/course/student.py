"""A scripted student, who does each task by the commands that its page tells.

What a page has in blocks marked `bash` and `diff` is typed as it stands, on the own machine's way; blocks marked
`bash fails` have to be refused. So a page that no longer works fails with the command that does not.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from local.home import Home
from mesh.model.naming import short_user
from tests.course.pages import ROOT, STUDENT_PREP, Block, Page, page

MINUTES = 60.0
# so many characters of what went wrong are told
_TOLD = 4000
# answers `y` to what asks, and takes this checkout's code
_MESH = """
mesh() {
  case "$1" in deploy|apply|destroy) set -- "$@" --auto-approve;; esac
  case "$1 ${2-}" in "workshop deploy") set -- "$@" --auto-approve;; esac
  %(python)s -P -c 'from mesh.cli.main import main; main()' "$@"
}
"""
_REFUSED = """
if (set -e; {text}); then echo 'this should have been refused' >&2; exit 99; fi
"""
_APPLY = """
git apply --unidiff-zero --whitespace=nowarn <<'PATCH'
{text}PATCH
"""


@dataclass(frozen=True)
class Student:
    """Somebody who takes the course, with a clone of the repository.

    Args:
        home: the local workspace; of the student's own clone, or of a whole class.
        clone: the student's clone, on branch `main` to begin with.
        email: who it is.
        branch: the branch that the course's rule gives.
    """

    home: Home
    clone: Path
    email: str
    branch: str

    @property
    def user(self) -> str:
        """The name in schemas."""
        return short_user(self.email)

    @property
    def place(self) -> str:
        """The last word of the branch."""
        return self.branch.rpartition("-")[2]

    def type(self, text: str, **environ: str) -> str:
        """Type commands into a shell in the clone, and return what they print.

        Args:
            text: the commands; the first that fails ends them.
            environ: variables besides.

        Raises:
            AssertionError: with what was printed last, when one fails.
        """
        script = "set -eu\n" + _MESH % {"python": shlex.quote(sys.executable)} + text
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.clone,
            env=self._environ(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=10 * MINUTES,
            check=False,
        )
        assert done.returncode == 0, f"{text}\nexit code {done.returncode}: …{done.stdout[-_TOLD:]}"
        return done.stdout

    def follow(self, blocks: Iterable[Block]) -> str:
        """Do what blocks of a page say, in one shell, so that a variable set in one holds in the next."""
        return self.type("\n".join(map(self._typed, blocks)))

    def task(self, name: str, wanted: Callable[[Block], bool] = lambda block: True) -> str:
        """Do a task as its page says, or those steps of it that are wanted."""
        return self.follow(block for block in page(name).steps() if wanted(block))

    def _typed(self, block: Block) -> str:
        text = block.text.replace("<your branch>", self.branch).replace("<place>", self.place)
        if block.language == "diff":
            return _APPLY.format(text=text)
        return _REFUSED.format(text=text) if block.fails else text

    def _environ(self, more: Mapping[str, str]) -> dict[str, str]:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("MESH_", "GIT_"))}
        paths = os.pathsep.join([str(ROOT), str(ROOT / "constructs")])
        return kept | {"PYTHONPATH": paths, "NO_COLOR": "1", "me": self.user} | dict(more)


def join(student: Student) -> None:
    """Prepare as the page says, but for the class, which somebody else made."""
    _begin(student)
    student.type("mesh local up")
    student.follow(block for block in Page(STUDENT_PREP).steps() if "mesh workshop" not in block.text)


def join_alone(student: Student) -> None:
    """Prepare as the page says, a class of one included."""
    _begin(student)
    student.follow(Page(STUDENT_PREP).steps())


def explore(student: Student) -> None:
    """Do task 1."""
    student.task("01-explore")


def run_by_hand(student: Student) -> None:
    """Do task 2."""
    student.task("02-run-by-hand")


def study_output(student: Student) -> None:
    """Do task 3."""
    student.task("03-study-output")


def deploy_dev(student: Student) -> None:
    """Do task 4."""
    student.task("04-deploy-dev")


def redeploy(student: Student) -> None:
    """Do task 5: deploy a change without a commit, then with one."""
    student.task("05-redeploy")


def deploy_prod(student: Student) -> None:
    """Do task 6."""
    student.task("06-deploy-prod")


def github_actions(student: Student) -> None:
    """Do task 7: what the workflows do, as the service principal."""
    student.task("07-github-actions")


# by the folder of each task, in order
TASKS: Mapping[str, Callable[[Student], None]] = {
    "01-explore": explore,
    "02-run-by-hand": run_by_hand,
    "03-study-output": study_output,
    "04-deploy-dev": deploy_dev,
    "05-redeploy": redeploy,
    "06-deploy-prod": deploy_prod,
    "07-github-actions": github_actions,
}


def _begin(student: Student) -> None:
    """Be the student in the clone, at the workspace that is meant."""
    student.type(f"git config user.email {shlex.quote(student.email)}; git config user.name Student")
    own = Home(student.clone)
    if student.home.path != own.path and not own.path.exists():
        own.path.parent.mkdir(exist_ok=True)
        (own.path.parent / ".gitignore").write_text("*\n")
        own.path.symlink_to(student.home.path)
