"""Secrets in text that other programs print are masked."""

from __future__ import annotations

import pytest

from mesh.documents.secret_text import text_masked

JWT = ".".join(("eyJ" + "hbGciOiJSUzI1NiJ9", "eyJ" + "pYXQiOjE3NTAwMDAwMDB9" * 12, "a-B_3" * 50))
TOKENS = [
    *(f"{prefix}_" + "aB3" * 12 for prefix in ("ghp", "gho", "ghu", "ghs", "ghr")),
    f"{'ghs'}_1234567_{JWT}",
    "github_" + "pat_" + "aB3" * 7 + "a_" + "bC4" * 19 + "bC",
]


def test_text_is_masked_line_by_line() -> None:
    token = "dapi" + "0" * 32

    assert text_masked(f"a\n{token}\n{token}\nb") == "a\n(looks like a secret)\nb"


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_is_masked_in_all_lines_of_a_text(token: str) -> None:
    pieces = [token[at : at + 30] for at in range(0, len(token), 30)]
    text = "\n".join(["Error: clone", *(f"  {piece}" for piece in pieces), "  is not valid."])

    assert text_masked(text) == "Error: clone\n(looks like a secret)\n  is not valid."


def test_an_error_does_not_show_a_secret_after_its_name() -> None:
    assert (
        text_masked("Error: no\n  jdbc:x://h?password=hunter2\nend")
        == "Error: no\n(looks like a secret)\nend"
    )
