"""Steps: what is done is skipped, what was interrupted starts again, what fails says where and what to do."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest

from local.toolchain import steps
from local.toolchain.steps import InstallError, Key, Step


class Work:
    """A step's work that remembers how it was called, and fails when told to."""

    def __init__(self, failure: BaseException | None = None) -> None:
        self.calls: list[Key | None] = []
        self.failure = failure

    def __call__(self, last: Key | None) -> str:
        self.calls.append(last)
        if self.failure:
            raise self.failure
        return "what there is now"


def step(folder: Path, work: Work, key: Key, name: str = "Things") -> Step:
    """A step whose stamp lies in the folder."""
    return Step(name, lambda: key, folder / name, work)


def test_a_step_runs_once_and_says_what_it_found_in_one_line(tmp_path: Path) -> None:
    work, show = Work(), io.StringIO()

    assert steps.install([step(tmp_path, work, {"pins": "a"})], show) == 1
    assert steps.install([step(tmp_path, work, {"pins": "a"})], show) == 0

    assert work.calls == [None]
    assert show.getvalue().startswith("Things … ")
    assert show.getvalue().endswith(" s, what there is now\n")
    assert show.getvalue().count("\n") == 1


def test_a_step_runs_again_when_what_it_depends_on_changes_and_is_told_what_was_there(tmp_path: Path) -> None:
    work = Work()

    steps.install([step(tmp_path, work, {"pins": "a"})], io.StringIO())
    steps.install([step(tmp_path, work, {"pins": "b"})], io.StringIO())

    assert work.calls == [None, {"pins": "a"}]


def test_the_key_that_counts_is_the_one_after_the_work(tmp_path: Path) -> None:
    made = tmp_path / "made"

    def work(_last: Key | None) -> str:
        made.touch()
        return "made"

    one = Step("Things", lambda: {"made": str(made.exists())}, tmp_path / "stamp", work)
    steps.install([one], io.StringIO())

    assert one.done()


@pytest.mark.parametrize("failure", [InstallError("no network"), KeyboardInterrupt()])
def test_a_step_that_did_not_end_is_not_done_and_the_ones_before_it_are(
    tmp_path: Path, failure: BaseException
) -> None:
    first, second, third = Work(), Work(failure), Work()
    key = {"pins": "a"}

    with pytest.raises(type(failure)):
        steps.install(
            [
                step(tmp_path, first, key, "first"),
                step(tmp_path, second, key, "second"),
                step(tmp_path, third, key, "third"),
            ],
            io.StringIO(),
        )

    assert step(tmp_path, first, key, "first").done()
    assert not step(tmp_path, second, key, "second").done()
    assert third.calls == []


def test_an_interrupted_change_leaves_nothing_that_passes_for_the_earlier_installation(
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
def test_a_stamp_that_cannot_be_read_counts_as_none(tmp_path: Path, content: str) -> None:
    (tmp_path / "Things").write_text(content, encoding="utf-8")

    assert not step(tmp_path, Work(), {"pins": "a"}).done()


def test_a_stamp_is_readable_by_a_person(tmp_path: Path) -> None:
    steps.install([step(tmp_path, Work(), {"pins": "a"})], io.StringIO())

    assert json.loads((tmp_path / "Things").read_text(encoding="utf-8")) == {"pins": "a"}


def run(folder: Path, script: str) -> None:
    """Run a shell script as a step would."""
    steps.run(
        ["sh", "-c", script],
        log=folder / "log" / "install.log",
        remedy="Do this.",
        env=os.environ,
        folder=folder,
    )


def test_what_commands_say_is_in_the_log_and_not_on_the_screen(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, "echo one; pwd >&2")
    run(tmp_path, "echo two")

    said = (tmp_path / "log" / "install.log").read_text(encoding="utf-8").splitlines()
    assert said == ["$ sh -c echo one; pwd >&2", "one", str(tmp_path), "$ sh -c echo two", "two"]
    assert capfd.readouterr() == ("", "")


def test_a_command_that_fails_shows_the_end_of_what_it_said_the_remedy_and_the_log(tmp_path: Path) -> None:
    run(tmp_path, "echo from an earlier command")

    with pytest.raises(InstallError) as raised:
        run(tmp_path, "seq 1 30; exit 4")

    lines = str(raised.value).splitlines()
    assert lines[0] == "`sh -c seq 1 30; exit 4` failed:"
    assert lines[1:-2] == [str(number) for number in range(19, 31)]
    assert lines[-2:] == ["Do this.", f"(all of it: {tmp_path / 'log' / 'install.log'})"]


def test_a_command_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InstallError, match=r"no-such-command: No such file or directory\nDo this\."):
        steps.run(
            ["no-such-command"], log=tmp_path / "log", remedy="Do this.", env=os.environ, folder=tmp_path
        )


def test_the_digest_of_files_changes_with_their_contents_and_with_which_holds_what(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_bytes(b"a")

    only_one = steps.digest(one, two)
    two.write_bytes(b"b")

    assert len({only_one, steps.digest(one, two), steps.digest(two, one)}) == 3


def test_an_executable_is_told_from_its_successor(tmp_path: Path) -> None:
    file = tmp_path / "java"
    assert steps.identity(file) == steps.identity(None) == "none"

    file.write_bytes(b"old")
    before = steps.identity(file)
    file.write_bytes(b"newer")

    assert before != steps.identity(file)
