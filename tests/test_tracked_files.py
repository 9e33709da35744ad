"""The contents of tracked files: short code, no path of a machine, no address of a registry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.source_files import ROOT, place, tracked


def test_code_files_are_short() -> None:
    long = {
        place(file, count) for file in tracked("*.py") if (count := len(file.read_bytes().splitlines())) > 400
    }

    assert {one for one in long if not one.startswith("tests/")} == set()


def texts() -> Iterator[tuple[Path, int, str]]:
    """Every line of every tracked text file."""
    for file in tracked():
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        yield from ((file, number, line) for number, line in enumerate(lines, 1))


def test_no_file_names_a_path_of_one_machine() -> None:
    here = [f"{ROOT}/", f"{ROOT.parent}/"] if len(ROOT.parts) > 2 else [f"{ROOT}/"]
    path = re.compile("|".join([*map(re.escape, here), r"(?<![\w.])/(?:home/[\w.-]+/|root/)"]))

    assert [place(file, number) for file, number, line in texts() if path.search(line)] == []


def test_no_file_names_the_address_of_a_package_registry() -> None:
    """Each machine configures its registry or mirror."""
    words = ["pypi", "pythonhosted", "npmjs", "yarnpkg", "maven", "golang", "debian"]
    address = re.compile(rf"\w+://[\w.-]*(?:{'|'.join(words)})", re.IGNORECASE)

    assert [place(file, number) for file, number, line in texts() if address.search(line)] == []
