"""A document becomes a frozen model, and every error a finding."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import pytest
from pydantic import AfterValidator, ValidationError

from mesh.documents.checked_model import CheckedModel, FieldError, validate_document
from mesh.documents.document import Document


def _short(text: str) -> str:
    if len(text) > 3:
        raise FieldError("too-long", f"`{text}` is too long (use 3 letters)")
    return text


class Inner(CheckedModel):
    """A nested mapping."""

    size: int = 0


class Example(CheckedModel):
    """A file."""

    name: Annotated[str, AfterValidator(_short)] = ""
    inner: Inner = Inner()
    tags: tuple[str, ...] = ()


def validated(data: Mapping[str, Any]) -> tuple[Example, list[str]]:
    """The model of a document, and its findings as code and message."""
    model, findings = validate_document(Example, Document("a.yml", data))
    return model, [f"{finding.code}: {finding.message}" for finding in findings]


def test_a_valid_document_has_no_findings() -> None:
    model, findings = validated({"name": "abc", "inner": {"size": 2}, "tags": ["a"]})

    assert (model, findings) == (Example(name="abc", inner=Inner(size=2), tags=("a",)), [])


def test_all_errors_are_reported_and_the_rest_is_kept() -> None:
    model, findings = validated({"name": "abcd", "inner": {"size": "x"}, "tags": ["a"], "tag": 1})

    assert findings == [
        "too-long: `abcd` is too long (use 3 letters)",
        "wrong-type: `size` is `x`: should be a whole number",
        "unknown-field: unknown field `tag` (did you mean `tags`?)",
    ]
    assert model == Example(tags=("a",))


@pytest.mark.parametrize(("value", "shown"), [("2", '`"2"`'), (True, "`true`"), (1.5, "`1.5`"), ("x", "`x`")])
def test_a_value_of_a_wrong_type_is_shown_as_it_is_written(value: object, shown: str) -> None:
    _, [finding] = validated({"inner": value})

    assert finding.startswith(f"wrong-type: `inner` is {shown}: ")


def test_an_unknown_field_that_is_named_like_a_secret_is_reported_as_one() -> None:
    _, findings = validated({"api_key": "x"})

    assert [finding.partition(":")[0] for finding in findings] == ["secret-in-yaml"]


def test_a_model_is_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Example().name = "b"  # type: ignore[misc]
