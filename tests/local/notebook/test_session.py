"""`display` in a notebook."""

import pytest

from local.notebook.session import DISPLAYED_ROWS, display


class FakeFrame:
    """Records how it is shown."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, bool]] = []

    def toPandas(self) -> None:
        """Only data frames have it."""

    def show(self, rows: int, truncate: bool) -> None:
        """Record the call."""
        self.calls.append((rows, truncate))


def test_a_data_frame_shows_its_first_rows_untruncated() -> None:
    frame = FakeFrame()
    display(frame, "ignored")

    assert frame.calls == [(DISPLAYED_ROWS, False)]


@pytest.mark.parametrize(("value", "printed"), [("text", "text\n"), (3, "3\n"), (None, "")])
def test_any_other_value_is_printed(value: object, printed: str, capsys: pytest.CaptureFixture[str]) -> None:
    display(value)

    assert capsys.readouterr().out == printed
