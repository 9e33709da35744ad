"""Masks the values of a plan that Terraform marks as sensitive or that look like a secret."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mesh.documents.named_secret import is_rule, names_its_secret, refers_to_value, secret_arguments
from mesh.documents.secret import is_secret, named_like_secret
from mesh.documents.secret_text import SECRET
from mesh.review.plan_text import too_deep

SENSITIVE = "(sensitive)"
UNKNOWN = "(known after apply)"
_DEEP = "(nested too deep to show)"
_UNREADABLE: dict[str, Any] = {_DEEP: None}  # JSON that Python cannot read, for its depth
_NOTHING: tuple[Any, ...] = (None, "", [], {})
_UNSET: tuple[Any, ...] = (None, False, 0)
# The fields that identify the blocks of a list, whatever their order
_KEYS = ("task_key", "job_cluster_key", "environment_key", "principal", "name", "key")
_PASSWORD = re.compile("pass(?:word|wd|phrase)", re.IGNORECASE)
_MAX_LENGTH = 200  # characters of a value in the diff


@dataclass(frozen=True)
class Marks:
    """Terraform's marks on a value, in the shape of the value.

    Args:
        sensitive: True, or the marks of the values inside.
        unknown: True where only the apply sets the value, or the marks of the values inside.
    """

    sensitive: Any = False
    unknown: Any = False

    def of(self, key: str | int) -> Marks:
        """Terraform's marks on the nested value at `key`."""
        inside = self.sensitive
        # blocks may change their order, so a mark on one block of a list holds for all of them
        within = _united(inside) if isinstance(inside, list) else _mark(inside, key)
        return Marks(within, _mark(self.unknown, key))


def sensitive(*marks: Any) -> Any:
    """Merges marks: a value that is sensitive before or after a change is masked on both sides."""
    return _united(marks)


def _united(marks: Sequence[Any]) -> Any:
    if any(mark is True for mark in marks):
        return True
    blocks = [mark for mark in marks if isinstance(mark, Mapping)]
    if blocks:
        keys = {key for mark in blocks for key in mark}
        return {key: _united([mark.get(key, False) for mark in blocks]) for key in keys}
    return [one for mark in marks if isinstance(mark, list) for one in mark] or False


@dataclass(frozen=True)
class Edit:
    """One attribute that changes.

    Args:
        path: its path, for example `task[load].max_retries`.
        before: the value before the change as text; None where it is not set.
        after: the value after the change as text; None where it is removed.
    """

    path: str
    before: str | None
    after: str | None


def masked(value: Any, marks: Marks) -> Any:
    """The value with sensitive parts masked, and with UNKNOWN for values that only the apply sets."""
    if marks.sensitive is True:
        return SENSITIVE
    if marks.unknown is True:
        return UNKNOWN
    if isinstance(value, Mapping):
        later = marks.unknown if isinstance(marks.unknown, Mapping) else {}
        secret = _secret_fields(value)
        return {
            key: SENSITIVE if key in secret and value.get(key) else masked(value.get(key), marks.of(key))
            for key in {**value, **{key: None for key, mark in later.items() if mark is True}}
        }
    if isinstance(value, list):
        secrets = set(secret_arguments(value))
        return [
            SENSITIVE if index in secrets else masked(one, marks.of(index)) for index, one in enumerate(value)
        ]
    return _text_value(value) if isinstance(value, str) else value


def _text_value(value: str) -> str:
    """A text with secrets masked, also in the JSON that it contains."""
    inner = json_value_in(value)
    if inner is None:
        return SECRET if is_secret(value) or names_its_secret(value) else value
    if inner is _UNREADABLE or too_deep(inner):
        return _DEEP
    hidden = masked(inner, Marks())
    return value if hidden == inner else json.dumps(hidden, ensure_ascii=False)


def edits(
    before: Any, after: Any, old_marks: Marks, new_marks: Marks, path: str = "", moved: bool = False
) -> Iterator[Edit]:
    """All differences between two values, masked.

    Args:
        before: the value before the change.
        after: the value after the change.
        old_marks: the marks of `before`.
        new_marks: the marks of `after`.
        path: the path of both values.
        moved: True inside a block that has another place in its list. There, the plan has null where false
            or 0 was read, which mean the same (seen with `task` of jobs).
    """
    if new_marks.unknown is True:
        yield Edit(path, _text(masked(before, old_marks)), UNKNOWN)
    elif old_marks.sensitive is True or new_marks.sensitive is True:
        if before != after:
            yield Edit(path, _hidden(before), _hidden(after))
    elif _mapping(before) and _mapping(after) and (before or after or new_marks.unknown):
        yield from _in_mappings(before or {}, after or {}, old_marks, new_marks, path, moved)
    elif isinstance(before, list | None) and isinstance(after, list | None):
        yield from _in_lists(before or [], after or [], old_marks, new_marks, path, moved)
    elif before != after and not _are_nothing(before, after, moved):
        old, new = json_in(before), json_in(after)
        if old is not None and new is not None and not too_deep([old, new]):
            yield from edits(old, new, Marks(), Marks(), path)
            return
        yield Edit(path, _text(masked(before, old_marks)), _text(masked(after, new_marks)))


def _are_nothing(before: Any, after: Any, moved: bool) -> bool:
    """True for two values that both mean that nothing is set."""
    if before in _NOTHING and after in _NOTHING:
        return True
    return moved and any(one is None for one in (before, after)) and before in _UNSET and after in _UNSET


def _in_mappings(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    old_marks: Marks,
    new_marks: Marks,
    path: str,
    moved: bool,
) -> Iterator[Edit]:
    later = new_marks.unknown if isinstance(new_marks.unknown, Mapping) else {}
    secret = _secret_fields(before) | _secret_fields(after)
    for key in {**before, **after, **{key: None for key, mark in later.items() if mark is True}}:
        old, new, at = before.get(key), after.get(key), f"{path}.{key}" if path else str(key)
        if key in secret and later.get(key) is not True:
            if old != new:
                yield Edit(at, _hidden(old), _hidden(new))
            continue
        yield from edits(old, new, old_marks.of(key), new_marks.of(key), at, moved)


def _in_lists(
    before: Sequence[Any],
    after: Sequence[Any],
    old_marks: Marks,
    new_marks: Marks,
    path: str,
    moved: bool,
) -> Iterator[Edit]:
    key = _key(before, after)
    if key is None and any(isinstance(one, Mapping) for one in (*before, *after)):
        for index in range(max(len(before), len(after))):
            old = before[index] if index < len(before) else None
            new = after[index] if index < len(after) else None
            at = path if max(len(before), len(after)) == 1 else f"{path}[{index}]"
            yield from edits(old, new, old_marks.of(index), new_marks.of(index), at, moved)
    elif key is None:
        if sorted(map(str, before)) != sorted(map(str, after)):
            old_text, new_text = masked(list(before), old_marks), masked(list(after), new_marks)
            yield Edit(path, _text(old_text), _text(new_text))
    else:
        olds = {one[key]: index for index, one in enumerate(before)}
        news = {one[key]: index for index, one in enumerate(after)}
        for name in {**olds, **news}:
            first, last = olds.get(name), news.get(name)
            marks = (
                Marks() if first is None else old_marks.of(first),
                Marks() if last is None else new_marks.of(last),
            )
            at = f"{path}[{masked(name, Marks(sensitive(*(one.of(key).sensitive for one in marks))))}]"
            differences = list(
                edits(
                    None if first is None else before[first],
                    None if last is None else after[last],
                    *marks,
                    at,
                    moved or (first is not None and last is not None and first != last),
                )
            )
            # the path contains the key already
            yield from [one for one in differences if one.path != f"{at}.{key}"] or differences


def _key(before: Sequence[Any], after: Sequence[Any]) -> str | None:
    """The field that identifies every block of both lists; None where there is none."""
    for key in _KEYS:
        if all(
            all(isinstance(one, Mapping) and isinstance(one.get(key), str) for one in blocks)
            and len({one[key] for one in blocks}) == len(blocks)
            for blocks in (before, after)
        ) and (before or after):
            return key
    return None


def _mark(marks: Any, key: str | int) -> Any:
    if isinstance(marks, Mapping):
        return marks.get(key, False)
    if isinstance(marks, list) and isinstance(key, int) and key < len(marks):
        return marks[key]
    return False


def _mapping(value: Any) -> bool:
    return value is None or isinstance(value, Mapping)


def _secret_fields(value: Mapping[str, Any]) -> set[str]:
    """The fields whose names suggest a secret."""
    fields = {key for key in value if named_like_secret(str(key)) and _holds_secret(value[key])}
    # a block with a name and a value, such as a parameter
    if any(isinstance(value.get(key), str) and named_like_secret(value[key]) for key in ("name", "key")):
        fields |= {key for key in ("default", "value") if key in value and _holds_secret(value[key])}
    return fields | {
        key
        for key, inner in value.items()
        if named_like_secret(str(key)) and (is_rule(inner) or _is_password(str(key), inner))
    }


def _is_password(key: str, value: Any) -> bool:
    """True for a block or blocks below the name of a password; `secret` may be a block that names one."""
    blocks = value if isinstance(value, list) else [value]
    return _PASSWORD.search(key) is not None and any(isinstance(one, Mapping) and one for one in blocks)


def _holds_secret(value: Any) -> bool:
    """True for a value or a list of values; a reference to a secret of Databricks is none."""
    if isinstance(value, list):
        return bool(value) and not any(isinstance(one, Mapping | list) for one in value)
    return not isinstance(value, Mapping | bool) and not (isinstance(value, str) and refers_to_value(value))


def json_in(value: Any) -> dict[str, Any] | None:
    """The mapping in a JSON text, such as the definition of a cluster policy."""
    content = json_value_in(value)
    return content if isinstance(content, dict) else None


def json_value_in(value: Any) -> dict[str, Any] | list[Any] | None:
    """The mapping or list in a JSON text."""
    if not (isinstance(value, str) and value.lstrip().startswith(("{", "["))):
        return None
    try:
        content: dict[str, Any] | list[Any] = json.loads(value)
    except RecursionError:
        return _UNREADABLE
    except ValueError:
        return None
    return content


def _hidden(value: Any) -> str | None:
    return None if value in _NOTHING else SENSITIVE


def _text(value: Any) -> str | None:
    """A value as text for the diff; long values are cut."""
    if value in _NOTHING:
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    if len(text) > _MAX_LENGTH:
        return f"{text[:_MAX_LENGTH]}… ({len(text):,} characters)"
    return text
