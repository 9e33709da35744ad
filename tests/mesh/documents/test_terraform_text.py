"""Text of the mesh is escaped for Terraform, and read back."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from mesh.documents.terraform_text import literal, unescape


@dataclass(frozen=True)
class Example:
    """A part of a model."""

    name: str
    tags: tuple[str, ...]


@pytest.mark.parametrize("text", ["${var.x}", "%{if true}", "a ${b} %{c} d", "plain", "$", "%"])
def test_terraform_reads_an_escaped_text_as_it_was(text: str) -> None:
    assert unescape(literal(text)) == text


def test_strings_are_escaped_at_every_depth() -> None:
    value = {"${k}": [Example("${n}", ("%{t}",)), 3, None, True]}

    assert literal(value) == {"$${k}": [Example("$${n}", ("%%{t}",)), 3, None, True]}


def test_types_of_collections_stay() -> None:
    assert literal(("a", ["b"])) == ("a", ["b"])
