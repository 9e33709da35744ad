"""The documentation: every page is in the index, and every link has a target."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(
    file.relative_to(ROOT).as_posix()
    for file in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "course").rglob("*.md"))
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def prose(text: str) -> str:
    """The text without code blocks and code spans."""
    return re.sub(
        r"`[^`\n]*`", "", re.sub(r"^( *)(```|~~~).*?^\1\2$", "", text, flags=re.DOTALL | re.MULTILINE)
    )


def anchors(file: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_is_in_the_index() -> None:
    index = LINK.findall((ROOT / "docs" / "README.md").read_text(encoding="utf-8"))

    assert {file.name for file in (ROOT / "docs").glob("*.md")} - set(index) - {"README.md"} == set()


@pytest.mark.parametrize("page", PAGES)
def test_links_have_targets(page: str) -> None:
    broken = []
    for link in LINK.findall(prose((ROOT / page).read_text(encoding="utf-8"))):
        if re.match(r"\w+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            broken.append(link)

    assert broken == []


def test_every_example_that_replaces_a_table_survives_a_changed_column() -> None:
    """Delta refuses other columns with DELTA_METADATA_MISMATCH, unless the writer says how it replaces them."""
    examples = [ROOT / page for page in PAGES]
    examples += [file for folder in ("orgs", "course") for file in (ROOT / folder).rglob("*.py")]
    lines = [
        f"{file.relative_to(ROOT)}: {line.strip()}"
        for file in examples
        for line in file.read_text(encoding="utf-8").splitlines()
        if re.search(r"mode\(.overwrite.\).*saveAsTable", line)
    ]

    assert len(lines) > 10
    assert [line for line in lines if not re.search("overwriteSchema|replaceWhere", line)] == []
