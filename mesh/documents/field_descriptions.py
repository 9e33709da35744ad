"""What fields mean, in a few words for editors."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).parent / "fields" / "descriptions.yml"


def sections() -> list[tuple[tuple[str, ...], Mapping[str, str]]]:
    """The blocks of each section of the file, and its texts by the fields that they are about."""
    read = yaml.load(_FILE.read_text("utf-8"), yaml.CSafeLoader)
    return [(tuple(blocks.split(", ")), texts) for blocks, texts in read.items()]


@cache
def words() -> Mapping[tuple[str, str], str]:
    """The description of each field, by its block (`provider_fields.Shape.block`) and name.

    Only JSON Schemas ask for it, so that no other command reads the file.
    """
    return {
        (block, field): text
        for blocks, texts in sections()
        for block in blocks
        for field, text in texts.items()
    }
