"""Figures of matplotlib, which a notebook's cell leaves open, as files."""

import os
import sys
import warnings
from pathlib import Path
from typing import Any

_PYPLOT = "matplotlib.pyplot"


def prepare() -> None:
    """Lets matplotlib draw without a screen; `show()` then only marks the end of a figure."""
    os.environ.setdefault("MPLBACKEND", "Agg")
    warnings.filterwarnings("ignore", message=".*is non-interactive, and thus cannot be shown")


def save_open(folder: Path | None) -> None:
    """Saves all open figures, prints the path of each, and closes them.

    Args:
        folder: the folder for the files; None to leave the figures open.
    """
    pyplot: Any = sys.modules.get(_PYPLOT)
    if pyplot is None or folder is None:
        return
    for number in pyplot.get_fignums():
        save(pyplot.figure(number), folder)
        pyplot.close(number)


def save(figure: Any, folder: Path) -> None:
    """Saves a figure under the next free name, `plot-1.png`, and prints its path."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / f"plot-{1 + len(list(folder.glob('plot-*.png')))}.png"
    figure.savefig(file)
    print(f"plot: {file}")
