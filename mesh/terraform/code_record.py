"""Hashes of the blocks of a stack's Terraform code; a later checkout finds the changed blocks with them.

A record holds addresses and hashes, never values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any, NamedTuple

_NAMED = 5  # the blocks that a message names
_HASH = 16  # characters of a hash, which need not withstand an attack
_COMMIT_FIELD = "git_commit"  # of sources, tags and parameters
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


class BlockHash(NamedTuple):
    """The hashes of a block.

    Args:
        whole: the hash of the block.
        without_commit: the hash of the block without the git commit that it names.
    """

    whole: str
    without_commit: str


def block_hashes(code: Mapping[str, Any]) -> dict[str, BlockHash]:
    """The hashes of all blocks of a stack's synthesized code, by address.

    Args:
        code: the content of `cdk.tf.json`.
    """
    return {address: _hashes(block) for address, block in _blocks(code)}


def difference(planned: Mapping[str, BlockHash], now: Mapping[str, BlockHash]) -> str:
    """The addresses of the blocks that differ, as text; "" if all blocks are equal.

    Args:
        planned: the blocks of the planned code.
        now: the blocks of the code of this checkout.
    """
    reasons = {
        address: _reason(planned.get(address), now.get(address))
        for address in sorted({**planned, **now})
        if planned.get(address) != now.get(address)
    }
    # a block that only names another commit says the least
    ordered = sorted(reasons.items(), key=lambda one: one[1] == _ONLY_COMMIT)
    named = [f"{address} ({reason})" if reason else address for address, reason in ordered[:_NAMED]]
    more = len(ordered) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")


_ONLY_COMMIT = "only its git commit"


def _reason(planned: BlockHash | None, now: BlockHash | None) -> str:
    """Why a block differs; "" if its content differs."""
    if planned is None:
        return "not in the plan"
    if now is None:
        return "no longer declared"
    return _ONLY_COMMIT if planned.without_commit == now.without_commit else ""


def _blocks(code: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The blocks, with their addresses."""
    for kind, content in code.items():
        if kind in ("resource", "data"):
            prefix = "data." if kind == "data" else ""
            for type, named in content.items():
                yield from ((f"{prefix}{type}.{name}", block) for name, block in named.items())
        elif kind == "moved":
            yield from ((f"moved to {move['to']}", move) for move in content)
        elif kind == "//":
            yield "metadata", content
        elif isinstance(content, Mapping):
            yield from ((f"{kind}.{name}", block) for name, block in content.items())
        else:
            yield kind, content


def _hashes(block: Any) -> BlockHash:
    text = json.dumps(block, sort_keys=True)
    without = text
    for commit in set(_commits(block)):
        without = without.replace(commit, "")
    return BlockHash(_hash(text), _hash(without))


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:_HASH]


def _commits(value: Any) -> Iterator[str]:
    """The git commits that a block names, in its source, tags and parameters."""
    if isinstance(value, list):
        for one in value:
            yield from _commits(one)
    elif isinstance(value, Mapping):
        named = value.get("default") if value.get("name") == _COMMIT_FIELD else value.get(_COMMIT_FIELD)
        if isinstance(named, str) and _COMMIT.fullmatch(named):
            yield named
        for one in value.values():
            yield from _commits(one)
