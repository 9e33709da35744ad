"""Runs Terraform's commands in one folder: waits for locks, and turns failures into errors."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from local.toolchain.json_output import json_text
from mesh.documents.secret_text import text_masked
from mesh.errors import OutsideError
from mesh.terraform import interrupt
from mesh.terraform.interrupt import Completed, StoppedError
from mesh.terraform.json_log import ApplyMessage
from mesh.terraform.state_lock import StateLock, lock_fails, lock_timeout, read_lock

_LINES = 20  # printed lines of an error
_LOCK_POLL_SECONDS = 2.0
_LOCK_TIMEOUT = 600  # seconds, where TF_CLI_ARGS set none


class LockedStateError(OutsideError):
    """Somebody else holds the lock of a state.

    Args:
        message: the error, with the remedy.
        lock: the lock.
    """

    def __init__(self, message: str, lock: StateLock) -> None:
        super().__init__(message)
        self.lock = lock


def _ignore_text(text: str) -> None:
    pass


def _ignore_message(message: ApplyMessage) -> None:
    pass


@dataclass(frozen=True)
class Reporter:
    """Receives what Terraform does while it runs.

    Args:
        waiting: receives the holder of a lock that Terraform waits for.
        message: receives the messages of an apply.
        output: receives each line that Terraform prints.
    """

    waiting: Callable[[str], None] = _ignore_text
    message: Callable[[ApplyMessage], None] = _ignore_message
    output: Callable[[str], None] = _ignore_text


SILENT = Reporter()


@dataclass(frozen=True)
class TerraformCommand:
    """Terraform's commands in the folder of one stack.

    Args:
        folder: the folder.
        environ: the whole environment of Terraform.
    """

    folder: Path
    environ: Mapping[str, str]

    @property
    def stack(self) -> str:
        """The stack's name."""
        return self.folder.name

    @property
    def program(self) -> str:
        """The program: Terraform, or what TERRAFORM_BINARY_NAME names."""
        return self.environ.get("TERRAFORM_BINARY_NAME", "terraform")

    def run(self, *arguments: str, on_line: Callable[[str], None] | None = None) -> Completed:
        """Runs a command to its end, whatever its exit code.

        Args:
            arguments: the command and its arguments.
            on_line: receives each line of its output.

        Raises:
            StoppedError: the user interrupted the command.
        """
        command = [self.program, arguments[0], *_plain(arguments)]
        environ = {**self.environ, "TF_IN_AUTOMATION": "1"}
        done = interrupt.run(command, environ, self.folder, on_line)
        if done.code and done.interrupted:
            raise StoppedError(f"terraform {arguments[0]} of {self.stack} was interrupted")
        return done

    def ask(self, doing: str, *arguments: str) -> str:
        """Runs a command that must succeed; returns its output.

        Args:
            doing: what the command does, for the error.
            arguments: the command and its arguments.

        Raises:
            OutsideError: the command fails.
        """
        done = self.run(*arguments)
        if done.code:
            raise OutsideError(self.failure(doing, done))
        return done.stdout

    def run_locked(
        self, *arguments: str, reporter: Reporter, on_line: Callable[[str], None] | None = None
    ) -> Completed:
        """Runs a command that locks the state; waits while somebody else holds the lock.

        Args:
            arguments: the command and its arguments.
            reporter: receives the holder of the lock.
            on_line: receives each line of its output.

        Raises:
            StoppedError: the user interrupted.
            LockedStateError: somebody else holds the lock for too long.
        """
        seconds = lock_timeout(self.environ, arguments[0])
        until = time.monotonic() + (_LOCK_TIMEOUT if seconds is None else seconds)
        command = (arguments[0], "-lock-timeout=0s", *arguments[1:])
        told: StateLock | None = None
        while True:
            done = self.run(*command, on_line=on_line or reporter.output)
            lock = read_lock(f"{done.stdout}\n{done.stderr}") if done.code else None
            if lock is None:
                return done
            description = lock.describe(datetime.now(UTC))
            if time.monotonic() >= until:
                raise LockedStateError(
                    f"the state of {self.stack} is {description} "
                    f"(wait until it ends; if its process no longer runs: `mesh unlock {self.stack}`)",
                    lock,
                )
            if lock != told:
                reporter.waiting(description)
                told = lock
            interrupt.pause(_LOCK_POLL_SECONDS)

    def find_lock(self) -> StateLock | None:
        """The lock of the state; None if it is not locked.

        Raises:
            OutsideError: the lock can neither be taken nor read, for example because rights are missing.
        """
        done = self.run("plan", "-input=false", "-refresh=false", "-lock-timeout=0s")
        output = f"{done.stdout}\n{done.stderr}"
        lock = read_lock(output) if done.code else None
        if lock is None and done.code and lock_fails(output):
            raise OutsideError(self.failure("lock the state of", done))
        return lock

    def failure(self, doing: str, done: Completed) -> str:
        """The error of a command that failed.

        Args:
            doing: what the command does.
            done: how it ended.
        """
        if done.code < 0:
            return f"Terraform cannot {doing} {self.stack}: it {_signalled(done.code)}"
        output = text_masked((done.stderr or done.stdout).strip())
        # warnings come first and rarely help
        _, error, rest = output.partition("Error: ")
        lines = (error + rest if error else output).splitlines()[:_LINES]
        return f"Terraform cannot {doing} {self.stack}; it reports:\n" + "\n".join(
            f"  {line}" for line in lines
        )


def ended(code: int) -> str:
    """How an apply ended, from its exit code: `failed`, or `was ended by SIGKILL, …`."""
    if code >= 0:
        return "failed"
    return f"{_signalled(code)}; `mesh adopt` finds objects that it created and did not write to the state"


def _signalled(code: int) -> str:
    reason = ", as the kernel does where memory ends" if -code == signal.SIGKILL else ""
    return f"was ended by {signal.Signals(-code).name}{reason}"


def _plain(arguments: Sequence[str]) -> list[str]:
    """The arguments after the command, with the flag for uncolored output if the command has it."""
    color = [] if arguments[0] in ("state", "force-unlock") else ["-no-color"]
    return [*color, *arguments[1:]]


def json_document(output: str) -> str:
    """The JSON document in Terraform's output, without warnings."""
    try:
        return json_text(output)
    except ValueError as error:
        shown = "\n".join(f"  {line}" for line in output.strip().splitlines()[:_LINES])
        raise OutsideError(f"Terraform did not print JSON, but:\n{shown}") from error
