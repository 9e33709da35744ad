"""docs/findings.md explains every code that a finding may carry, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "findings.md"

# Where a code stands in the calls that make findings, and in the pairs of code and message.
MAKERS = {
    "finding": 0,
    "FieldError": 0,
    "_UnreadableError": 0,
    "TaskRule": 0,
    "Surprise": 0,
    "complain": 0,
    "_complain": 0,
    "_at": 2,
    "Finding": -2,
}
PAIR = re.compile(r"tuple\[str, str\] \| None")


def codes_in(file: Path) -> Iterator[str]:
    """The codes in a file; `*` represents the variable part of a composed code."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in MAKERS and len(node.args) > MAKERS[name]:
                yield from written(node.args[MAKERS[name]])
        elif isinstance(node, ast.FunctionDef) and node.returns and PAIR.search(ast.unparse(node.returns)):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Return) and isinstance(inner.value, ast.Tuple):
                    yield from written(inner.value.elts[0])


def written(code: ast.expr) -> Iterator[str]:
    if isinstance(code, ast.IfExp):
        yield from written(code.body)
        yield from written(code.orelse)
    elif isinstance(code, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else "*" for part in code.values)
    elif isinstance(code, ast.Constant) and isinstance(code.value, str):
        yield code.value


def used() -> set[str]:
    """All codes; a composed code counts if the page has it."""
    found = {code for file in sorted((ROOT / "mesh").rglob("*.py")) for code in codes_in(file)}
    together = {code for code in found if "*" in code}
    return (found - together) | {code for code in sections() for some in together if fnmatch(code, some)}


def sections() -> dict[str, str]:
    """The text of each section, by its code."""
    parts = re.split(r"^### `(.*)`$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_code_is_explained_and_every_explanation_has_a_code() -> None:
    codes, explained = used(), sections()

    assert len(codes) > 30
    assert sorted(codes - explained.keys()) == []
    assert sorted(explained.keys() - codes) == []


def test_codes_are_lower_case_words() -> None:
    assert [code for code in used() if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)] == []


@pytest.mark.parametrize("code", sections())
def test_a_section_has_meaning_example_and_remedy(code: str) -> None:
    text = sections()[code]

    assert "```" in text, "an example"
    assert "**Do:**" in text
    assert text.strip().splitlines()[0].endswith("."), "begins with what it means"


def test_sections_are_in_order() -> None:
    """A reader finds a section without a search."""
    assert list(sections()) == sorted(sections())
