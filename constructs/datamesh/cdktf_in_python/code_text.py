"""The text of Terraform code: JSON as cdktf writes it, byte for byte.

Source: npm package `json-stable-stringify`, which cdktf uses with two spaces.
"""

from __future__ import annotations

from collections.abc import Mapping
from json.encoder import encode_basestring
from typing import Any


def code_text(code: Mapping[str, Any], *, broken: bool) -> str:
    """The JSON of Terraform code, with sorted keys; values that are None are left out.

    Args:
        code: mappings, lists, texts, numbers and truth values.
        broken: True to break the line inside of empty mappings and lists, as cdktf does; cdktn does not.

    Raises:
        TypeError: it contains another value.
    """
    parts: list[str] = []
    _write(code, "\n", parts, broken)
    return "".join(parts)


def _write(value: Any, line: str, parts: list[str], broken: bool) -> None:
    """Appends the text of a value; `line` is a line break and the indentation of the value's line."""
    if isinstance(value, str):
        parts.append(encode_basestring(value))
    elif value is True or value is False:
        parts.append("true" if value else "false")
    elif isinstance(value, dict):
        inner = f"{line}  "
        between = f"{{{inner}"
        for key in _sorted(value):
            if value[key] is None:
                continue
            parts += (between, encode_basestring(key), ": ")
            _write(value[key], inner, parts, broken)
            between = f",{inner}"
        parts.append(f"{line}}}" if between[0] == "," else f"{{{line if broken else ''}}}")
    elif isinstance(value, list | tuple):
        inner = f"{line}  "
        between = f"[{inner}"
        for item in value:
            if item is None:
                continue
            parts.append(between)
            _write(item, inner, parts, broken)
            between = f",{inner}"
        parts.append(f"{line}]" if between[0] == "," else f"[{line if broken else ''}]")
    elif isinstance(value, int | float):
        parts.append(number_text(value))
    else:
        raise TypeError(f"{value!r} is no value of Terraform code")


def _sorted(value: Mapping[str, Any]) -> list[str]:
    """The keys in the order of JavaScript, which compares the 16-bit units of texts."""
    if all(map(str.isascii, value)):
        return sorted(value)
    return sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))


def number_text(number: float) -> str:
    """The text of a number in JavaScript.

    Source: ECMAScript specification, "Number::toString".
    """
    if isinstance(number, int):
        return str(number)
    digits, _, exponent = repr(number).partition("e")
    power = int(exponent or 0)
    if not -7 < power < 21:
        return f"{digits}e{'+' if power > 0 else ''}{power}"
    # JavaScript writes these without an exponent
    sign, digits = ("-", digits[1:]) if digits[0] == "-" else ("", digits)
    if power < 0:
        return f"{sign}0.{'0' * (-power - 1)}{digits.replace('.', '')}"
    if power > 0:
        whole, _, rest = digits.partition(".")
        return f"{sign}{whole}{rest.ljust(power, '0')}"
    return sign + digits.removesuffix(".0")
