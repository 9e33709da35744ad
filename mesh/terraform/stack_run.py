"""Runs the work of several stacks side by side, each after the stacks that it depends on."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from mesh.documents.secret_text import text_masked
from mesh.errors import OutsideError
from mesh.terraform import PARALLELISM
from mesh.terraform.interrupt import StoppedError, interrupted, shield
from mesh.terraform.progress import Progress, StackEvent, Verb
from mesh.terraform.terraform_command import Reporter

T = TypeVar("T")


@dataclass(frozen=True)
class StackTask(Generic[T]):
    """The work of one stack.

    Args:
        stack: the stack's name.
        work: the function that does the work; its argument receives what Terraform does.
        after: the stacks whose work must be done first.
        summary: one line about the result, for the progress.
        prepare: what must not run beside the work of other stacks, as `terraform init` writes plugins that
            all stacks share. It runs before all work, beside that of other stacks; the work runs, and fails,
            if it fails.
    """

    stack: str
    work: Callable[[Reporter], T]
    after: frozenset[str] = frozenset()
    summary: Callable[[T], str] = lambda result: ""
    prepare: Callable[[], None] = lambda: None


@dataclass
class StackResults(Generic[T]):
    """The results of the work, by stack.

    Args:
        done: the results.
        failed: the errors.
        left: the stacks whose work did not start, with the reason.
        interrupted: True if a signal arrived, also if all work was completed all the same.
    """

    done: dict[str, T] = field(default_factory=dict)
    failed: dict[str, OutsideError] = field(default_factory=dict)
    left: dict[str, str] = field(default_factory=dict)
    interrupted: bool = False

    @property
    def stopped(self) -> bool:
        """True if the user interrupted."""
        return self.interrupted or any(isinstance(error, StoppedError) for error in self.failed.values())

    def require_all(self) -> None:
        """Checks that the work of every stack was done, and that nobody wants to stop here.

        Raises:
            StoppedError: the user interrupted.
            OutsideError: the first error.
        """
        for error in self.failed.values():
            raise error
        if self.stopped:
            raise StoppedError("interrupted by the user")


def run_stacks(
    verb: Verb, tasks: Sequence[StackTask[T]], progress: Progress, parallelism: int = PARALLELISM
) -> StackResults[T]:
    """Does the work of stacks side by side.

    A stack whose dependency fails is left out; all other stacks go on. After an interruption no work starts.

    Args:
        verb: what is done, for the progress.
        tasks: the work of each stack; dependencies on stacks without a task are ignored.
        progress: receives every event.
        parallelism: the largest number of stacks at a time.

    Returns:
        The results, in the order of the tasks.
    """
    if not tasks:
        return StackResults()
    run = _Run(verb, {task.stack: task for task in tasks}, progress)
    progress.begin(verb, [task.stack for task in tasks])
    try:
        _run_all(run, max(1, parallelism))
        run.leave_rest()
    finally:
        progress.end()
    return run.ordered()


def _run_all(run: _Run[T], parallelism: int) -> None:
    with shield(), ThreadPoolExecutor(parallelism, thread_name_prefix="stack") as pool:
        # side by side, but all of it before the first work
        for prepared in [pool.submit(task.prepare) for task in run.tasks.values()]:
            with suppress(OutsideError):
                prepared.result()
        running: dict[Future[T], str] = {}
        while run.waiting or running:
            for name in run.ready()[: parallelism - len(running)]:
                run.waiting.remove(name)
                running[pool.submit(run.work, name)] = name
            if not running:
                break
            ended, _ = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
            for future in ended:
                run.finish(running.pop(future), future)
        run.results.interrupted = interrupted()


class _Run(Generic[T]):
    """The state of one run."""

    def __init__(self, verb: Verb, tasks: Mapping[str, StackTask[T]], progress: Progress) -> None:
        self.verb = verb
        self.tasks = tasks
        self.progress = progress
        self.waiting = list(tasks)
        self.results: StackResults[T] = StackResults()
        self.started: dict[str, float] = {}

    def ready(self) -> list[str]:
        """The waiting stacks that can start now; leaves out those that never can."""
        if interrupted() or self.results.stopped:
            return []
        free: list[str] = []
        for name in [*self.waiting]:
            after = self.tasks[name].after & self.tasks.keys()
            lost = [one for one in after if one in self.results.failed or one in self.results.left]
            if lost:
                self._leave(name, f"it needs {sorted(lost)[0]}")
            elif after <= self.results.done.keys():
                free.append(name)
        return free

    def work(self, name: str) -> T:
        """Does the work of one stack; runs in a thread."""
        self._tell(name, "started")
        reporter = Reporter(
            waiting=lambda text: self._tell(name, "waiting", text),
            message=lambda message: self._tell(name, "running", message.text, message.address, message.step),
            output=lambda line: self._tell(name, "output", line.rstrip("\n")),
        )
        return self.tasks[name].work(reporter)

    def finish(self, name: str, future: Future[T]) -> None:
        """Records the result of one stack."""
        error = future.exception()
        if error is None:
            result = future.result()
            self.results.done[name] = result
            self._tell(name, "done", self.tasks[name].summary(result))
        elif isinstance(error, OutsideError):
            self.results.failed[name] = error
            self._tell(name, "failed", str(error))
        else:
            raise error

    def leave_rest(self) -> None:
        """Records the stacks that did not start."""
        for name in [*self.waiting]:
            self._leave(name, "not started")

    def ordered(self) -> StackResults[T]:
        """The results in the order of the tasks."""
        results = self.results
        return StackResults(
            {name: results.done[name] for name in self.tasks if name in results.done},
            {name: results.failed[name] for name in self.tasks if name in results.failed},
            {name: results.left[name] for name in self.tasks if name in results.left},
            results.interrupted,
        )

    def _leave(self, name: str, why: str) -> None:
        self.waiting.remove(name)
        self.results.left[name] = why
        self._tell(name, "left", why)

    def _tell(self, name: str, status: str, text: str = "", address: str = "", step: str = "") -> None:
        now = time.monotonic()
        seconds = now - self.started.setdefault(name, now)
        self.progress.report(
            StackEvent(
                self.verb, name, status, text_masked(text), address, step, round(seconds, 1), len(self.tasks)
            )
        )
