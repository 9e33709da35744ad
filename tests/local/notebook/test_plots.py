"""Figures of matplotlib as files, with a fake matplotlib."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from local.notebook import plots


class Figure:
    """A figure that saves its number."""

    def __init__(self, number: int) -> None:
        self.number = number

    def savefig(self, file: Path) -> None:
        file.write_text(f"figure {self.number}")


@pytest.fixture
def open_figures(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[int, Figure]]:
    """The open figures of a fake pyplot."""
    figures = {1: Figure(1), 4: Figure(4)}
    pyplot = SimpleNamespace(
        get_fignums=lambda: sorted(figures),
        figure=figures.__getitem__,
        close=lambda number: figures.pop(number),
    )
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", pyplot)
    yield figures


def test_open_figures_become_files_and_are_closed(
    tmp_path: Path, open_figures: dict[int, Figure], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "plots"
    plots.save_open(folder)
    plots.save(Figure(7), folder)

    assert open_figures == {}
    assert [(folder / f"plot-{n}.png").read_text() for n in (1, 2, 3)] == ["figure 1", "figure 4", "figure 7"]
    assert capsys.readouterr().out == "".join(f"plot: {folder}/plot-{n}.png\n" for n in (1, 2, 3))


def test_without_matplotlib_or_a_folder_nothing_happens(
    tmp_path: Path, open_figures: dict[int, Figure]
) -> None:
    plots.save_open(None)
    del sys.modules["matplotlib.pyplot"]
    plots.save_open(tmp_path / "plots")

    assert len(open_figures) == 2
    assert not (tmp_path / "plots").exists()
