"""Short descriptions of the provider's fields, for editors."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).parent / "fields" / "descriptions.yml"


def sections() -> list[tuple[tuple[str, ...], Mapping[str, str]]]:
    """The blocks of each section of the file, and its texts by field."""
    read = yaml.load(_FILE.read_text("utf-8"), yaml.CSafeLoader)
    return [(tuple(blocks.split(", ")), texts) for blocks, texts in read.items()]


@cache
def descriptions() -> Mapping[tuple[str, str], str]:
    """The description of each field, by its block (`provider_fields.Shape.block`) and name.

    Only JSON Schemas need them, so other commands do not read the file.
    """
    return {
        (block, field): text
        for blocks, texts in sections()
        for block in blocks
        for field, text in texts.items()
    }
