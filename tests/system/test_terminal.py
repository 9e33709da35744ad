"""What a person at a terminal sees while the repository is deployed, and what a pipe gets."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.deploy.conftest import COMMAND, MAIN, SOON, Mesh, served

ROWS, COLUMNS = 30, 100
LINES = 60  # from the command to its result


class Screen:
    """The lines that stay on a terminal: understands what a live table sends, and nothing else."""

    def __init__(self) -> None:
        self.lines = [""]
        self.row = 0

    def feed(self, text: str) -> None:
        """Shows text."""
        position = 0
        for match in re.finditer(r"\x1b\[(\?\d+[hl]|[\d;]*[A-Za-z])|\r|\n", text):
            self._write(text[position : match.start()])
            position = match.end()
            self._control(match[0])
        self._write(text[position:])

    def _write(self, text: str) -> None:
        self.lines[self.row] += text

    def _control(self, code: str) -> None:
        if code == "\n":
            self.row += 1
            if self.row == len(self.lines):
                self.lines.append("")
            else:
                self.lines[self.row] = ""
        elif code.endswith("A"):
            self.row = max(0, self.row - int(code[2:-1] or 1))
        elif code.endswith("K"):
            self.lines[self.row] = ""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mesh]:
    """The orgs of this repository, and a workspace for them."""
    root = tmp_path_factory.mktemp("repository")
    for name in ("orgs", "libs", ".brickopscfg"):
        if (MAIN.parent / name).exists():
            shutil.copytree(MAIN.parent / name, root / name)
    yield from served(root)


def on_terminal(mesh: Mesh, *arguments: str, answer: str, **variables: str) -> tuple[int, str]:
    """Runs `mesh` at a terminal of 100 columns and 30 rows; its exit code and what it sends."""
    main, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    environ = mesh.environ(**{"TERM": "xterm"} | variables)
    environ = {name: value for name, value in environ.items() if name != "NO_COLOR" or name in variables}
    process = subprocess.Popen(
        [*COMMAND, *arguments, "--root", str(mesh.root)], env=environ, stdin=other, stdout=other, stderr=other
    )
    os.close(other)
    sent = b""
    answered = 0
    while True:
        try:
            chunk = os.read(main, 65536)
        except OSError:  # the terminal is closed at its other end
            break
        if not chunk:
            break
        sent += chunk
        if sent.count(b"[y/N] ") > answered:
            os.write(main, f"{answer}\n".encode())
            answered += 1
    os.close(main)
    return process.wait(SOON), sent.decode(errors="replace")


def test_the_repository_is_deployed_in_few_lines(repository: Mesh) -> None:
    code, sent = on_terminal(repository, "deploy", answer="y")

    screen = Screen()
    screen.feed(sent)
    shown = [line.rstrip() for line in screen.lines if line.strip()]
    assert code == 0, sent
    assert len(shown) <= LINES, "\n".join(shown)
    assert any("2 grants wait for tables that do not exist yet" in line for line in shown)
    assert sum("[y/N] y" in line for line in shown) in (1, 2), "one question for each round"
    assert any(line.startswith("Deployed 8 stacks in ") for line in shown)
    assert not any("base64" in line for line in shown)


def test_a_plain_terminal_gets_no_escape_codes(repository: Mesh) -> None:
    for variables in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        code, sent = on_terminal(repository, "diff", "finance/costs", answer="n", **variables)
        assert code == 0, sent
        assert "\x1b" not in sent


def test_a_closed_pipe_is_no_crash(repository: Mesh) -> None:
    command = [*COMMAND, "diff", "--root", str(repository.root)]
    process = subprocess.Popen(
        command, env=repository.environ(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None

    errors = process.stderr.read()

    assert process.wait(SOON) in (0, 1)
    assert "Traceback" not in errors
    assert "Exception ignored" not in errors
    process.stderr.close()


def test_a_terraform_that_is_killed_is_a_failure_and_the_other_stacks_go_on(
    repository: Mesh, tmp_path: Path
) -> None:
    """The kernel does this where memory ends."""
    terraform = shutil.which("terraform")
    assert terraform is not None
    wrapper = tmp_path / "terraform"
    wrapper.write_text(
        f'#!/bin/sh\ncase "$1 $PWD" in "apply "*taxinyc*) kill -9 $$;; esac\nexec {terraform} "$@"\n'
    )
    wrapper.chmod(0o755)
    destroyed = repository.run("destroy", "taxinyc", "costs", "fleet", "--auto-approve")
    assert destroyed.returncode == 0, destroyed.stdout + destroyed.stderr

    done = repository.run_alone("deploy", "--auto-approve", TERRAFORM_BINARY_NAME=str(wrapper))

    assert done.returncode == 3, done.stdout + done.stderr
    assert "was ended by SIGKILL" in done.stderr
    assert "`mesh adopt`" in done.stderr
    assert "  applied: acme-finance-costs-local" in done.stderr
