"""The output while data is loaded."""

from __future__ import annotations

import io

from mesh.workshop.data.progress_output import BarOutput


def test_a_terminal_shows_a_bar_and_keeps_the_lines() -> None:
    from rich.console import Console

    screen = io.StringIO()
    output = BarOutput(Console(file=screen, force_terminal=True, width=100))
    with output.track_upload("/Volumes/a/b/c/[bold]0.csv", io.BytesIO(b"x" * 2000), 2000) as tracked:
        assert len(tracked.read()) == 2000
    output.report("/Volumes/a/b/c/[bold]0.csv: loaded, 2.0 kB")

    assert "[bold]0.csv" in screen.getvalue()
    assert "2.0/2.0 kB" in screen.getvalue()
    assert screen.getvalue().splitlines()[-1].endswith("/Volumes/a/b/c/[bold]0.csv: loaded, 2.0 kB")
