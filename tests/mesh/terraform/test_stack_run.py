"""The work of stacks: its order, what runs side by side, failures and interruptions."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from mesh.errors import OutsideError
from mesh.terraform.interrupt import StoppedError
from mesh.terraform.stack_run import StackResults, StackTask, run_stacks
from mesh.terraform.terraform_command import Reporter
from tests.mesh.commands.conftest import Events


def task(name: str, *after: str, work: Callable[[], None] = lambda: None) -> StackTask[str]:
    def run(reporter: Reporter) -> str:
        work()
        return name.upper()

    return StackTask(name, run, frozenset(after), summary=str.lower)


def told(events: Events) -> list[tuple[str, str, str]]:
    return [(one.stack, one.status, one.text) for one in events.events]


def test_a_stack_starts_when_those_that_it_needs_are_done() -> None:
    events = Events()

    results = run_stacks("apply", [task("b", "a"), task("a"), task("c", "b", "elsewhere")], events)

    assert results.done == {"b": "B", "a": "A", "c": "C"}
    assert told(events) == [
        (name, status, text) for name in "abc" for status, text in (("started", ""), ("done", name))
    ]
    assert events.begun == [("apply", ("b", "a", "c"))]


def test_independent_stacks_run_side_by_side_up_to_the_given_number() -> None:
    together = threading.Barrier(2, timeout=60)
    running: list[int] = []
    most: list[int] = []

    def work() -> None:
        running.append(1)
        most.append(len(running))
        together.wait()
        running.pop()

    tasks: Sequence[StackTask[str]] = [task(name, work=work) for name in "abcd"]
    results = run_stacks("plan", tasks, Events(), parallelism=2)

    assert len(results.done) == 4
    assert max(most) == 2


def test_what_does_not_need_a_failed_stack_goes_on() -> None:
    def fail() -> None:
        raise OutsideError("no quota")

    events = Events()
    results = run_stacks(
        "apply", [task("a", work=fail), task("b", "a"), task("c", "b"), task("d")], events, parallelism=1
    )

    assert results.done == {"d": "D"}
    assert {name: str(error) for name, error in results.failed.items()} == {"a": "no quota"}
    assert results.left == {"b": "it needs a", "c": "it needs b"}
    assert ("a", "failed", "no quota") in told(events)
    assert ("b", "left", "it needs a") in told(events)


def test_after_an_interruption_nothing_starts() -> None:
    def stop() -> None:
        raise StoppedError("interrupted")

    results = run_stacks("apply", [task("a", work=stop), task("b")], Events(), parallelism=1)

    assert results.stopped
    assert results.left == {"b": "not started"}


def test_an_interruption_counts_if_the_running_work_is_completed_all_the_same() -> None:
    """Otherwise a plan without changes that ends after Ctrl-C has the command go on."""
    events = Events()
    interrupts = task("a", work=lambda: os.kill(os.getpid(), signal.SIGINT))
    results = run_stacks("plan", [interrupts, task("b")], events, parallelism=1)

    assert (results.done, results.failed, results.left) == ({"a": "A"}, {}, {"b": "not started"})
    with pytest.raises(StoppedError):
        results.require_all()
    assert run_stacks("plan", [interrupts], events).stopped


def test_the_first_error_is_raised_where_all_work_is_required() -> None:
    results = StackResults({"a": "A"}, {"b": OutsideError("no quota")})

    with pytest.raises(OutsideError, match="no quota"):
        results.require_all()
    StackResults({"a": "A"}).require_all()


def test_an_error_of_the_program_itself_is_raised() -> None:
    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_stacks("apply", [task("a", work=fail)], Events())


def test_all_stacks_are_prepared_before_the_first_works() -> None:
    """A preparation that fails leaves the error to the work."""
    calls: list[str] = []

    def prepared(name: str) -> StackTask[str]:
        def prepare() -> None:
            calls.append(f"prepare {name}")
            raise OutsideError("no network")

        done = task(name, work=lambda: calls.append(f"work {name}"))
        return replace(done, prepare=prepare)

    results = run_stacks("plan", [prepared("a"), prepared("b")], Events(), parallelism=1)

    assert calls == ["prepare a", "prepare b", "work a", "work b"]
    assert not results.failed


def test_what_terraform_prints_is_told_without_tokens() -> None:
    token = "ghs_" + "aB3" * 12
    events = Events()
    printing = StackTask("a", lambda reporter: reporter.output(f"Authorization: {token}\n"))

    run_stacks("apply", [printing], events)

    assert ("a", "output", "(looks like a secret)") in told(events)


def test_without_tasks_nothing_is_told() -> None:
    events = Events()

    assert run_stacks("plan", [], events) == StackResults()
    assert events.begun == []
