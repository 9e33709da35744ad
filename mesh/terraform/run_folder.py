"""A folder for each command, so that no other command replaces the code and the plans that it works with.

The folder is removed when the command ends. If the command is killed, a later command removes it: the folder
is locked as long as its command runs.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import copyfile, rmtree
from typing import TextIO

CONFIG = "cdk.tf.json"
LOCK_FILE = ".terraform.lock.hcl"
ERRORED_STATE = "errored.tfstate"  # Terraform writes it where the backend does not accept a state
_LOCK = ".lock"
_REST_SECONDS = 3600  # a Terraform may outlive the command that was killed
_MOST = 50  # folders that one command looks at


class RunFolder:
    """The folder of a running command.

    Args:
        parent: the folder that holds the folders of all commands, which is created.
    """

    def __init__(self, parent: Path) -> None:
        self.path = parent / f"{os.getpid()}-{secrets.token_hex(4)}"
        self.path.mkdir(parents=True, mode=0o700)
        self._lock: TextIO = (self.path / _LOCK).open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        atexit.register(self.remove)

    def stack(self, name: str) -> Path:
        """The folder of a stack in it."""
        return self.path / name

    def copy(self, stacks: Path, names: Iterable[str]) -> None:
        """Copies the code of stacks, with the locked versions of their providers.

        Args:
            stacks: the synthesized folders of all stacks.
            names: the stacks to copy.
        """
        for stack in names:
            own = self.stack(stack)
            own.mkdir(exist_ok=True)
            copyfile(stacks / stack / CONFIG, own / CONFIG)
            with suppress(FileNotFoundError):
                copyfile(stacks / stack / LOCK_FILE, own / LOCK_FILE)

    def remove(self) -> None:
        """Removes the folder, which may be gone already."""
        atexit.unregister(self.remove)
        rmtree(self.path, ignore_errors=True)
        self._lock.close()


def remove_abandoned(parent: Path, stacks: Path, now: float | None = None) -> None:
    """Removes the folders of commands that were killed; a state that Terraform could not save is kept.

    Args:
        parent: the folder that holds the folders of all commands.
        stacks: the folders that commands share; an unsaved state is moved to the folder of its stack.
        now: the time in seconds; None for the current time.
    """
    oldest = (time.time() if now is None else now) - _REST_SECONDS
    for folder in sorted(parent.iterdir())[:_MOST] if parent.is_dir() else ():
        with suppress(OSError):  # another command removes it at the same time
            if folder.stat().st_mtime < oldest and _is_free(folder):
                for state in _unsaved(folder):
                    (stacks / state.parent.name).mkdir(parents=True, exist_ok=True)
                    state.replace(stacks / state.parent.name / ERRORED_STATE)
                rmtree(folder, ignore_errors=True)


def _unsaved(folder: Path) -> Iterator[Path]:
    yield from folder.glob(f"*/{ERRORED_STATE}")


def _is_free(folder: Path) -> bool:
    """True if the command of a folder no longer runs."""
    with (folder / _LOCK).open("a") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


@contextmanager
def file_lock(folder: Path | None) -> Iterator[None]:
    """Lets one process at a time work with a folder; without a folder, any number."""
    if folder is None:
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield
