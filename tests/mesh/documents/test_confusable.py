"""Names that look like another name are refused."""

from __future__ import annotations

import pytest

from mesh.documents.confusable import wrong_letters


@pytest.mark.parametrize("name", ["revenue", "kjøretøy", "łódź", "straße", "売上revenue", "прогноз", "a1_b"])
def test_names_of_one_script_are_allowed(name: str) -> None:
    assert wrong_letters(name) is None


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a\u030a", "decomposed letter"),
        ("\uff41bc", "special form"),
        ("re\u0432enue", "mixes letters of Cyrillic and Latin"),
        ("\u0430\u0441\u0435", "Cyrillic text that looks like Latin"),
        ("a\u01c3", "not a letter in common use"),
        ("a\u3164b", "special form"),
    ],
)
def test_confusable_names_are_refused_with_the_reason(name: str, reason: str) -> None:
    assert reason in (wrong_letters(name) or "")
