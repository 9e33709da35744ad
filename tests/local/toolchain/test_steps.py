"""Steps: completed steps are skipped, interrupted steps run again, errors hold the log and the remedy."""

from __future__ import annotations

import io
import json
import os
import threading
from pathlib import Path

import pytest

from local.toolchain import steps
from local.toolchain.steps import InstallError, Step, StepInputs


class Work:
    """The work of a step, which records its calls and raises the given failure."""

    def __init__(self, failure: BaseException | None = None) -> None:
        self.calls: list[StepInputs | None] = []
        self.failure = failure

    def __call__(self, installed: StepInputs | None) -> str:
        self.calls.append(installed)
        if self.failure:
            raise self.failure
        return "the result"


def step(folder: Path, work: Work, inputs: StepInputs, name: str = "Packages") -> Step:
    """Return a step whose stamp is in the folder."""
    return Step(name, lambda: inputs, folder / name, work)


def test_a_step_runs_once_and_shows_its_result_in_one_line(tmp_path: Path) -> None:
    work, output = Work(), io.StringIO()

    assert steps.install([step(tmp_path, work, {"pins": "a"})], output) == 1
    assert steps.install([step(tmp_path, work, {"pins": "a"})], output) == 0

    assert work.calls == [None]
    assert output.getvalue().startswith("Packages … ")
    assert output.getvalue().endswith(" s, the result\n")
    assert output.getvalue().count("\n") == 1


def test_a_step_with_changed_inputs_runs_again_and_receives_the_previous_ones(tmp_path: Path) -> None:
    work = Work()

    steps.install([step(tmp_path, work, {"pins": "a"})], io.StringIO())
    steps.install([step(tmp_path, work, {"pins": "b"})], io.StringIO())

    assert work.calls == [None, {"pins": "a"}]


def test_the_inputs_are_stored_after_the_work(tmp_path: Path) -> None:
    file = tmp_path / "file"

    def work(_last: StepInputs | None) -> str:
        file.touch()
        return "created"

    current = Step("Packages", lambda: {"file": str(file.exists())}, tmp_path / "stamp", work)
    steps.install([current], io.StringIO())

    assert current.is_current()


@pytest.mark.parametrize("failure", [InstallError("no network"), KeyboardInterrupt()])
def test_a_failed_step_is_not_current_but_the_steps_before_it_are(
    tmp_path: Path, failure: BaseException
) -> None:
    first, second, third = Work(), Work(failure), Work()
    inputs = {"pins": "a"}

    with pytest.raises(type(failure)):
        steps.install(
            [
                step(tmp_path, first, inputs, "first"),
                step(tmp_path, second, inputs, "second"),
                step(tmp_path, third, inputs, "third"),
            ],
            io.StringIO(),
        )

    assert step(tmp_path, first, inputs, "first").is_current()
    assert not step(tmp_path, second, inputs, "second").is_current()
    assert third.calls == []


def test_a_step_beside_another_runs_at_the_same_time(tmp_path: Path) -> None:
    """Each of the two goes on only when the other one runs."""
    both, output = threading.Barrier(2, timeout=60), io.StringIO()

    def work(_last: StepInputs | None) -> str:
        both.wait()
        return "done"

    def one(name: str, beside: bool) -> Step:
        return Step(name, lambda: {"pins": "a"}, tmp_path / name, work, beside)

    assert steps.install([one("first", False), one("second", True)], output) == 2
    assert output.getvalue().startswith("first and second … ")
    assert output.getvalue().endswith(" s, done, done\n")
    assert one("first", False).is_current()
    assert one("second", True).is_current()


def test_a_failure_is_told_after_the_step_beside_it_has_ended(tmp_path: Path) -> None:
    inputs = {"pins": "a"}
    failing = step(tmp_path, Work(InstallError("no network")), inputs, "first")
    beside = Step("second", lambda: inputs, tmp_path / "second", Work(), beside=True)

    with pytest.raises(InstallError, match="no network"):
        steps.install([failing, beside], io.StringIO())

    assert not failing.is_current()
    assert beside.is_current()


def test_an_interrupted_step_invalidates_the_previous_installation(
    tmp_path: Path,
) -> None:
    before, interrupted, again = Work(), Work(KeyboardInterrupt()), Work()

    steps.install([step(tmp_path, before, {"pins": "a"})], io.StringIO())
    with pytest.raises(KeyboardInterrupt):
        steps.install([step(tmp_path, interrupted, {"pins": "b"})], io.StringIO())
    steps.install([step(tmp_path, again, {"pins": "a"})], io.StringIO())

    assert interrupted.calls == [{"pins": "a"}]
    assert again.calls == [None]


@pytest.mark.parametrize("content", ["", "{", "[]", "3"])
def test_an_unreadable_stamp_is_ignored(tmp_path: Path, content: str) -> None:
    (tmp_path / "Packages").write_text(content, encoding="utf-8")

    assert not step(tmp_path, Work(), {"pins": "a"}).is_current()


def test_a_stamp_is_readable_json(tmp_path: Path) -> None:
    steps.install([step(tmp_path, Work(), {"pins": "a"})], io.StringIO())

    assert json.loads((tmp_path / "Packages").read_text(encoding="utf-8")) == {"pins": "a"}


def run(folder: Path, script: str) -> None:
    """Run a shell script like a step."""
    steps.run(
        ["sh", "-c", script],
        log=folder / "log" / "install.log",
        remedy="Do this.",
        env=os.environ,
        folder=folder,
    )


def test_the_output_of_commands_is_in_the_log_only(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, "echo one; pwd >&2")
    run(tmp_path, "echo two")

    lines = (tmp_path / "log" / "install.log").read_text(encoding="utf-8").splitlines()
    assert lines == ["$ sh -c echo one; pwd >&2", "one", str(tmp_path), "$ sh -c echo two", "two"]
    assert capfd.readouterr() == ("", "")


def test_a_failed_command_shows_the_end_of_its_output_the_remedy_and_the_log(tmp_path: Path) -> None:
    run(tmp_path, "echo from an earlier command")

    with pytest.raises(InstallError) as raised:
        run(tmp_path, "seq 1 30; exit 4")

    lines = str(raised.value).splitlines()
    assert lines[0] == "`sh -c seq 1 30; exit 4` failed:"
    assert lines[1:-2] == [str(number) for number in range(19, 31)]
    assert lines[-2:] == ["Do this.", f"(full log: {tmp_path / 'log' / 'install.log'})"]


def test_a_missing_command_is_reported(tmp_path: Path) -> None:
    with pytest.raises(InstallError, match=r"no-such-command: No such file or directory\nDo this\."):
        steps.run(
            ["no-such-command"], log=tmp_path / "log", remedy="Do this.", env=os.environ, folder=tmp_path
        )


def test_the_digest_of_files_depends_on_their_contents_and_order(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_bytes(b"a")

    only_first = steps.digest(first, second)
    second.write_bytes(b"b")

    assert len({only_first, steps.digest(first, second), steps.digest(second, first)}) == 3


def test_the_version_of_an_executable_changes_when_it_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "java"
    assert steps.file_version(file) == steps.file_version(None) == "none"

    file.write_bytes(b"old")
    before = steps.file_version(file)
    file.write_bytes(b"newer")

    assert before != steps.file_version(file)
