"""What of a plan nobody gets to see: what Terraform marks as sensitive, and what looks like a secret."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mesh.documents.secret import is_secret, named_like_secret

SENSITIVE = "(sensitive)"
UNKNOWN = "(known after apply)"
_SECRET = "(looks like a secret)"  # noqa: S105
_NOTHING: tuple[Any, ...] = (None, "", [], {})
# What tells the blocks of a list apart, whatever their order
_KEYS = ("task_key", "job_cluster_key", "environment_key", "principal", "name", "key")
_LONGEST = 200  # characters of a value in a list of differences


@dataclass(frozen=True)
class Marks:
    """What Terraform says of a value besides the value, in the value's own shape.

    Args:
        sensitive: True, or the marks of what lies in it.
        unknown: the same for what only the apply tells.
    """

    sensitive: Any = False
    unknown: Any = False

    def of(self, key: str | int) -> Marks:
        """The marks of what lies at `key`."""
        inside = self.sensitive
        # blocks may change places, so what is sensitive in one of a list is so in all
        within = _united(inside) if isinstance(inside, list) else _mark(inside, key)
        return Marks(within, _mark(self.unknown, key))


def sensitive(*marks: Any) -> Any:
    """What is sensitive at one time is so at all times: one value may tell another."""
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
        path: where it is, for example `task[load].max_retries`.
        before: its value as text; None where there was none.
        after: its value then; None where there will be none.
    """

    path: str
    before: str | None
    after: str | None


def masked(value: Any, marks: Marks) -> Any:
    """The value without what nobody gets to see; what only the apply tells says so."""
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
        return [masked(one, marks.of(index)) for index, one in enumerate(value)]
    if isinstance(value, str):
        inner = _json_in(value)
        if inner is not None:
            return json.dumps(masked(inner, Marks()), ensure_ascii=False)
        return _SECRET if is_secret(value) else value
    return value


def text_masked(text: str) -> str:
    """Text in which no line holds what looks like a secret; a private key goes on to its end."""
    lines: list[str] = []
    in_key = False
    for line in text.split("\n"):
        secret = in_key or is_secret(line)
        in_key = (in_key or "PRIVATE KEY-----" in line) and "-----END" not in line
        if not (secret and lines and lines[-1] == _SECRET):
            lines.append(_SECRET if secret else line)
    return "\n".join(lines)


def edits(before: Any, after: Any, were: Marks, will_be: Marks, path: str = "") -> Iterator[Edit]:
    """All that changes between two values, masked.

    Args:
        before: the value now.
        after: the value then.
        were: the marks of the value now.
        will_be: the marks of the value then.
        path: where they are.
    """
    if will_be.unknown is True:
        yield Edit(path, _text(masked(before, were)), UNKNOWN)
    elif were.sensitive is True or will_be.sensitive is True:
        if before != after:
            yield Edit(path, _hidden(before), _hidden(after))
    elif _mapping(before) and _mapping(after) and (before or after or will_be.unknown):
        yield from _in_mappings(before or {}, after or {}, were, will_be, path)
    elif isinstance(before, list | None) and isinstance(after, list | None):
        yield from _in_lists(before or [], after or [], were, will_be, path)
    elif before != after and not (before in _NOTHING and after in _NOTHING):
        old, new = _json_in(before), _json_in(after)
        if old is not None and new is not None:
            yield from edits(old, new, Marks(), Marks(), path)
            return
        shown = _text(masked(before, were)), _text(masked(after, will_be))
        yield Edit(path, *shown)


def _in_mappings(
    before: Mapping[str, Any], after: Mapping[str, Any], were: Marks, will_be: Marks, path: str
) -> Iterator[Edit]:
    later = will_be.unknown if isinstance(will_be.unknown, Mapping) else {}
    secret = _secret_fields(before) | _secret_fields(after)
    for key in {**before, **after, **{key: None for key, mark in later.items() if mark is True}}:
        old, new, at = before.get(key), after.get(key), f"{path}.{key}" if path else str(key)
        if key in secret and later.get(key) is not True:
            if old != new:
                yield Edit(at, _hidden(old), _hidden(new))
            continue
        yield from edits(old, new, were.of(key), will_be.of(key), at)


def _in_lists(
    before: Sequence[Any], after: Sequence[Any], were: Marks, will_be: Marks, path: str
) -> Iterator[Edit]:
    key = _key(before, after)
    if key is None and any(isinstance(one, Mapping) for one in (*before, *after)):
        for index in range(max(len(before), len(after))):
            old = before[index] if index < len(before) else None
            new = after[index] if index < len(after) else None
            at = path if max(len(before), len(after)) == 1 else f"{path}[{index}]"
            yield from edits(old, new, were.of(index), will_be.of(index), at)
    elif key is None:
        if sorted(map(str, before)) != sorted(map(str, after)):
            old_text, new_text = masked(list(before), were), masked(list(after), will_be)
            yield Edit(path, _text(old_text), _text(new_text))
    else:
        olds = {one[key]: index for index, one in enumerate(before)}
        news = {one[key]: index for index, one in enumerate(after)}
        for name in {**olds, **news}:
            first, last = olds.get(name), news.get(name)
            at = f"{path}[{name}]"
            found = list(
                edits(
                    None if first is None else before[first],
                    None if last is None else after[last],
                    Marks() if first is None else were.of(first),
                    Marks() if last is None else will_be.of(last),
                    at,
                )
            )
            # the path says what tells the block apart
            yield from [one for one in found if one.path != f"{at}.{key}"] or found


def _key(before: Sequence[Any], after: Sequence[Any]) -> str | None:
    """The field that tells all blocks of two lists apart; None where there is none."""
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
    """The fields whose names say that only their owner should know what they hold."""
    found = {key for key in value if _like_secret(key) and not isinstance(value[key], Mapping | list | bool)}
    # a block that names something and says its value
    if any(isinstance(value.get(key), str) and _like_secret(value[key]) for key in ("name", "key")):
        found |= {"default", "value"} & value.keys()
    # a rule of a cluster policy, below the path of what it rules
    return found | {
        key
        for key in value
        if _like_secret(key) and isinstance(value[key], Mapping) and value[key].keys() & {"value", "type"}
    }


def _like_secret(name: str) -> bool:
    return named_like_secret(str(name).replace(".", "_"))


def _json_in(value: Any) -> dict[str, Any] | None:
    """The mapping that a text holds as JSON, as the definition of a cluster policy."""
    if not (isinstance(value, str) and value.startswith("{")):
        return None
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _hidden(value: Any) -> str | None:
    return None if value in _NOTHING else SENSITIVE


def _text(value: Any) -> str | None:
    """A value on its way into a list of differences."""
    if value in _NOTHING:
        return None
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    if len(text) > _LONGEST:
        return f"{text[:_LONGEST]}… ({len(text):,} characters)"
    return text
