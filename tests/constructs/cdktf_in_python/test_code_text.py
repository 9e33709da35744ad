"""The text of Terraform code, compared with JavaScript's."""

from __future__ import annotations

import pytest

from datamesh.cdktf_in_python.code_text import code_text, number_text


def test_keys_are_sorted_and_what_is_none_is_left_out() -> None:
    code = {"b": [1, None, {"x": None}], "a": 'é"\n\u2028', "c": None, "d": True}

    text = code_text(code, broken=False)

    assert text == '{\n  "a": "é\\"\\n\u2028",\n  "b": [\n    1,\n    {}\n  ],\n  "d": true\n}'


def test_cdktf_breaks_the_line_in_empty_values() -> None:
    assert code_text({"a": {}, "b": []}, broken=True) == '{\n  "a": {\n  },\n  "b": [\n  ]\n}'


def test_keys_are_compared_by_their_16_bit_units() -> None:
    assert code_text({"\uffff": 1, "\U00010000": 2}, broken=False).index("\U00010000") == 5


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.0, "1"),
        (-2.5, "-2.5"),
        (1e-05, "0.00001"),
        (-1.25e-06, "-0.00000125"),
        (1e-07, "1e-7"),
        (1.5e21, "1.5e+21"),
        (123456789012345680000.0, "123456789012345680000"),
        (7405610928938750, "7405610928938750"),
    ],
)
def test_numbers_are_written_as_javascript_does(number: float, text: str) -> None:
    assert number_text(number) == text


def test_another_value_is_refused() -> None:
    with pytest.raises(TypeError, match="is no value of Terraform code"):
        code_text({"a": object()}, broken=False)
