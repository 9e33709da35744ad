"""Row filters and column masks as files declare them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from mesh.model.access_policy import AccessPolicyFile


def declared(function: str) -> AccessPolicyFile:
    fields = {"to_principals": ["analysts"], "row_filter": {"function_name": function}}
    return AccessPolicyFile.model_validate(fields)


@pytest.mark.parametrize("name", ["is_own", "filters.is_own", "main.filters.is_own", "a-b.c.d"])
def test_a_function_is_named_alone_or_with_catalog_and_schema(name: str) -> None:
    row_filter = declared(name).row_filter
    assert row_filter is not None
    assert row_filter.function_name == name


@pytest.mark.parametrize("name", ["", "a.b.c.d", "is_own()", "a b", "`a`", "is_own\n"])
def test_other_texts_are_no_functions(name: str) -> None:
    with pytest.raises(ValidationError, match="is not a function"):
        declared(name)
