"""The session of a notebook, and `display`."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from local.notebook.session import DISPLAYED_ROWS, connect, display
from local.spark import client


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


def test_wheels_of_the_python_path_are_sent_to_functions_if_they_are_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sent: list[str] = []
    session = SimpleNamespace(addArtifacts=lambda place, pyfile: sent.append(Path(place).name))
    monkeypatch.setattr(client, "connect", lambda *_: session)
    monkeypatch.setenv("SPARK_REMOTE", "sc://none")
    (tmp_path / "there.whl").write_bytes(b"")
    places = [tmp_path / "there.whl", tmp_path / "gone.whl", tmp_path]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(map(str, places)))

    connect()
    assert [name.partition("-")[0] for name in sent] == ["there"]
