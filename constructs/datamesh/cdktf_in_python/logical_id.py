"""The Terraform name of an element that does not choose one.

Source: `makeUniqueId` of cdktf: the ids of the constructs from the stack to the element, and a hash of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from hashlib import md5

_LONGEST = 240
_LONGEST_SINGLE = 255


def logical_id(ids: Sequence[str]) -> str:
    """The name of an element.

    Args:
        ids: the ids of the constructs below the stack, the element's own last.
    """
    counted = [id for id in ids if id != "Default"]
    if len(counted) == 1 and len(_allowed(counted[0])) <= _LONGEST_SINGLE:
        return _allowed(counted[0])
    digest = md5("/".join(counted).encode(), usedforsecurity=False).hexdigest()[:8].upper()
    words = "_".join(_allowed(id) for id in _without_repetitions(counted) if id != "Resource")
    return f"{words[:_LONGEST]}_{digest}"


def _without_repetitions(ids: Sequence[str]) -> Iterator[str]:
    """The ids without those with which the one before ends."""
    last = None
    for id in ids:
        if last is None or not last.endswith(id):
            last = id
            yield id


def _allowed(id: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]", "", id)
