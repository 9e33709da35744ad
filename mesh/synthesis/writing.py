"""Has the package `stacks` write the code of a batch: in a process of its own, or in this one."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any

from mesh.errors import OutsideError
from mesh.kept.collector import without_collector
from mesh.kept.forks import shared
from mesh.kept.program import PROGRAM_FOLDER
from mesh.synthesis.batch import Batch
from mesh.toolkit import SYNTHESIZER, VARIABLE, synthesizer

_LAST_LINES = 20
_WORTH_FORKS = 400_000
"""The size of a batch that forks make faster: a tenth of a second."""


def here(batch: Batch, environ: Mapping[str, str]) -> None:
    """Writes the code of a batch in this process and its forks, which saves the start of another one.

    cdktf itself, with its Node process, and another toolkit than that of this process get a process.

    Args:
        batch: the batch.
        environ: the environment variables that count.

    Raises:
        OSError: a file cannot be written.
        OutsideError: it failed otherwise.
    """
    write = _writer() if _may_be_here(batch, environ) else None
    if write is None:
        in_process(batch, environ)
        return
    try:
        with without_collector():
            pieces = [replace(batch, stacks=[one]) for one in batch.stacks]
            shared(write, pieces, most=None if batch.size >= _WORTH_FORKS else 1)
    except (OSError, OutsideError):
        raise
    except Exception as error:
        raise _failed("the stacks raise an error", traceback.format_exception(error)) from error


def in_process(batch: Batch, environ: Mapping[str, str]) -> None:
    """Writes the code of a batch in a process of its own.

    Args:
        batch: the batch.
        environ: the environment variables of the process.

    Raises:
        OutsideError: it failed.
    """
    done = subprocess.run(
        [sys.executable, "-O", "-m", "stacks.write"],
        cwd=PROGRAM_FOLDER,
        env={**environ, SYNTHESIZER: synthesizer(environ, default="python")},
        input=pickle.dumps(batch),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise _failed("the process that writes them ends with", [done.stderr.decode(errors="replace")])


def _may_be_here(batch: Batch, environ: Mapping[str, str]) -> bool:
    chosen = synthesizer(environ, default="python"), environ.get(VARIABLE)
    absolute = batch.root.is_absolute() and batch.output.is_absolute()
    return chosen == ("python", os.environ.get(VARIABLE)) and absolute


def _writer() -> Callable[[Batch], None] | None:
    """The function that writes batches without Node; None if this process imported cdktf already.

    `mesh` imports no stacks; it calls this function by its name, as it starts the other process by its name.
    """
    before = os.environ.get(SYNTHESIZER)
    os.environ[SYNTHESIZER] = "python"  # which the bindings read once, when they are imported
    try:
        bindings: Any = import_module("datamesh.bindings")
        write: Callable[[Batch], None] = import_module("stacks.write").write
    finally:
        del os.environ[SYNTHESIZER]
        if before is not None:
            os.environ[SYNTHESIZER] = before
    return write if bindings.RUNS == "python" else None


def _failed(how: str, texts: Sequence[str]) -> OutsideError:
    lines = "".join(texts).strip().splitlines()[-_LAST_LINES:]
    output = "\n".join(f"  {line}" for line in lines)
    return OutsideError(f"the stacks cannot be synthesized; {how}:\n{output}")
