"""The request of a program that lends a forked process its terminal."""

from __future__ import annotations

import os
import socket

import pytest

from local.notebook import callers


class EndedError(Exception):
    """In place of the end of the process."""


def ended(code: int) -> None:
    raise EndedError(code)


@pytest.mark.parametrize(
    ("content", "files"),
    [(b"{}\n", [0, 1, 2]), (b"{}\n", [0, 1]), (b"{", [0, 1, 2])],
    ids=["has given up", "too few files", "half a request"],
)
def test_nothing_starts_for_a_program_that_does_not_wait(
    monkeypatch: pytest.MonkeyPatch, content: bytes, files: list[int]
) -> None:
    """It has its own process by then, and the terminal is that one's."""
    monkeypatch.setattr(os, "_exit", ended)
    program, server = socket.socketpair()
    with program, server:
        socket.send_fds(program, [content], files)
        program.close()

        with pytest.raises(EndedError):
            callers.received(server)
