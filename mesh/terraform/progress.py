"""Shows what happens to stacks: as lines, as a live table on a terminal, or as events for machines."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, TextIO

from mesh.console import emit, findings_json, interactive, visible
from mesh.documents.secret_text import text_masked
from mesh.errors import MeshError, OutsideError, UsageError

if TYPE_CHECKING:
    from rich.live import Live
    from rich.table import Table

Verb = Literal["plan", "apply", "destroy", "check", "adopt"]
Status = Literal["started", "waiting", "running", "output", "done", "failed", "left"]

_DOING: Mapping[str, str] = {
    "plan": "planning",
    "apply": "applying",
    "destroy": "destroying",
    "check": "checking",
    "adopt": "adopting",
}
DONE: Mapping[str, str] = {
    "plan": "planned",
    "apply": "applied",
    "destroy": "destroyed",
    "check": "checked",
    "adopt": "adopted",
}
_WIDTH = 10  # characters of the first column


@dataclass(frozen=True)
class StackEvent:
    """Something that happened to a stack.

    Args:
        verb: what is done with the stack.
        stack: the stack's name.
        status: what happened.
        text: Terraform's line, the result, the error, or the reason why nothing was done.
        address: the address of the resource that Terraform works on; "" if there is none.
        step: "start", "complete" or "error" of a change to the resource.
        seconds: since the stack was started.
        total: the number of all stacks.
    """

    verb: Verb
    stack: str
    status: str
    text: str = ""
    address: str = ""
    step: str = ""
    seconds: float = 0.0
    total: int = 1


class Progress(Protocol):
    """Receives the events of stacks, from several threads."""

    def begin(self, verb: Verb, stacks: Sequence[str]) -> None:
        """Called before the first event."""

    def report(self, event: StackEvent) -> None:
        """Receives an event; never raises an error."""

    def end(self) -> None:
        """Called after the last event."""

    def publish(self, event: Mapping[str, object]) -> None:
        """Receives a fact for machines, such as the review or the result; never raises an error."""


def choose_progress(*, verbose: bool = False, as_json: bool = False) -> Progress:
    """The progress for stdout.

    Args:
        verbose: True to print what Terraform prints, too.
        as_json: True to print events for machines.
    """
    if as_json:
        return JsonEvents()
    return LiveTable() if interactive() and not verbose else Lines(verbose=verbose)


@contextmanager
def publish_errors(progress: Progress) -> Iterator[None]:
    """Publishes an error that ends a command, and raises it again.

    Args:
        progress: receives the error.
    """
    try:
        yield
    except MeshError as error:
        found = json.loads(findings_json(error.findings))
        progress.publish({"event": "error", "text": "the mesh has errors", "findings": found})
        raise
    except (UsageError, OutsideError) as error:
        progress.publish({"event": "error", "text": text_masked(str(error))})
        raise
    except KeyboardInterrupt:
        progress.publish({"event": "error", "text": "interrupted by the user"})
        raise


def short_names(stacks: Sequence[str]) -> dict[str, str]:
    """The names without the beginning and the end that all of them share, such as the org."""
    parts = {stack: stack.split("-") for stack in stacks}
    if len(parts) < 2:
        return {stack: stack for stack in stacks}
    start = _shared([*parts.values()])
    end = _shared([one[start:][::-1] for one in parts.values()])
    return {stack: "-".join(one[start : len(one) - end]) or stack for stack, one in parts.items()}


def _shared(parts: Sequence[Sequence[str]]) -> int:
    """The number of parts at the beginning that are the same in all names."""
    columns = list(zip(*parts, strict=False))
    return next((at for at, column in enumerate(columns) if len(set(column)) > 1), len(columns))


@dataclass
class JsonEvents:
    """Prints one JSON object a line.

    Args:
        stream: the stream to print to.
    """

    stream: TextIO = field(default_factory=lambda: sys.stdout)

    def begin(self, verb: Verb, stacks: Sequence[str]) -> None:
        """Prints which stacks follow."""
        self.publish({"event": "begin", "verb": verb, "stacks": [*stacks]})

    def report(self, event: StackEvent) -> None:
        """Prints the event."""
        known = {name: value for name, value in asdict(event).items() if value != ""}
        self.publish({"event": "stack", **known})

    def end(self) -> None:
        """Prints nothing."""

    def publish(self, event: Mapping[str, object]) -> None:
        """Prints the event; a closed stream is ignored."""
        with suppress(OSError, ValueError):
            emit(json.dumps(event), to=self.stream)


@dataclass
class Lines:
    """Prints a line for each stack that ends.

    Args:
        verbose: True to print what Terraform prints, each line after the stack's short name.
    """

    verbose: bool = False
    names: dict[str, str] = field(default_factory=dict)
    closed: bool = False

    def begin(self, verb: Verb, stacks: Sequence[str]) -> None:
        """Prints how many stacks follow."""
        self.names = short_names(stacks)
        count = f"{len(stacks)} stack{'' if len(stacks) == 1 else 's'}"
        self._print(f"{_DOING[verb].capitalize()} {count}")

    def report(self, event: StackEvent) -> None:
        """Prints the lines of the event; many events have no lines."""
        for line in lines(event, self.names, verbose=self.verbose):
            self._print(line)

    def end(self) -> None:
        """Prints nothing."""

    def publish(self, event: Mapping[str, object]) -> None:
        """Prints nothing: these facts are for machines only."""

    def _print(self, text: str) -> None:
        if self.closed:
            return
        try:
            emit(text)
        except (OSError, ValueError):
            self.closed = True  # what Terraform does goes on


def lines(event: StackEvent, names: Mapping[str, str], *, verbose: bool) -> list[str]:
    """The lines of an event; empty for an event that is not shown."""
    text = [visible(line) for line in event.text.splitlines()]
    if event.status in ("running", "output"):
        prefix = names.get(event.stack, event.stack)
        return [f"{prefix} | {line}" for line in text] if verbose else []
    if event.status == "waiting":
        return [f"  waiting   {event.stack}: its state is {' '.join(text)}"]
    if event.status == "done":
        summary = f": {' '.join(text)}" if text else ""
        return [f"  {DONE[event.verb]:<{_WIDTH}}{event.stack}{summary}  {event.seconds:.1f} s"]
    if event.status == "failed":
        return [f"  {'failed':<{_WIDTH}}{event.stack}  {event.seconds:.1f} s"]
    return [f"  {'left':<{_WIDTH}}{event.stack}: {' '.join(text)}"] if event.status == "left" else []


@dataclass
class _Row:
    """A running stack."""

    doing: str
    since: float


class LiveTable:
    """A table of the running stacks, below a line for each stack that has ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: dict[str, _Row] = {}
        self._verb: Verb = "plan"
        self._ended = self._total = 0
        self._live: Live | None = None
        self._closed = False

    def begin(self, verb: Verb, stacks: Sequence[str]) -> None:
        """Opens the table."""
        from rich.live import Live

        self._verb, self._ended, self._total = verb, 0, len(stacks)
        self._live = Live(get_renderable=self._table, refresh_per_second=8, transient=True)
        with suppress(OSError, ValueError):
            self._live.start()

    def report(self, event: StackEvent) -> None:
        """Updates the table."""
        with self._lock:
            if event.status in ("done", "failed", "left"):
                self._rows.pop(event.stack, None)
                self._ended += 1
            elif event.status == "started":
                self._rows[event.stack] = _Row("", time.monotonic())
            elif row := self._rows.get(event.stack):
                row.doing = _doing(event) or row.doing
        # a plan is reviewed below, so its lines would say nothing more
        if event.status == "waiting" or (event.verb != "plan" and not self._closed):
            self._print(event)

    def end(self) -> None:
        """Removes the table."""
        if self._live:
            with suppress(OSError, ValueError):
                self._live.stop()
            self._live = None

    def publish(self, event: Mapping[str, object]) -> None:
        """Prints nothing: these facts are for machines only."""

    def _print(self, event: StackEvent) -> None:
        from rich.text import Text

        try:
            for line in lines(event, {}, verbose=False):
                if self._live:
                    self._live.console.print(Text(line, overflow="fold"))
        except (OSError, ValueError):
            self._closed = True  # what Terraform does goes on

    def _table(self) -> Table:
        from rich.table import Table
        from rich.text import Text

        table = Table.grid(padding=(0, 2))
        table.add_column()
        table.add_column(overflow="ellipsis", no_wrap=True, ratio=1)
        table.add_column(justify="right")
        now = time.monotonic()
        with self._lock:
            for stack, row in self._rows.items():
                table.add_row(Text(stack, "cyan"), Text(row.doing), f"{now - row.since:.0f} s")
            table.add_row(Text(f"{_DOING[self._verb]}: {self._ended} of {self._total} done", "dim"), "", "")
        return table


def _doing(event: StackEvent) -> str:
    """What a stack does, for the table."""
    if event.status == "waiting":
        return f"waits: {visible(event.text)}"
    if event.step == "start":
        return visible(event.address)
    return ""
