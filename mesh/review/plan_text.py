"""Reads the text of a plan file: the JSON of `terraform show -json`, also with a line of a wrapper before it.

The text of a plan contains the sensitive values in clear, so no message repeats any part of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

# Blocks in blocks of nested modules have about 30 levels; readers of the document recurse
MAX_DEPTH = 200
_DEEP = f"this JSON is nested more than {MAX_DEPTH} levels deep"
_NO_PLAN = "this JSON is not a plan as `terraform show -json` prints it"
_UTF_16 = (
    "this file is UTF-16, not UTF-8 (older PowerShells write `>` so): write it with "
    "`terraform show -json … | Out-File -Encoding utf8 …`"
)
_START = re.compile(r"^\s*(?=\{)", re.MULTILINE)
_CUT_OFF = re.compile(r"[\w.+-]*.?\s*")  # what is left of a text that ends within a word
_LIKE_JSON = re.compile(r'[{\[]\s*["{\[]|"\s*:|"\s*[,\]}]')


def parse_plan(text: str) -> tuple[Mapping[str, Any], str | None]:
    """The JSON document of a plan, and the reason if the text is not a plan.

    Lines before the document are ignored: wrappers of Terraform print their command there. A text without
    any JSON is Terraform's error, and is the reason itself.

    Args:
        text: the content of the file; bytes that are not UTF-8 are replaced.
    """
    if "\0" in text:
        return {}, _UTF_16
    text = text.removeprefix("\ufeff").strip()
    if not text:
        return {}, "the plan is empty"
    start = _START.search(text)
    if start is None:
        return {}, _without_document(text)
    try:
        document, end = json.JSONDecoder().raw_decode(text, start.end())
    except RecursionError:
        return {}, _DEEP
    except ValueError as error:
        return {}, _problem(text, start.end(), error)
    if _START.search(text[end:]):
        return {}, "this file contains more than one JSON document; it must contain one plan"
    if too_deep(document):
        return {}, _DEEP
    return (document, None) if _is_plan(document) else ({}, _NO_PLAN)


def _is_plan(document: Any) -> bool:
    return isinstance(document, dict) and bool({"resource_changes", "planned_values"} & document.keys())


def _without_document(text: str) -> str:
    """Why a text without a JSON mapping is no plan; an error of Terraform is the reason itself."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return _not_shown(text) if _LIKE_JSON.search(text) else text
    return _NO_PLAN


def _problem(text: str, start: int, error: ValueError) -> str:
    """Why a text that begins like JSON is none."""
    at = error.pos if isinstance(error, json.JSONDecodeError) else start
    unfinished = isinstance(error, json.JSONDecodeError) and error.msg.startswith("Unterminated")
    if unfinished or _CUT_OFF.fullmatch(text, at):
        return "this JSON is cut off: the file ends before the plan does (make the plan again)"
    return _not_shown(text, at) if _LIKE_JSON.search(text) else text


def _not_shown(text: str, at: int = 0) -> str:
    line = text.count("\n", 0, at) + 1
    where = f" (line {line}, character {at - text.rfind(chr(10), 0, at)})" if at else ""
    return f"this is not valid JSON{where}; the text is not shown, because plans contain secrets"


def too_deep(value: Any) -> bool:
    """True if a JSON value is nested deeper than readers of it may recurse."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [inner for one in level for inner in _inside(one)]
        if not level:
            return False
    return True


def _inside(value: Any) -> list[Any]:
    """The lists and mappings directly in a value."""
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [one for one in inside if isinstance(one, dict | list)]
