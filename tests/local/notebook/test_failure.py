"""The exception of a notebook, without the frames of the runner."""

import pytest

from local.notebook import failure


def raised(error: BaseException) -> BaseException:
    """An exception with a traceback."""
    with pytest.raises(type(error)) as caught:
        raise error
    return caught.value


@pytest.mark.parametrize(
    ("error", "summary"),
    [
        (ValueError("first line\nsecond line"), "ValueError: first line"),
        (KeyError(), "KeyError"),
        (RuntimeError("  padded  "), "RuntimeError: padded"),
    ],
)
def test_the_summary_is_one_line(error: BaseException, summary: str) -> None:
    assert failure.summary(error) == summary


def test_the_trace_names_the_line_that_raised() -> None:
    trace = failure.trace(raised(ValueError("bad fare")))

    assert __file__ in trace
    assert trace.endswith("ValueError: bad fare\n")


def test_frames_of_the_runner_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failure, "MACHINERY", (__file__,))
    cause = ValueError("cause")
    error = RuntimeError("effect")
    error.__cause__ = raised(cause)

    trace = failure.trace(raised(error))

    assert __file__ not in trace
    assert "ValueError: cause" in trace
    assert "RuntimeError: effect" in trace
