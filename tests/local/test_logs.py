"""Logs: the last lines, and new lines."""

from local import logs


def test_the_last_lines_are_returned(tmp_path):
    log = tmp_path / "a.log"
    log.write_text("1\n2\n3\n")

    assert logs.last_lines(log, 2) == ["2", "3"]
    assert logs.last_lines(tmp_path / "none.log", 2) == []


def test_new_complete_lines_are_followed_also_after_a_restart(tmp_path):
    log = tmp_path / "a.log"
    log.write_text("before\n")
    other = tmp_path / "b.log"
    both = logs.follow({"a": log, "b": other})
    other.write_text("x\n")
    assert next(both) == ("b", "x")

    with log.open("a") as stream:
        stream.write("one\ntw")
    assert next(both) == ("a", "one")
    with log.open("a") as stream:
        stream.write("o\n")
    assert next(both) == ("a", "two")
    log.write_text("new\n")  # shorter: a new log
    assert next(both) == ("a", "new")
